//! What people write and what they get back, in the engine's own words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::attachment::{Attachment, OutboundAttachment};
use crate::draft::Draft;
use crate::id::{AccountId, AgentId, CardId, ChannelId, ConversationId, MessageId, PersonId};
use crate::inquiry::InquiryCard;
use crate::ports::Thinking;
use crate::quote::Quote;
use crate::schedule::Scheduled;
use crate::text::{readable, truncate};
use crate::time::Timestamp;

/// One message from a person, translated from the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The platform that it came from.
    pub channel: ChannelId,
    /// The bot that was written to.
    pub account: AccountId,
    /// The platform's id; with channel and account the key against doubles.
    pub id: MessageId,
    /// The chat.
    pub conversation: Conversation,
    /// Who wrote it.
    pub sender: Sender,
    /// The content, in the order in which it was written.
    pub parts: Vec<Part>,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// When the platform says it was written.
    pub sent_at: Timestamp,
    /// What the channel needs to answer it.
    pub reply_route: ReplyRoute,
    /// Whether it mentions people besides the bot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mentions_people: bool,
    /// The one agent that this copy of the message is for, where several were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressed: Option<AgentId>,
    /// The job that it comes from, where no person has written it just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Scheduled>,
}

impl InboundMessage {
    /// What it is known by in the inbox, together with channel and account: the platform's id, and the agent where
    /// several were asked.
    pub fn key(&self) -> String {
        match &self.addressed {
            Some(agent) => format!("{}@{agent}", self.id),
            None => self.id.to_string(),
        }
    }

    /// What the person said: typed text, placeholders, and what was understood of recordings; trimmed.
    pub fn text(&self) -> String {
        text_of(&self.parts)
    }

    /// What came with it, in order.
    pub fn attachments(&self) -> impl Iterator<Item = &Attachment> {
        attachments_of(&self.parts)
    }

    /// Whether there is nothing in it that could be answered.
    pub fn is_empty(&self) -> bool {
        self.quote.is_none() && self.attachments().next().is_none() && self.text().is_empty()
    }

    /// The text as an agent should read it: in a group, with the name of who speaks before it; of a job, with its name.
    pub fn attributed_text(&self) -> String {
        let text = self.text();
        if let Some(Scheduled { name, due, .. }) = &self.scheduled {
            return format!("[scheduled: {name}, {due}]\n{text}");
        }
        match self.conversation.kind {
            ConversationKind::Direct => text,
            ConversationKind::Group => {
                // A name is what its bearer made it; it must not look like a line of somebody else.
                let name = readable(&self.sender.name).replace(['\n', '\t'], " ");
                format!("{}: {text}", truncate(name.trim(), LONGEST_NAME))
            }
        }
    }
}

/// No name needs more characters to be told from others.
const LONGEST_NAME: usize = 40;

/// A chat between people and one bot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conversation {
    /// The platform's id.
    pub id: ConversationId,
    /// Whether one person or a group writes here.
    pub kind: ConversationKind,
    /// The name of a group.
    pub title: Option<String>,
}

/// Whether one person or a group writes in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// One person and the bot.
    Direct,
    /// Several people; the platform passes on only what mentions the bot.
    Group,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The id that allowlists and replies use.
    pub id: PersonId,
    /// The name as the platform shows it.
    pub name: String,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// What was typed.
    Text {
        /// The text as it was written.
        text: String,
    },
    /// What others wrote and the person has passed on: a record of a chat, a card. Not the person's own words.
    Forwarded {
        /// The text as it was passed on.
        text: String,
    },
    /// Something to look at, to listen to or to read.
    Attachment(Attachment),
    /// Something that cannot be read, made visible instead of lost.
    Placeholder {
        /// The platform's name of the kind, such as `picture`.
        kind: String,
        /// What the agent and the person see in its place.
        text: String,
    },
}

impl Part {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text } | Self::Forwarded { text } | Self::Placeholder { text, .. } => {
                Some(text)
            }
            Self::Attachment(attachment) => attachment.transcript.as_deref(),
        }
    }
}

/// What is said in parts of a message, trimmed.
pub fn text_of(parts: &[Part]) -> String {
    let parts: Vec<&str> = parts.iter().filter_map(Part::text).collect();
    parts.join("\n").trim().to_owned()
}

/// What there is besides text in parts of a message, in order.
pub fn attachments_of(parts: &[Part]) -> impl Iterator<Item = &Attachment> {
    parts.iter().filter_map(|part| match part {
        Part::Attachment(attachment) => Some(attachment),
        Part::Text { .. } | Part::Forwarded { .. } | Part::Placeholder { .. } => None,
    })
}

/// How a channel finds the way back to a chat: opaque to the engine, stored with the message.
///
/// May hold a secret (DingTalk's session webhook), so `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReplyRoute(String);

impl ReplyRoute {
    /// Wraps what only the channel understands.
    pub fn new(opaque: impl Into<String>) -> Self {
        Self(opaque.into())
    }

    /// What the channel wrapped. For the channel and for storage, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ReplyRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReplyRoute(<redacted>)")
    }
}

/// One message to a chat; a long answer is several of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundMessage {
    /// Where it goes.
    pub destination: Destination,
    /// The message that it answers.
    pub in_reply_to: MessageId,
    /// Its place among the parts of one answer, from 1.
    pub part: u32,
    /// How many parts the answer has.
    pub parts: u32,
    /// How the body is to be read.
    pub format: Format,
    /// What lists and notifications show; never empty.
    pub title: String,
    /// The content; says what the file is when one goes out.
    pub body: String,
    /// A file that is sent in place of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<OutboundAttachment>,
    /// The card that this message ends; the body is then common markdown, which the channel renders for whichever way it
    /// takes: the card, or a message when there is no card after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<FinalCard>,
    /// What an agent asks with it; the body says it in words, for ways without buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<Box<InquiryCard>>,
}

/// The end of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalCard {
    /// Which card.
    pub id: CardId,
    /// How it ends.
    pub ending: Ending,
    /// What was thought, done and said; its answer is the body of the message.
    pub draft: Draft,
    /// What the line at the foot tells.
    #[serde(default)]
    pub footer: Footer,
    /// The pictures that stand in the body, by the marks of [`crate::reply::pieces`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<OutboundAttachment>,
}

/// How a card ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The answer is complete.
    Done,
    /// The person has stopped it.
    Stopped,
    /// Something went wrong; the text says what.
    Failed,
    /// What was awaited on it is said elsewhere: it is taken away, as far as the platform allows.
    Withdrawn,
}

/// What the line at the foot of a card can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Footer {
    /// Who answered.
    pub agent: Option<AgentId>,
    /// Which model answered, as the configuration names it, when the agent told.
    pub model: Option<String>,
    /// How hard it was told to think, when it was told.
    pub effort: Option<Thinking>,
    /// Milliseconds from the first second of the turn to its last.
    pub elapsed_ms: u64,
    /// Tokens read and written by the model.
    pub tokens: Option<(u64, u64)>,
}

/// A chat and the person in it who is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The platform.
    pub channel: ChannelId,
    /// The bot that speaks.
    pub account: AccountId,
    /// The chat.
    pub conversation: Conversation,
    /// Who asked; mentioned by the answer in a group.
    pub person: Sender,
    /// What the channel needs to answer there.
    pub reply_route: ReplyRoute,
    /// Whether only the person may see it, though others are in the chat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// How the body of an outbound message is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As it stands.
    Text,
    /// Markdown, as [`crate::ports::Channel::render`] wrote it for the platform.
    #[default]
    Markdown,
}
