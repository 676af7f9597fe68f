//! What a message of DingTalk holds, as parts of the engine's: text as text, everything that can be fetched as
//! attachments, and placeholders only for what nobody can read.

use std::time::Duration;

use chela_engine::attachment::{Attachment, AttachmentKind};
use chela_engine::message::Part;
use chela_engine::text::{readable, truncate};
use dingtalk::id::{RobotCode, UserId};
use dingtalk::message::{Audio, Content, File, Picture, RichTextPart, Video};
use dingtalk::{DownloadCode, Message};

use super::{card, record};
use crate::dingtalk::source::{Moment, Place, Source};
use crate::dingtalk::words::{Phrase, StandIn, Thing, Words};

/// What the platform calls what it keeps from robots.
pub(super) const WITHHELD: &str = "unknownMsgType";

/// Where content stands: what helps to find its files, and the words for what cannot be had.
#[derive(Clone)]
pub(super) struct Origin<'a> {
    pub(super) words: &'a dyn Words,
    /// The robot that it came to.
    pub(super) robot: Option<RobotCode>,
    /// Who wrote to the robot: the drive is asked in this name.
    pub(super) member: Option<UserId>,
    /// When it appeared, in a group: files without anything else can be found by it.
    pub(super) moment: Option<Moment>,
}

impl<'a> Origin<'a> {
    /// Of what a message holds that was written, or quoted from, `at` that time.
    pub(super) fn of(message: &Message, at: Option<i64>, words: &'a dyn Words) -> Self {
        let moment = at.filter(|_| message.is_group()).map(|at| Moment {
            group: message.conversation_id.clone(),
            at,
        });
        Self {
            words,
            robot: message.robot_code.clone(),
            member: message.sender_staff_id.clone(),
            moment,
        }
    }

    /// The words for what stands in the place of something.
    pub(super) fn say(&self, stand_in: StandIn<'_>) -> String {
        self.words.phrase(&Phrase::Inbound(stand_in))
    }

    pub(super) fn placeholder(&self, kind: &str, stand_in: StandIn<'_>) -> Part {
        Part::Placeholder {
            kind: label(kind),
            text: self.say(stand_in),
        }
    }

    pub(super) fn not_told(&self, kind: &str, thing: Thing) -> Part {
        self.placeholder(kind, StandIn::NotTold(thing))
    }

    /// A file of the group's drive about which nothing is told but when it came.
    pub(super) fn file_of_that_moment(&self) -> Option<Part> {
        attachment(AttachmentKind::File, self.anywhere())
    }

    fn by_codes(&self, codes: impl IntoIterator<Item = DownloadCode>) -> Source {
        let codes: Vec<String> = codes
            .into_iter()
            .map(|code| code.expose().to_owned())
            .collect();
        Source {
            robot: self.robot.clone().filter(|_| !codes.is_empty()),
            codes,
            ..Source::default()
        }
    }

    fn anywhere(&self) -> Source {
        Source {
            member: self.member.clone(),
            moment: self.moment.clone(),
            ..Source::default()
        }
    }

    /// Files lie in the drive besides; pictures and recordings do not.
    pub(super) fn by_file(&self, file: &File) -> Source {
        let place = file.space_id.clone().zip(file.dentry_id.clone());
        Source {
            member: self.member.clone(),
            place: place.map(|(space, file)| Place { space, file }),
            moment: self.moment.clone(),
            ..self.by_codes(file.download_code.clone())
        }
    }
}

/// What is held, in its order. Empty when nothing is.
pub(super) fn parts(content: Content, origin: &Origin<'_>) -> Vec<Part> {
    match content {
        Content::Text(text) => text_part(text).into_iter().collect(),
        Content::RichText(nodes) => rich_text(nodes, origin),
        Content::Picture(picture) => vec![picture_part(picture, origin)],
        Content::Audio(audio) => vec![audio_part(audio, origin)],
        Content::Video(video) => vec![video_part(&video, origin)],
        Content::File(file) => vec![file_part(&file, origin)],
        // People cannot write it: it comes from a robot, and somebody passes it on.
        Content::Markdown(markdown) => forwarded(titled(markdown.title, markdown.text))
            .into_iter()
            .collect(),
        Content::ActionCard(card) => card::action_card(card, origin).into_iter().collect(),
        Content::InteractiveCard(card) => card::interactive_card(card, origin),
        Content::ChatRecord(record) => record::parts(record, origin),
        Content::Withheld { .. } => vec![origin.placeholder(WITHHELD, StandIn::Withheld)],
        Content::QuotaExhausted => vec![origin.placeholder("quota", StandIn::QuotaExhausted)],
        Content::Other {
            kind,
            text,
            download_code,
        } => other(&kind, text, download_code, origin),
    }
}

fn rich_text(nodes: Vec<RichTextPart>, origin: &Origin<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for part in nodes.into_iter().flat_map(|node| rich_part(node, origin)) {
        match (parts.last_mut(), part) {
            // Neighbouring pieces of text are one text: a mention does not begin a new line.
            (Some(Part::Text { text }), Part::Text { text: more }) => text.push_str(&more),
            (_, part) => parts.push(part),
        }
    }
    parts
}

