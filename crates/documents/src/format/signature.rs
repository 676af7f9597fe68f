//! What the first bytes say.

use super::Format;

/// How far into a file the header of a PDF may stand.
const PDF_HEADER: usize = 1024;

/// Formats that are known by their first bytes alone.
pub(super) fn document(bytes: &[u8]) -> Option<Format> {
    let start = bytes.get(..PDF_HEADER).unwrap_or(bytes);
    if bytes.starts_with(b"{\\rtf") {
        return Some(Format::Rtf);
    }
    // Some programs write a byte order mark, or the headers of a web server, before it.
    start
        .windows(5)
        .any(|window| window == b"%PDF-")
        .then_some(Format::Pdf)
}

/// Whether it is a zip archive, an empty one included.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether it is a compound file, as Office wrote them until 2003.
pub(super) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// Formats that are not read, by their names.
pub(super) fn other(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"GIF8", "gif"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"BM", "bmp"),
        (b"ID3", "mp3"),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        (b"#!AMR", "amr"),
        (b"\x1aE\xdf\xa3", "matroska"),
        (b"MZ", "exe"),
        (b"\x7fELF", "elf"),
        (b"Rar!\x1a\x07", "rar"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"SQLite format 3\0", "sqlite"),
        (b"%!PS", "postscript"),
        (b"AC10", "dwg"),
    ];
    let by_start = SIGNATURES
        .iter()
        .find(|(signature, _)| bytes.starts_with(signature));
    if let Some((signature, name)) = by_start {
        // Two letters can begin a text, too.
        let is_sure = signature.len() > 2 || bytes.iter().take(512).any(|&byte| byte == 0);
        return is_sure.then_some(name);
    }
    match (bytes.get(..4), bytes.get(4..8), bytes.get(8..12)) {
        (Some(b"RIFF"), _, Some(b"WEBP")) => Some("webp"),
        (Some(b"RIFF"), _, Some(b"WAVE")) => Some("wav"),
        (Some(b"RIFF"), _, Some(b"AVI ")) => Some("avi"),
        (_, Some(b"ftyp"), Some(b"heic" | b"heix" | b"mif1")) => Some("heic"),
        (_, Some(b"ftyp"), _) => Some("mp4"),
        _ => None,
    }
}

/// Kinds of text that show themselves.
pub(super) fn text(bytes: &[u8]) -> Option<Format> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.get(..1024).unwrap_or(bytes).trim_ascii_start();
    let lower = start.to_ascii_lowercase();
    let has = |needle: &[u8]| lower.windows(needle.len()).any(|window| window == needle);
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Some(Format::Html);
    }
    if lower.starts_with(b"<?xml") {
        return Some(if has(b"<html") {
            Format::Html
        } else {
            Format::Xml
        });
    }
    if lower.starts_with(b"<") && has(b"<html") {
        return Some(Format::Html);
    }
    is_message(&lower).then_some(Format::Eml)
}

/// Whether it begins with at least two headers that messages have.
fn is_message(lower: &[u8]) -> bool {
    const HEADERS: &[&[u8]] = &[
        b"from:",
        b"to:",
        b"subject:",
        b"date:",
        b"received:",
        b"return-path:",
        b"mime-version:",
        b"message-id:",
        b"delivered-to:",
        b"content-type:",
        b"dkim-signature:",
        b"x-",
    ];
    let is_header = |line: &&[u8]| HEADERS.iter().any(|header| line.starts_with(header));
    let lines: Vec<&[u8]> = lower.split(|&byte| byte == b'\n').take(20).collect();
    let first = lines.first().is_some_and(is_header);
    first && lines.iter().filter(|line| is_header(line)).count() >= 2
}
