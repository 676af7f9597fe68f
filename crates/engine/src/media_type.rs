//! What a file is, by its first bytes: names and labels lie.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A media type such as `image/png`, in small letters, without parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MediaType(String);

/// How many first bytes are enough to tell.
pub const SNIFFED: usize = 512;

/// How texts in UTF-8 and UTF-16 may begin. The mark of UTF-16 looks like the beginning of a frame of MP3.
const BYTE_ORDER_MARKS: &[&[u8]] = &[b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];

/// Beginning, offset, media type.
const SIGNATURES: &[(&[u8], usize, &str)] = &[
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"BM", 0, "image/bmp"),
    (b"#!AMR", 0, "audio/amr"),
    (b"OggS", 0, "audio/ogg"),
    (b"WAVE", 8, "audio/wav"),
    (b"ID3", 0, "audio/mpeg"),
    (b"fLaC", 0, "audio/flac"),
    (b"ftypM4A", 4, "audio/mp4"),
    (b"ftypqt", 4, "video/quicktime"),
    (b"ftyp", 4, "video/mp4"),
    (b"\x1a\x45\xdf\xa3", 0, "video/webm"),
    (b"%PDF-", 0, "application/pdf"),
    (b"PK\x03\x04", 0, "application/zip"),
    (b"PK\x05\x06", 0, "application/zip"),
    (b"Rar!\x1a\x07", 0, "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", 0, "application/x-7z-compressed"),
    (b"\x1f\x8b", 0, "application/gzip"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0,
        "application/x-ole-storage",
    ),
    (b"{\\rtf", 0, "application/rtf"),
];

impl MediaType {
    /// Tells what a file is from its beginning; [`SNIFFED`] bytes are enough.
    pub fn sniff(beginning: &[u8]) -> Self {
        let is_marked_text = BYTE_ORDER_MARKS
            .iter()
            .any(|mark| beginning.starts_with(mark));
        if is_marked_text {
            return Self("text/plain".to_owned());
        }
        let known = SIGNATURES.iter().find(|(signature, offset, _)| {
            beginning
                .get(*offset..)
                .is_some_and(|rest| rest.starts_with(signature))
        });
        let name = match known {
            Some((_, _, name)) => name,
            None if is_mpeg_audio(beginning) => "audio/mpeg",
            None if beginning.contains(&0) => "application/octet-stream",
            None => "text/plain",
        };
        Self(name.to_owned())
    }

    /// A type that was written down before.
    pub(crate) fn written(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The type as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The usual ending of such files, without the point. `zip`, `txt` and `bin` may hide something more special.
    pub fn ending(&self) -> &'static str {
        match self.as_str() {
            "image/png" => "png",
            "image/jpeg" => "jpg",
            "image/gif" => "gif",
            "image/bmp" => "bmp",
            "image/webp" => "webp",
            "audio/amr" => "amr",
            "audio/ogg" => "ogg",
            "audio/wav" => "wav",
            "audio/mpeg" => "mp3",
            "audio/flac" => "flac",
            "audio/mp4" => "m4a",
            "video/mp4" => "mp4",
            "video/quicktime" => "mov",
            "video/webm" => "webm",
            "application/pdf" => "pdf",
            "application/zip" => "zip",
            "text/plain" => "txt",
            _ => "bin",
        }
    }

    /// Whether it is a picture that models and chats show.
    pub fn is_picture(&self) -> bool {
        self.0.starts_with("image/")
    }

    /// Whether it is sound.
    pub fn is_sound(&self) -> bool {
        self.0.starts_with("audio/")
    }

    /// Whether it is a film.
    pub fn is_film(&self) -> bool {
        self.0.starts_with("video/")
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An MP3 without a tag begins with a frame: eleven set bits, then a version, a layer, a bit rate and a sample rate that
/// exist.
fn is_mpeg_audio(beginning: &[u8]) -> bool {
    matches!(beginning, [0xff, second, third, ..]
        if second & 0xe0 == 0xe0 && second & 0x06 != 0 && third & 0xf0 != 0xf0 && third & 0x0c != 0x0c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell() {
        let cases: &[(&[u8], &str)] = &[
            (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
            (b"#!AMR\n", "audio/amr"),
            (b"\0\0\0\x18ftypmp42", "video/mp4"),
            (b"\xff\xfb\x90\x64", "audio/mpeg"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"\xff\xfeh\0", "text/plain"),
            (b"\xfe\xff\0h", "text/plain"),
            (b"\xff\xff\xff\xff", "text/plain"),
            ("姓名,部门\n".as_bytes(), "text/plain"),
            (b"\0\x01\x02", "application/octet-stream"),
            (b"", "text/plain"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(MediaType::sniff(bytes).as_str(), *expected);
        }
    }
}