fn rich_part(node: RichTextPart, origin: &Origin<'_>) -> Vec<Part> {
    let text = match node {
        RichTextPart::Text(text) => text,
        RichTextPart::Mention { name, .. } if name.is_empty() => return Vec::new(),
        RichTextPart::Mention { name, .. } => format!("@{name} "),
        RichTextPart::Skill { name, id } => {
            let name = Some(name).filter(|name| !name.is_empty()).or(id);
            origin.say(StandIn::Skill {
                name: name.as_deref(),
            })
        }
        RichTextPart::Picture(picture) => return vec![picture_part(picture, origin)],
        RichTextPart::Other {
            kind,
            text: Some(text),
            ..
        } if kind == "emoji" => text,
        RichTextPart::Other {
            kind,
            text,
            download_code,
        } => return other(&kind, text, download_code, origin),
    };
    // Spaces between two mentions separate words.
    vec![Part::Text { text }]
}

fn picture_part(picture: Picture, origin: &Origin<'_>) -> Part {
    let source = origin.by_codes(picture.download_codes);
    attachment(AttachmentKind::Picture, source)
        .unwrap_or_else(|| origin.not_told("picture", Thing::Picture))
}

fn audio_part(audio: Audio, origin: &Origin<'_>) -> Part {
    let source = origin.by_codes(audio.download_code);
    match (attachment(AttachmentKind::Voice, source), audio.recognition) {
        (Some(Part::Attachment(attachment)), transcript) => Part::Attachment(Attachment {
            duration_ms: audio.duration.and_then(milliseconds),
            transcript,
            ..attachment
        }),
        (_, Some(text)) => Part::Text { text },
        (_, None) => origin.not_told("audio", Thing::Voice),
    }
}

fn video_part(video: &Video, origin: &Origin<'_>) -> Part {
    match attachment(AttachmentKind::Video, origin.by_file(&video.file)) {
        Some(Part::Attachment(attachment)) => Part::Attachment(Attachment {
            name: file_name(&video.file),
            size: video.file.size,
            duration_ms: video.duration.and_then(milliseconds),
            ..attachment
        }),
        _ => origin.not_told("video", Thing::Video),
    }
}

fn file_part(file: &File, origin: &Origin<'_>) -> Part {
    let name = file_name(file);
    match attachment(AttachmentKind::File, origin.by_file(file)) {
        Some(Part::Attachment(attachment)) => Part::Attachment(Attachment {
            name,
            size: file.size,
            ..attachment
        }),
        _ => match name {
            Some(name) => {
                let name = label(&name);
                origin.placeholder("file", StandIn::FileNotTold { name: &name })
            }
            None => origin.not_told("file", Thing::File),
        },
    }
}

/// The name with its ending, which tells readers what the file is.
fn file_name(file: &File) -> Option<String> {
    let name = file.name.clone()?;
    match &file.extension {
        Some(extension) if !name.contains('.') => Some(format!("{name}.{extension}")),
        _ => Some(name),
    }
}

fn other(
    kind: &str,
    text: Option<String>,
    code: Option<DownloadCode>,
    origin: &Origin<'_>,
) -> Vec<Part> {
    let words = text.map(|text| format!("[{}] {text}", label(kind)));
    let file = attachment(AttachmentKind::File, origin.by_codes(code));
    let parts: Vec<Part> = words.and_then(text_part).into_iter().chain(file).collect();
    if !parts.is_empty() {
        return parts;
    }
    match kind {
        "emoji" => vec![origin.placeholder(kind, StandIn::Emoji)],
        "" => vec![origin.not_told("unknown", Thing::Message)],
        _ => {
            let kind = label(kind);
            vec![origin.placeholder(&kind, StandIn::Unsupported { kind: &kind })]
        }
    }
}

/// What others wrote, unless it says nothing.
pub(super) fn forwarded(text: String) -> Option<Part> {
    (!text.trim().is_empty()).then_some(Part::Forwarded { text })
}

/// Text, unless it says nothing.
pub(super) fn text_part(text: String) -> Option<Part> {
    (!text.trim().is_empty()).then_some(Part::Text { text })
}

/// A text under its title, unless it begins with it itself.
pub(super) fn titled(title: Option<String>, text: String) -> String {
    match title {
        Some(title) if text.trim().is_empty() => title,
        Some(title) if !text.contains(title.trim()) => format!("{title}\n{text}"),
        _ => text,
    }
}

/// An attachment, if any way leads to it.
pub(super) fn attachment(kind: AttachmentKind, source: Source) -> Option<Part> {
    (!source.ways().is_empty()).then(|| {
        Part::Attachment(Attachment {
            kind,
            name: None,
            size: None,
            duration_ms: None,
            transcript: None,
            source: source.pack(),
        })
    })
}

/// Something short that somebody else has named, on one line.
pub(super) fn label(name: &str) -> String {
    let name = readable(name).replace(['\n', '\t'], " ");
    truncate(name.trim(), 40).to_owned()
}

fn milliseconds(duration: Duration) -> Option<u64> {
    u64::try_from(duration.as_millis()).ok()
}
