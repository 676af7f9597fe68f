//! What a message, a quoted message or an entry of a chat record holds.

use std::time::Duration;

use super::card::{ActionCard, InteractiveCard};
use super::record::ChatRecord;
use super::rich_text::RichTextPart;
use crate::id::{DentryId, SpaceId};
use crate::secret::DownloadCode;

/// What a message holds.
///
/// Whatever can be fetched carries a [`DownloadCode`], which is exchanged for an address by
/// [`crate::api::DownloadMessageFile`]; a file without one lies in a space (protocol reference §5.4).
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Plain text, as it was typed; in groups it begins with the space that the mention left.
    Text(String),
    /// Text, pictures and mentions in their order.
    RichText(Vec<RichTextPart>),
    /// A picture.
    Picture(Picture),
    /// A voice message.
    Audio(Audio),
    /// A video.
    Video(Video),
    /// A file.
    File(File),
    /// Markdown that a program has sent in the name of a person.
    Markdown(Markdown),
    /// A card with buttons that lead somewhere.
    ActionCard(ActionCard),
    /// An interactive card: a shared document, what another robot says, or one that nothing is told of.
    InteractiveCard(InteractiveCard),
    /// Messages that were forwarded together.
    ChatRecord(ChatRecord),
    /// Something that the platform does not show to robots (`unknownMsgType`): stickers, places, business cards, red
    /// packets; in quotes and chat records also files and pictures.
    Withheld {
        /// What the platform says about it.
        notice: Option<String>,
    },
    /// The organisation's calls are used up; the message itself was not delivered.
    QuotaExhausted,
    /// A kind that this library does not know. The whole of it is in [`super::Message::raw`].
    Other {
        /// The platform's name of the kind; may be empty.
        kind: String,
        /// Text that was found in it.
        text: Option<String>,
        /// A code that was found in it.
        download_code: Option<DownloadCode>,
    },
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Codes of one and the same picture, the better one first (protocol reference §3.3). Empty when none was sent.
    pub download_codes: Vec<DownloadCode>,
}

/// A voice message; the file is AMR.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audio {
    /// Fetches it.
    pub download_code: Option<DownloadCode>,
    /// How long it is.
    pub duration: Option<Duration>,
    /// What the platform has understood.
    pub recognition: Option<String>,
}

/// A video.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Video {
    /// Where it is. Only quoted videos have a name and a place.
    pub file: File,
    /// How long it is.
    pub duration: Option<Duration>,
}

/// A file: with a code when a person has sent it, only with its place in a space when a program has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Fetches it.
    pub download_code: Option<DownloadCode>,
    /// Its name, as people see it.
    pub name: Option<String>,
    /// What it ends in, without the point: `fileType`, for videos `videoType`.
    pub extension: Option<String>,
    /// In bytes.
    pub size: Option<u64>,
    /// The space that it lies in.
    pub space_id: Option<SpaceId>,
    /// Which file of that space: `fileId` or `dentryId`.
    pub dentry_id: Option<DentryId>,
}

/// Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markdown {
    /// What notifications show.
    pub title: Option<String>,
    /// The text; empty if none was sent.
    pub text: String,
}
