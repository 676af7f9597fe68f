//! `POST /media/upload` of the old API: what a robot wants to send (protocol reference §5.1).

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::{Body, Call};
use crate::id::MediaId;

/// Uploads a file. Answers with its id, which never expires and works inside of DingTalk only. Needs the permission
/// `qyapi_base`.
///
/// # Errors
/// [`crate::ErrorKind::Invalid`], before anything is sent, with the code [`UploadMedia::EMPTY`] or
/// [`UploadMedia::TOO_LARGE`]; with code `40004` when the platform does not take this format.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct UploadMedia {
    /// What it is.
    pub kind: MediaKind,
    /// Its name, with the ending that the platform judges it by.
    pub name: String,
    /// Its MIME type, such as `image/png`.
    pub content_type: String,
    /// The file.
    pub bytes: Bytes,
}

/// What an uploaded file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A voice message.
    Voice,
    /// A video.
    Video,
    /// Anything else.
    File,
}

impl MediaKind {
    /// The bytes that it may have: 2 MiB for voice, 20 MiB for all others.
    pub fn limit(self) -> usize {
        match self {
            Self::Voice => 2 * 1024 * 1024,
            Self::Image | Self::Video | Self::File => 20 * 1024 * 1024,
        }
    }

    /// The endings that are documented. Others are up to the platform.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Image => &["jpg", "gif", "png", "bmp"],
            Self::Voice => &["amr", "mp3", "wav"],
            Self::Video => &["mp4"],
            Self::File => &[
                "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar",
            ],
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::File => "file",
        }
    }
}

/// A slow line needs its time for 20 MiB.
const TIMEOUT: Duration = Duration::from_secs(180);

impl UploadMedia {
    /// The code of an error: there are no bytes.
    pub const EMPTY: &'static str = "media.empty";
    /// The code of an error: there are more bytes than [`MediaKind::limit`].
    pub const TOO_LARGE: &'static str = "media.tooLarge";

    fn check(&self) -> Result<(), Error> {
        let (size, limit) = (self.bytes.len(), self.kind.limit());
        if size == 0 {
            return Err(Error::invalid(Self::EMPTY, "the file has no bytes"));
        }
        if size > limit {
            let message = format!("the file has {size} bytes, {limit} are allowed");
            return Err(Error::invalid(Self::TOO_LARGE, message));
        }
        Ok(())
    }

    /// RFC 7578. A boundary that the file holds would end it early.
    fn multipart(&self) -> Body {
        let mut boundary = "dingtalk-rust-media".to_owned();
        while self
            .bytes
            .windows(boundary.len())
            .any(|window| window == boundary.as_bytes())
        {
            boundary.push_str("-more");
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quoted(&self.name),
            one_line(&self.content_type),
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        let mut bytes = BytesMut::with_capacity(head.len() + self.bytes.len() + tail.len());
        bytes.put(head.as_bytes());
        bytes.put(self.bytes.as_ref());
        bytes.put(tail.as_bytes());
        Body {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            bytes: bytes.freeze(),
            timeout: Some(TIMEOUT),
        }
    }
}

impl Request for UploadMedia {
    type Response = MediaId;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<MediaId, Error>> {
        Box::pin(async move {
            self.check()?;
            let call = Call {
                query: vec![("type", self.kind.as_str().to_owned())],
                body: self.multipart(),
                ..Call::old("media/upload", &Value::Null)
            };
            // An upload that nobody knows of is never seen by anybody.
            let value = caller.authorized_read(call).await?;
            answer::text(&value["media_id"], "media_id").map(MediaId::new)
        })
    }
}

/// As browsers do it: what would end the value is escaped, everything else stays as it is.
fn quoted(name: &str) -> String {
    one_line(name).replace('"', "%22")
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(kind: MediaKind, bytes: impl Into<Bytes>) -> UploadMedia {
        UploadMedia {
            kind,
            name: "总\"结\r\n.txt".to_owned(),
            content_type: "text/plain".to_owned(),
            bytes: bytes.into(),
        }
    }

    #[test]
    fn the_form_ends_where_the_file_does() {
        let body = upload(MediaKind::File, "dingtalk-rust-media").multipart();
        assert_eq!(
            body.content_type,
            "multipart/form-data; boundary=dingtalk-rust-media-more"
        );
        assert_eq!(
            String::from_utf8_lossy(&body.bytes),
            "--dingtalk-rust-media-more\r\nContent-Disposition: form-data; name=\"media\"; filename=\"总%22结  .txt\"\r\n\
             Content-Type: text/plain\r\n\r\ndingtalk-rust-media\r\n--dingtalk-rust-media-more--\r\n"
        );
    }

    #[test]
    fn limits_are_kept_before_anything_is_sent() {
        let code = |upload: UploadMedia| upload.check().map_err(|error| error.code);
        let two = 2 * 1024 * 1024;
        assert_eq!(code(upload(MediaKind::Voice, vec![0; two])), Ok(()));
        assert_eq!(
            code(upload(MediaKind::Voice, vec![0; two + 1])),
            Err(UploadMedia::TOO_LARGE.to_owned())
        );
        assert_eq!(code(upload(MediaKind::Image, vec![0; two + 1])), Ok(()));
        assert_eq!(
            code(upload(MediaKind::File, "")),
            Err(UploadMedia::EMPTY.to_owned())
        );
    }
}
