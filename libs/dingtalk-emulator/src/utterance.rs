//! What a person says, and where; the input of [`Emulator::utter`](crate::Emulator::utter).

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::content::{Audio, Card, ChatRecord, Content, Part};
use crate::id::{ConversationId, MessageId, RobotCode};
use crate::media::Media;
use crate::platform::Fate;

/// Something that a person sends to a conversation.
///
/// ```
/// use dingtalk_emulator::Utterance;
/// let question = Utterance::text("林小满", "预算是多少？").in_group("项目讨论群").mentioning_bot();
/// # assert_eq!(question.from, "林小满");
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to Emulator::utter"]
#[non_exhaustive]
pub struct Utterance {
    /// The person, by id or name.
    pub from: String,
    /// Where it is said.
    pub place: Place,
    /// What is said.
    pub content: Content,
    /// Whom it mentions, in this order. In a group only mentioned bots get to see it (I5).
    pub mentions: Vec<Mention>,
    /// The message that it quotes, of anybody in the same conversation.
    pub quotes: Option<MessageId>,
    /// Top-level fields of `data` that replace or complete the synthesised ones; `null` removes a field.
    pub fields: Map<String, Value>,
    /// `msgId`; a fresh one unless given.
    pub message: Option<MessageId>,
}

impl Utterance {
    /// A text to the first application's bot, in private.
    pub fn text(from: &str, text: &str) -> Self {
        Self::of(from, Content::Text(text.to_owned()))
    }

    /// Text and pictures: an array of nodes as in protocol reference §3.3.
    pub fn rich_text(from: &str, nodes: Value) -> Self {
        Self::of(from, Content::RichText(nodes))
    }

    /// A rich text of parts: several pictures, an @, a skill.
    pub fn parts(from: &str, parts: impl IntoIterator<Item = Part>) -> Self {
        Self::of(from, Content::Parts(parts.into_iter().collect()))
    }

    /// A picture.
    pub fn picture(from: &str, media: Media) -> Self {
        Self::of(from, Content::Picture(media))
    }

    /// A voice message.
    pub fn audio(from: &str, audio: Audio) -> Self {
        Self::of(from, Content::Audio(audio))
    }

    /// A video.
    pub fn video(from: &str, media: Media, duration: Duration) -> Self {
        Self::of(from, Content::Video { media, duration })
    }

    /// A file. In a group it lands in the group's space, and no bot hears of it (I6).
    pub fn file(from: &str, media: Media) -> Self {
        Self::of(
            from,
            Content::File {
                media,
                by_api: false,
            },
        )
    }

    /// A file that was sent through an API: without a download code.
    pub fn file_by_api(from: &str, media: Media) -> Self {
        Self::of(
            from,
            Content::File {
                media,
                by_api: true,
            },
        )
    }

    /// Markdown that was sent through an API in a person's name.
    pub fn markdown(from: &str, title: &str, text: &str) -> Self {
        let (title, text) = (title.to_owned(), text.to_owned());
        Self::of(from, Content::Markdown { title, text })
    }

    /// An action card with the addresses of its buttons.
    pub fn action_card(from: &str, title: &str, text: &str, links: &[&str]) -> Self {
        Self::of(
            from,
            Content::ActionCard {
                title: title.to_owned(),
                text: text.to_owned(),
                links: links.iter().map(|&link| link.to_owned()).collect(),
            },
        )
    }

    /// An interactive card.
    pub fn card(from: &str, card: Card) -> Self {
        Self::of(from, Content::Card(card))
    }

    /// Several messages forwarded as one.
    pub fn chat_record(from: &str, record: ChatRecord) -> Self {
        Self::of(from, Content::ChatRecord(record))
    }

    /// Forwards messages that stand on the screen as one record.
    pub fn forward(from: &str, messages: impl IntoIterator<Item = MessageId>) -> Self {
        Self::of(from, Content::Forward(messages.into_iter().collect()))
    }

    /// A text under `msgtype` `reply`, as some client versions send a text with a quote.
    pub fn reply(from: &str, text: &str) -> Self {
        Self::of(from, Content::Reply(text.to_owned()))
    }

    /// Something that bots cannot see: a sticker, a place, a business card.
    pub fn unknown(from: &str) -> Self {
        Self::of(from, Content::Unknown)
    }

    /// Any other `msgtype` with its `content`, known to the platform or not.
    pub fn other(from: &str, kind: &str, content: Value) -> Self {
        Self::of(
            from,
            Content::Other {
                kind: kind.to_owned(),
                content,
            },
        )
    }

    /// What arrives when the monthly quota is used up: code 20001 and no text (protocol reference §3.2), spelt as
    /// [`Settings::quota_spelling`](crate::Settings::quota_spelling) says.
    pub fn over_quota(from: &str) -> Self {
        Self::of(from, Content::OverQuota)
    }

    /// Any content.
    pub fn of(from: &str, content: Content) -> Self {
        Self {
            from: from.to_owned(),
            place: Place::Direct(None),
            content,
            mentions: Vec::new(),
            quotes: None,
            fields: Map::new(),
            message: None,
        }
    }

    /// Says it to this bot in private.
    pub fn to_bot(mut self, robot: &RobotCode) -> Self {
        self.place = Place::Direct(Some(robot.clone()));
        self
    }

    /// Says it in a group, given by conversation id or title.
    pub fn in_group(mut self, group: &str) -> Self {
        self.place = Place::Group(group.to_owned());
        self
    }

    /// Mentions the first application's bot.
    pub fn mentioning_bot(mut self) -> Self {
        self.mentions.push(Mention::FirstBot);
        self
    }

    /// Mentions somebody; may be called several times.
    pub fn mentioning(mut self, whom: Mention) -> Self {
        self.mentions.push(whom);
        self
    }

    /// Quotes a message that stands on the screen of the same conversation, a person's or a bot's.
    pub fn quoting(mut self, message: &MessageId) -> Self {
        self.quotes = Some(message.clone());
        self
    }

    /// Sets a top-level field of `data`; `null` removes it.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Uses this `msgId`.
    pub fn message_id(mut self, id: impl Into<MessageId>) -> Self {
        self.message = Some(id.into());
        self
    }
}

/// Where something is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In private to a bot; to the first application's when none is given.
    Direct(Option<RobotCode>),
    /// In a group, by conversation id or title.
    Group(String),
}

/// Whom a message in a group mentions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mention {
    /// The bot of the first application.
    FirstBot,
    /// A bot.
    Bot(RobotCode),
    /// A person, by id or name.
    Person(String),
    /// «@所有人», which reaches no bot.
    Everybody,
}

/// What became of an [`Utterance`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Said {
    /// `msgId`, the same for all bots (S21).
    pub message: MessageId,
    /// Where it was said.
    pub conversation: ConversationId,
    /// One for each bot that was to see it; empty for a group message without a mention.
    pub deliveries: Vec<Delivery>,
}

impl Said {
    /// Whether every bot that was to see it has it on a live connection.
    pub fn is_pushed(&self) -> bool {
        !self.deliveries.is_empty()
            && self
                .deliveries
                .iter()
                .all(|delivery| delivery.fate == Fate::Pushed)
    }
}

/// A push of a message to one bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Delivery {
    /// The bot.
    pub robot: RobotCode,
    /// What became of it.
    pub fate: Fate,
}
