//! What can be said: the content of an [`Utterance`](crate::Utterance), kind by kind (protocol reference §3.3).

use std::time::Duration;

use serde_json::Value;

use crate::id::MessageId;
use crate::media::Media;

/// What is said.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// `msgtype` `text`.
    Text(String),
    /// `msgtype` `richText` as an array of nodes, exactly as they go over the wire.
    RichText(Value),
    /// `msgtype` `richText` of parts, whose pictures can be downloaded.
    Parts(Vec<Part>),
    /// `msgtype` `picture`; in a group it comes as `richText` (I6).
    Picture(Media),
    /// `msgtype` `audio`.
    Audio(Audio),
    /// `msgtype` `video`.
    Video {
        /// An MP4 file.
        media: Media,
        /// Its length.
        duration: Duration,
    },
    /// `msgtype` `file`.
    File {
        /// The file.
        media: Media,
        /// Sent through an API instead of by hand: without a download code, with `dentryId`, type and size.
        by_api: bool,
    },
    /// `msgtype` `markdown`: sent through an API in a person's name.
    Markdown {
        /// Title.
        title: String,
        /// Markdown.
        text: String,
    },
    /// `msgtype` `actionCard`.
    ActionCard {
        /// Title.
        title: String,
        /// Markdown.
        text: String,
        /// `actionUrl` of each button.
        links: Vec<String>,
    },
    /// `msgtype` `interactiveCard`.
    Card(Card),
    /// `msgtype` `chatRecord`: several messages forwarded as one.
    ChatRecord(ChatRecord),
    /// A [`ChatRecord`](Self::ChatRecord) of messages that stand on the screen, from any conversation of the person.
    Forward(Vec<MessageId>),
    /// `msgtype` `reply`, in whose place most client versions send `text`. Give it a quote.
    Reply(String),
    /// `msgtype` `unknownMsgType`: a sticker, a place, a business card, a red packet.
    Unknown,
    /// Any `msgtype`, with its `content`.
    Other {
        /// `msgtype`.
        kind: String,
        /// `content`, an object or a JSON string.
        content: Value,
    },
    /// No content at all, but code 20001.
    OverQuota,
}

/// A part of a rich text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// Text.
    Text(String),
    /// A picture.
    Picture(Media),
    /// An @ within the text: a person by id or name. It mentions nobody to bots, see [`Mention`](crate::Mention).
    At(String),
    /// A skill that was chosen in the input field.
    Skill {
        /// `skillId`.
        id: String,
        /// `displayName`.
        name: String,
        /// `iconUrl`.
        icon: Option<String>,
    },
}

/// A voice message.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// AMR on the real platform.
    pub media: Media,
    /// Its length; absent from the message when `None`.
    pub duration: Option<Duration>,
    /// What the platform's speech recognition has heard.
    pub recognition: Option<String>,
}

impl Audio {
    /// A voice message of unknown length in which nothing was recognised.
    pub fn new(media: Media) -> Self {
        Self {
            media,
            duration: None,
            recognition: None,
        }
    }

    /// Tells its length.
    #[must_use]
    pub fn lasting(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Tells what the platform's speech recognition has heard.
    #[must_use]
    pub fn heard(mut self, recognition: &str) -> Self {
        self.recognition = Some(recognition.to_owned());
        self
    }
}

/// A card that somebody shares.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Card {
    /// A document, by its address.
    Document {
        /// `biz_custom_action_url`.
        url: String,
    },
    /// A file in the drive, which this puts there; it can be downloaded with the drive's API only.
    DriveFile(Media),
    /// A card in which another bot mentions this one.
    OfBot {
        /// What follows the mention.
        text: String,
    },
}

/// Several messages, forwarded as one.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRecord {
    /// For example 「群聊的聊天记录」.
    pub title: String,
    /// The messages.
    pub entries: Vec<Entry>,
    /// How the entries go over the wire.
    pub shape: RecordShape,
}

impl ChatRecord {
    /// A record in the usual shape.
    pub fn new(title: &str, entries: impl IntoIterator<Item = Entry>) -> Self {
        Self {
            title: title.to_owned(),
            entries: entries.into_iter().collect(),
            shape: RecordShape::Text,
        }
    }

    /// Sends the entries in another shape.
    #[must_use]
    pub fn shaped(mut self, shape: RecordShape) -> Self {
        self.shape = shape;
        self
    }
}

/// How the entries of a chat record go over the wire; all three were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordShape {
    /// A JSON string, as usual.
    Text,
    /// An array.
    Array,
    /// `"[]"`: only the summary tells what was said.
    Empty,
}

/// A message in a chat record.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `senderName`.
    pub sender: String,
    /// What was said.
    pub said: Recorded,
}

impl Entry {
    /// A text.
    pub fn text(sender: &str, text: &str) -> Self {
        Self {
            sender: sender.to_owned(),
            said: Recorded::Text(text.to_owned()),
        }
    }

    /// A picture that can be downloaded.
    pub fn picture(sender: &str, media: Media) -> Self {
        Self {
            sender: sender.to_owned(),
            said: Recorded::Media {
                kind: "picture",
                media,
            },
        }
    }

    /// A message of which the platform tells nothing.
    pub fn erased(sender: &str) -> Self {
        Self {
            sender: sender.to_owned(),
            said: Recorded::Erased,
        }
    }
}

/// What was said in a chat record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Recorded {
    /// A text.
    Text(String),
    /// Something that can be downloaded.
    Media {
        /// `msgType`: `picture`, `audio`, `video` or `file`.
        kind: &'static str,
        /// The bytes.
        media: Media,
    },
    /// `{"msgType":"unknownMsgType"}` and nothing else.
    Erased,
}
