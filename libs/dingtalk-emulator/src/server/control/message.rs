//! What a person says, as the control API takes it: one shape for each kind, bytes in base64.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::content::{Audio, Card, ChatRecord, Content, Entry, Part, RecordShape, Recorded};
use crate::id::MessageId;
use crate::media::Media;
use crate::server::control::refused::Refused;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Message {
    Text {
        text: String,
    },
    Reply {
        text: String,
    },
    Picture(File),
    File(File),
    FileByApi(File),
    DriveFile(File),
    #[serde(rename_all = "camelCase")]
    Audio {
        #[serde(flatten)]
        file: File,
        duration_ms: Option<u64>,
        recognition: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    Video {
        #[serde(flatten)]
        file: File,
        duration_ms: u64,
    },
    RichText {
        parts: Vec<Piece>,
    },
    Markdown {
        title: String,
        text: String,
    },
    ActionCard {
        title: String,
        text: String,
        #[serde(default)]
        links: Vec<String>,
    },
    Document {
        url: String,
    },
    CardOfBot {
        text: String,
    },
    ChatRecord {
        title: String,
        entries: Vec<Line>,
        #[serde(default)]
        shape: Shape,
    },
    Forward {
        messages: Vec<String>,
    },
    Unknown,
    OverQuota,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    file_name: String,
    /// Base64.
    bytes: String,
}

/// A part of a rich text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    Text {
        text: String,
    },
    At {
        at: String,
    },
    Skill {
        skill: String,
        name: String,
        icon: Option<String>,
    },
    Picture(File),
}

/// An entry of a record; with neither text nor bytes one that was erased.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    sender: String,
    text: Option<String>,
    #[serde(flatten)]
    file: Option<File>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Shape {
    #[default]
    Text,
    Array,
    Empty,
}

/// Any `kind` with its `content`, or the fields of a [`Message`].
pub(crate) fn content(mut message: Map<String, Value>) -> Result<Content, Refused> {
    let kind = message
        .entry("kind")
        .or_insert_with(|| "text".into())
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if let Some(content) = message.remove("content") {
        return Ok(Content::Other { kind, content });
    }
    let message: Message = serde_json::from_value(Value::Object(message))
        .map_err(|error| Refused::bad(&format!("no message of kind `{kind}`: {error}")))?;
    Ok(match message {
        Message::Text { text } => Content::Text(text),
        Message::Reply { text } => Content::Reply(text),
        Message::Picture(file) => Content::Picture(file.media()?),
        Message::File(file) => Content::File {
            media: file.media()?,
            by_api: false,
        },
        Message::FileByApi(file) => Content::File {
            media: file.media()?,
            by_api: true,
        },
        Message::DriveFile(file) => Content::Card(Card::DriveFile(file.media()?)),
        Message::Audio {
            file,
            duration_ms,
            recognition,
        } => Content::Audio(Audio {
            media: file.media()?,
            duration: duration_ms.map(Duration::from_millis),
            recognition,
        }),
        Message::Video { file, duration_ms } => Content::Video {
            media: file.media()?,
            duration: Duration::from_millis(duration_ms),
        },
        Message::RichText { parts } => Content::Parts(
            parts
                .into_iter()
                .map(Piece::part)
                .collect::<Result<_, _>>()?,
        ),
        Message::Markdown { title, text } => Content::Markdown { title, text },
        Message::ActionCard { title, text, links } => Content::ActionCard { title, text, links },
        Message::Document { url } => Content::Card(Card::Document { url }),
        Message::CardOfBot { text } => Content::Card(Card::OfBot { text }),
        Message::ChatRecord {
            title,
            entries,
            shape,
        } => {
            let entries: Vec<Entry> = entries
                .into_iter()
                .map(Line::entry)
                .collect::<Result<_, _>>()?;
            Content::ChatRecord(ChatRecord::new(&title, entries).shaped(shape.into()))
        }
        Message::Forward { messages } => {
            Content::Forward(messages.into_iter().map(MessageId::from).collect())
        }
        Message::Unknown => Content::Unknown,
        Message::OverQuota => Content::OverQuota,
    })
}

impl File {
    fn media(self) -> Result<Media, Refused> {
        let bytes = STANDARD
            .decode(&self.bytes)
            .map_err(|error| Refused::bad(&format!("`bytes` is not base64: {error}")))?;
        Ok(Media::new(&self.file_name, bytes))
    }
}

impl Piece {
    fn part(self) -> Result<Part, Refused> {
        Ok(match self {
            Self::Text { text } => Part::Text(text),
            Self::At { at } => Part::At(at),
            Self::Skill { skill, name, icon } => Part::Skill {
                id: skill,
                name,
                icon,
            },
            Self::Picture(file) => Part::Picture(file.media()?),
        })
    }
}

impl Line {
    fn entry(self) -> Result<Entry, Refused> {
        let said = match (self.text, self.file) {
            (Some(text), _) => Recorded::Text(text),
            (None, Some(file)) => {
                let media = file.media()?;
                let kind = match media.content_type().split('/').next() {
                    Some("image") => "picture",
                    Some("audio") => "audio",
                    Some("video") => "video",
                    _ => "file",
                };
                Recorded::Media { kind, media }
            }
            (None, None) => Recorded::Erased,
        };
        Ok(Entry {
            sender: self.sender,
            said,
        })
    }
}

impl From<Shape> for RecordShape {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Text => Self::Text,
            Shape::Array => Self::Array,
            Shape::Empty => Self::Empty,
        }
    }
}
