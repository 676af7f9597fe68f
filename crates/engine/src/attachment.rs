//! Files, pictures and recordings: as they come with a message, as they are kept, and as they go out with an answer.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::media_type::MediaType;

/// Something that came with a message and is not text. What it holds is still with the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What a person sees in the chat.
    pub kind: AttachmentKind,
    /// The name that the sender's file has. Anything can stand in it.
    #[serde(default)]
    pub name: Option<String>,
    /// Bytes, if the platform said so.
    #[serde(default)]
    pub size: Option<u64>,
    /// How long a recording is, in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// What is spoken in a recording, as the platform understood it.
    #[serde(default)]
    pub transcript: Option<String>,
    /// How the channel gets at the bytes.
    pub source: AttachmentSource,
}

/// What a person sees in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture.
    Picture,
    /// A recording of speech.
    Voice,
    /// A film.
    Video,
    /// Any other file.
    File,
}

impl AttachmentKind {
    /// A stable word, as agents and logs read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    /// The kind with such a [`Self::name`].
    pub fn named(name: &str) -> Option<Self> {
        [Self::Picture, Self::Voice, Self::Video, Self::File]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// How a channel gets at the bytes of an attachment: opaque to the engine, stored with the message.
///
/// May hold a secret (DingTalk's download code), so `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttachmentSource(String);

impl AttachmentSource {
    /// Wraps what only the channel understands.
    pub fn new(opaque: impl Into<String>) -> Self {
        Self(opaque.into())
    }

    /// What the channel wrapped. For the channel and for storage, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AttachmentSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AttachmentSource(<redacted>)")
    }
}

/// A file that the gateway keeps, named by what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeptFile {
    /// SHA-256 of the bytes, in small hexadecimal digits.
    pub hash: String,
    /// Bytes.
    pub size: u64,
    /// What the first bytes say it is.
    pub media_type: MediaType,
}

/// A file that goes out with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundAttachment {
    /// How it is shown.
    pub kind: AttachmentKind,
    /// The name that people see.
    pub name: String,
    /// The bytes.
    pub file: KeptFile,
    /// How long a recording is, in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// The picture that stands for a film until it is played.
    #[serde(default)]
    pub cover: Option<KeptFile>,
}

impl OutboundAttachment {
    /// How long a recording is.
    pub fn duration(&self) -> Option<Duration> {
        self.duration_ms.map(Duration::from_millis)
    }
}
