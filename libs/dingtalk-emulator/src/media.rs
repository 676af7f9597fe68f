//! Bytes that people send and bots upload.

use std::fmt;

use axum::body::Bytes;

/// A picture, a voice message, a video or a file: bytes with the name that the sender's device gave them.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// Name with its extension.
    pub file_name: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl Media {
    /// Bytes under a file name.
    pub fn new(file_name: &str, bytes: impl Into<Bytes>) -> Self {
        Self {
            file_name: file_name.to_owned(),
            bytes: bytes.into(),
        }
    }

    /// MIME type by the first bytes, else by the extension, else `application/octet-stream`.
    pub fn content_type(&self) -> &'static str {
        by_first_bytes(&self.bytes)
            .or_else(|| by_extension(&self.extension()))
            .unwrap_or(UNKNOWN)
    }

    /// What stands behind the last dot of the name, in lower case; empty when there is none.
    pub fn extension(&self) -> String {
        self.file_name
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_lowercase())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Media {
    /// Without the bytes.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Media")
            .field("file_name", &self.file_name)
            .field("size", &self.bytes.len())
            .finish()
    }
}

const UNKNOWN: &str = "application/octet-stream";

fn by_first_bytes(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 9] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"BM", "image/bmp"),
        (b"#!AMR", "audio/amr"),
        (b"OggS", "audio/ogg"),
        (b"ID3", "audio/mpeg"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"%PDF-", "application/pdf"),
    ];
    let behind = |offset: usize, mark: &[u8]| {
        bytes
            .get(offset..)
            .is_some_and(|rest| rest.starts_with(mark))
    };
    if bytes.starts_with(b"RIFF") && behind(8, b"WAVE") {
        return Some("audio/wav");
    }
    if bytes.starts_with(b"RIFF") && behind(8, b"WEBP") {
        return Some("image/webp");
    }
    if behind(4, b"ftyp") {
        return Some("video/mp4");
    }
    SIGNATURES
        .iter()
        .find(|(mark, _)| bytes.starts_with(mark))
        .map(|(_, kind)| *kind)
}

fn by_extension(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "webp" => "image/webp",
        "amr" => "audio/amr",
        "ogg" | "opus" => "audio/ogg",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "m4a" => "audio/mp4",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "txt" | "md" | "csv" | "log" => "text/plain",
        "json" => "application/json",
        "zip" => "application/zip",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_more_than_the_name() {
        let kind = |name: &str, bytes: &'static [u8]| Media::new(name, bytes).content_type();
        assert_eq!(kind("x.file", b"\x89PNG\r\n\x1a\n..."), "image/png");
        assert_eq!(kind("x.file", b"#!AMR\n"), "audio/amr");
        assert_eq!(kind("x", b"RIFF....WAVEfmt "), "audio/wav");
        assert_eq!(kind("x.PDF", b"?"), "application/pdf");
        assert_eq!(kind("x.exe", b"MZ"), "application/octet-stream");
    }
}
