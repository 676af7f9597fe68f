//! The bytes that people sent and bots uploaded, and everything by which they can be found: download codes,
//! media ids, signed links (protocol reference §5.1, §5.2).

use std::fmt;

use crate::bounded::Bounded;
use crate::clock::millis;
use crate::id::{DownloadCode, MediaId, RobotCode};
use crate::media::Media;
use crate::platform::Platform;
use crate::screen::{Attachment, AttachmentKind};

/// Bytes by number, and the ways to a number.
pub(crate) struct MediaStore {
    items: Bounded<u64, Media>,
    newest: u64,
    uploads: Bounded<MediaId, Upload>,
    codes: Bounded<DownloadCode, Code>,
    /// By the name of the object.
    links: Bounded<String, Link>,
}

impl fmt::Debug for MediaStore {
    /// Codes and links stay inside.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MediaStore")
            .field("newest", &self.newest)
            .finish_non_exhaustive()
    }
}

/// What a bot uploaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upload {
    pub(crate) kind: UploadKind,
    pub(crate) number: u64,
}

/// `type` of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadKind {
    Image,
    Voice,
    Video,
    File,
}

/// What a download code stands for.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) robot: RobotCode,
    pub(crate) number: u64,
    pub(crate) expires_ms: i64,
}

/// A signed link to an object.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) number: u64,
    pub(crate) signature: String,
    /// Seconds since the Unix epoch.
    pub(crate) expires: i64,
    /// Headers that must be sent exactly; a link without any carries its signature in the query.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl MediaStore {
    pub(crate) fn remembering(memory: usize) -> Self {
        Self {
            items: Bounded::remembering(memory),
            newest: 0,
            uploads: Bounded::remembering(memory),
            codes: Bounded::remembering(memory),
            links: Bounded::remembering(memory),
        }
    }

    /// Keeps bytes and tells their number.
    pub(crate) fn keep(&mut self, media: Media) -> u64 {
        self.newest += 1;
        self.items.insert(self.newest, media);
        self.newest
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Media> {
        self.items.get(&number)
    }

    pub(crate) fn upload(&mut self, id: MediaId, kind: UploadKind, media: Media) {
        let number = self.keep(media);
        self.uploads.insert(id, Upload { kind, number });
    }

    pub(crate) fn uploaded(&self, id: &str) -> Option<Upload> {
        self.uploads.get(id).copied()
    }

    pub(crate) fn code(&self, code: &str) -> Option<&Code> {
        self.codes.get(code)
    }

    pub(crate) fn link(&self, object: &str) -> Option<&Link> {
        self.links.get(object)
    }

    pub(crate) fn add_link(&mut self, object: String, link: Link) {
        self.links.insert(object, link);
    }

    /// Bytes that are kept already, as part of a message.
    pub(crate) fn attachment(&self, number: u64, kind: AttachmentKind) -> Option<Attachment> {
        let media = self.get(number)?;
        Some(Attachment {
            kind,
            file_name: media.file_name.clone(),
            content_type: media.content_type(),
            size: media.bytes.len(),
            bytes: media.bytes.clone(),
            duration_ms: None,
            recognition: None,
            media: None,
            path: format!("/control/media/{number}"),
            number,
        })
    }

    /// Something that was uploaded, as part of a message.
    pub(crate) fn uploaded_attachment(&self, id: &str, kind: AttachmentKind) -> Option<Attachment> {
        let upload = self.uploaded(id)?;
        let attachment = self.attachment(upload.number, kind)?;
        Some(Attachment {
            media: Some(id.into()),
            ..attachment
        })
    }
}

impl Platform {
    /// A code with which only this bot can download these bytes, for a while.
    pub(crate) fn issue_code(&mut self, robot: &RobotCode, number: u64) -> DownloadCode {
        let code = self.chance.download_code();
        let expires_ms = self.now_ms + millis(self.settings.download_code_lifetime);
        self.media.codes.insert(
            code.clone(),
            Code {
                robot: robot.clone(),
                number,
                expires_ms,
            },
        );
        code
    }
}
