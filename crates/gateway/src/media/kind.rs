//! How a file of an answer is shown, how large it may be for that, and what people call it.

use std::path::Path;

use chela_engine::attachment::AttachmentKind;
use chela_engine::media_type::MediaType;

const MEGABYTE: u64 = 1024 * 1024;

/// The most that the platform takes of anything (protocol reference §5.1).
pub(super) const LARGEST: u64 = 20 * MEGABYTE;
/// The most that it takes of a voice message.
pub(super) const LARGEST_VOICE: u64 = 2 * MEGABYTE;
/// Characters of a name.
const LONGEST_NAME: usize = 100;

/// How a file wants to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A picture as it is.
    Picture,
    /// A picture in a form that the platform does not show.
    OtherPicture,
    /// A voice message as it is.
    Voice,
    /// Sound in a form that is no voice message.
    OtherVoice,
    /// A film.
    Video,
    /// Anything else.
    File,
}

impl Wanted {
    pub(super) fn of(asked: Option<AttachmentKind>, media_type: &MediaType) -> Self {
        let as_voice = asked == Some(AttachmentKind::Voice);
        match media_type.as_str() {
            _ if asked == Some(AttachmentKind::File) => Self::File,
            "image/png" | "image/jpeg" | "image/gif" | "image/bmp" => Self::Picture,
            "image/webp" => Self::OtherPicture,
            "audio/ogg" | "audio/amr" if as_voice => Self::Voice,
            _ if as_voice && media_type.is_sound() => Self::OtherVoice,
            "video/mp4" => Self::Video,
            _ => Self::File,
        }
    }
}

/// The name that people see: without folders and control characters, with an ending that says what the file is.
pub(super) fn shown_name(name: Option<&str>, media_type: &MediaType) -> String {
    let name = name
        .and_then(|name| name.rsplit(['/', '\\']).next())
        .unwrap_or_default();
    let clean = name.chars().filter(|character| !character.is_control());
    let name: String = clean.take(LONGEST_NAME).collect();
    let name = name.trim().trim_matches('.');
    let name = if name.is_empty() { "file" } else { name };
    if Path::new(name).extension().is_some() {
        return name.to_owned();
    }
    format!("{name}.{}", media_type.ending())
}

/// A name with another ending, for a file that became something else.
pub(super) fn renamed(name: &str, media_type: &MediaType) -> String {
    let stem = Path::new(name)
        .file_stem()
        .map(|stem| stem.to_string_lossy())
        .unwrap_or_default();
    format!("{stem}.{}", media_type.ending())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless_and_say_what_the_file_is() {
        let png = MediaType::sniff(b"\x89PNG\r\n\x1a\n");
        for (name, shown) in [
            (Some("图表.png"), "图表.png"),
            (Some("/srv/out/chart"), "chart.png"),
            (Some("..\\..\\x\n.png"), "x.png"),
            (Some(".."), "file.png"),
            (Some(""), "file.png"),
            (None, "file.png"),
        ] {
            assert_eq!(shown_name(name, &png), shown, "{name:?}");
        }
        assert_eq!(renamed("语音.mp3", &MediaType::sniff(b"OggS")), "语音.ogg");
    }
}
