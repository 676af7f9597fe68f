//! A file of an answer as DingTalk shows it best: what its kind cannot hold goes out as a file (protocol reference §4.7,
//! §5.1).

use std::time::Duration;

use chela_engine::attachment::{AttachmentKind, KeptFile, OutboundAttachment};
use chela_engine::media_type::MediaType;
use chela_engine::ports::DeliveryError;
use dingtalk::api::{Content, MediaKind, Video};
use dingtalk::id::MediaId;

use super::uploads::Uploader;

/// How a file is shown.
#[derive(Debug, PartialEq, Eq)]
enum Shape<'a> {
    Image,
    Audio {
        duration: Duration,
    },
    Video {
        duration: Duration,
        cover: &'a KeptFile,
    },
    File,
}

/// Uploads what belongs to a message, and makes the message.
pub(super) async fn content(
    uploader: &Uploader<'_>,
    attachment: &OutboundAttachment,
) -> Result<Content, DeliveryError> {
    let file = &attachment.file;
    let ending = ending(attachment);
    let named = with_ending(&attachment.name, ending.as_str());
    Ok(match shape(attachment) {
        Shape::Image => Content::Image {
            photo_url: uploader
                .upload(file, MediaKind::Image, named)
                .await?
                .to_string(),
        },
        Shape::Audio { duration } => Content::Audio {
            media: uploader.upload(file, MediaKind::Voice, named).await?,
            duration,
        },
        Shape::Video { duration, cover } => {
            let picture = format!("cover.{}", known_ending(&cover.media_type).unwrap_or("jpg"));
            Content::Video(Video {
                media: uploader.upload(file, MediaKind::Video, named).await?,
                cover: uploader.upload(cover, MediaKind::Image, picture).await?,
                duration,
                size: None,
            })
        }
        Shape::File => Content::File {
            media: uploader
                .upload(file, MediaKind::File, named.clone())
                .await?,
            name: named,
            file_type: ending,
        },
    })
}

/// Uploads a picture that stands in a text.
pub(super) async fn picture(
    uploader: &Uploader<'_>,
    attachment: &OutboundAttachment,
) -> Result<MediaId, DeliveryError> {
    let named = with_ending(&attachment.name, ending(attachment).as_str());
    uploader
        .upload(&attachment.file, MediaKind::Image, named)
        .await
}

fn shape(attachment: &OutboundAttachment) -> Shape<'_> {
    let media_type = attachment.file.media_type.as_str();
    match (attachment.kind, attachment.duration(), &attachment.cover) {
        (AttachmentKind::Picture, ..) if is_image(media_type) => Shape::Image,
        (AttachmentKind::Voice, Some(duration), _)
            if matches!(media_type, "audio/ogg" | "audio/amr") =>
        {
            Shape::Audio { duration }
        }
        // The platform insists on a cover.
        (AttachmentKind::Video, Some(duration), Some(cover))
            if media_type == "video/mp4" && is_image(cover.media_type.as_str()) =>
        {
            Shape::Video { duration, cover }
        }
        _ => Shape::File,
    }
}

fn is_image(media_type: &str) -> bool {
    matches!(
        media_type,
        "image/png" | "image/jpeg" | "image/gif" | "image/bmp"
    )
}

/// By the first bytes where they tell, for the platform looks at nothing but the ending; office documents are archives to
/// the bytes, and only their name says more.
fn ending(attachment: &OutboundAttachment) -> String {
    let known = known_ending(&attachment.file.media_type);
    let own = own_ending(&attachment.name).map(str::to_lowercase);
    match (known, own) {
        (Some("jpg"), Some(own)) if own == "jpeg" && shape(attachment) == Shape::File => own,
        (Some(known), _) => known.to_owned(),
        (None, Some(own)) => own,
        (None, None) => attachment.file.media_type.ending().to_owned(),
    }
}

/// The ending of a type that hides nothing more special.
fn known_ending(media_type: &MediaType) -> Option<&'static str> {
    Some(media_type.ending()).filter(|ending| !matches!(*ending, "zip" | "txt" | "bin"))
}

/// What stands behind the last point, if it looks like an ending.
fn own_ending(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let is_ending = ending.len() <= 10 && ending.chars().all(|c| c.is_ascii_alphanumeric());
    (!stem.is_empty() && !ending.is_empty() && is_ending).then_some(ending)
}

fn with_ending(name: &str, ending: &str) -> String {
    match own_ending(name) {
        Some(own) if own.eq_ignore_ascii_case(ending) => name.to_owned(),
        _ => format!("{name}.{ending}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(kind: AttachmentKind, name: &str, beginning: &[u8]) -> OutboundAttachment {
        OutboundAttachment {
            kind,
            name: name.to_owned(),
            file: kept(beginning),
            duration_ms: Some(1_500),
            cover: None,
        }
    }

    fn kept(beginning: &[u8]) -> KeptFile {
        KeptFile {
            hash: "0".repeat(64),
            size: 9,
            media_type: MediaType::sniff(beginning),
        }
    }

    #[test]
    fn what_its_kind_cannot_hold_is_a_file() {
        let (png, mp3, mp4) = (b"\x89PNG\r\n\x1a\n", b"ID3\x04", b"\0\0\0\x18ftypmp42");
        let picture = attachment(AttachmentKind::Picture, "a", png);
        assert_eq!(shape(&picture), Shape::Image);
        let webp = attachment(AttachmentKind::Picture, "a", b"RIFF\x24\0\0\0WEBPVP8 ");
        assert_eq!(shape(&webp), Shape::File);
        let voice = attachment(AttachmentKind::Voice, "a", b"OggS");
        let duration = Duration::from_millis(1_500);
        assert_eq!(shape(&voice), Shape::Audio { duration });
        let endless = OutboundAttachment {
            duration_ms: None,
            ..voice
        };
        assert_eq!(shape(&endless), Shape::File);
        let music = attachment(AttachmentKind::Voice, "a", mp3);
        assert_eq!(shape(&music), Shape::File);
        let film = attachment(AttachmentKind::Video, "a", mp4);
        assert_eq!(shape(&film), Shape::File, "there is no cover");
    }

    #[test]
    fn names_end_in_what_the_file_is() {
        let name = |name: &str, beginning: &[u8]| {
            let attachment = attachment(AttachmentKind::File, name, beginning);
            with_ending(&attachment.name, &ending(&attachment))
        };
        assert_eq!(name("总结.docx", b"PK\x03\x04"), "总结.docx");
        assert_eq!(name("总结", b"PK\x03\x04"), "总结.zip");
        assert_eq!(name("照片.JPEG", b"\xff\xd8\xff"), "照片.JPEG");
        assert_eq!(name("图.txt", b"\x89PNG\r\n\x1a\n"), "图.txt.png");
        assert_eq!(name("数据.CSV", b"a,b"), "数据.CSV");
        assert_eq!(name("v1. 说明", b"a"), "v1. 说明.txt");
    }
}
