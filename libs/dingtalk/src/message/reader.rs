//! From kind and fields to [`Content`]: one reader for messages, quotes and entries of chat records, which spell the same
//! things alike.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::card;
use super::content::{Audio, Content, File, Markdown, Picture, Video};
use super::json;
use super::record;
use super::rich_text;
use crate::id::{DentryId, SpaceId};
use crate::secret::DownloadCode;

/// The fields of something that was sent: those of its `content` first, then those beside it.
pub(super) struct Fields<'a> {
    outer: &'a Value,
    content: Cow<'a, Value>,
    text: Cow<'a, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(outer: &'a Value) -> Self {
        Self {
            outer,
            content: json::object(&outer["content"]),
            text: json::object(&outer["text"]),
        }
    }

    /// A field that may stand in either place.
    pub(super) fn get(&self, name: &str) -> &Value {
        match &self.content[name] {
            Value::Null => &self.outer[name],
            found => found,
        }
    }

    /// The first of some fields that holds text.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| json::text(self.get(name)))
    }

    /// The first of some fields that holds a code.
    fn code(&self, names: &[&str]) -> Option<DownloadCode> {
        self.text(names).map(DownloadCode::new)
    }

    /// Text stands in `text.content`; quotes and quoting clients use `content.text` and `content.content` (§3.4).
    pub(super) fn typed(&self) -> Option<String> {
        let places = [
            &self.text["content"],
            &self.text["text"],
            &*self.text,
            &self.content["content"],
            &self.content["text"],
            &*self.content,
        ];
        places.into_iter().find_map(json::text)
    }
}

/// What lies that deep inside of chat records is not read; people do not forward that often.
const DEEPEST: usize = 4;

/// Reads content of a kind; `depth` counts the chat records around it.
pub(super) fn read(kind: &str, fields: &Fields<'_>, depth: usize) -> Content {
    match kind {
        // `reply` is the text of somebody who quotes; what is quoted is read elsewhere.
        "text" | "reply" => Content::Text(fields.typed().unwrap_or_default()),
        "richText" => Content::RichText(rich_text::read(fields)),
        "picture" | "image" => Content::Picture(picture(fields)),
        "audio" | "voice" => Content::Audio(audio(fields)),
        "video" => Content::Video(Video {
            duration: duration(fields, Unit::Seconds),
            file: file(fields),
        }),
        "file" => Content::File(file(fields)),
        "markdown" => Content::Markdown(markdown(fields)),
        "actionCard" => Content::ActionCard(card::action_card(fields)),
        "interactiveCard" => Content::InteractiveCard(card::interactive_card(fields)),
        "chatRecord" if depth < DEEPEST => Content::ChatRecord(record::read(fields, depth + 1)),
        "unknownMsgType" => Content::Withheld {
            notice: fields.text(&["unknownMsgType"]),
        },
        _ => Content::Other {
            kind: kind.to_owned(),
            text: fields
                .typed()
                .or_else(|| fields.text(&["title", "summary"])),
            download_code: fields.code(&["downloadCode", "pictureDownloadCode"]),
        },
    }
}

/// Both codes denote the same picture (§3.3).
fn picture(fields: &Fields<'_>) -> Picture {
    let names = ["downloadCode", "pictureDownloadCode"];
    let mut codes: Vec<DownloadCode> = names
        .iter()
        .filter_map(|name| fields.code(&[name]))
        .collect();
    codes.dedup();
    Picture {
        download_codes: codes,
    }
}

fn audio(fields: &Fields<'_>) -> Audio {
    Audio {
        download_code: fields.code(&["downloadCode"]),
        duration: duration(fields, Unit::Milliseconds),
        recognition: fields.text(&["recognition"]),
    }
}

fn file(fields: &Fields<'_>) -> File {
    let id = |name: &str| json::id(fields.get(name));
    File {
        download_code: fields.code(&["downloadCode"]),
        name: fields.text(&["fileName"]),
        extension: fields.text(&["fileType", "videoType"]),
        size: json::number(fields.get("fileSize")).and_then(|size| u64::try_from(size).ok()),
        space_id: id("spaceId").map(SpaceId::new),
        dentry_id: id("fileId").or_else(|| id("dentryId")).map(DentryId::new),
    }
}

/// A program that sends markdown leaves `text.content` empty (§3.3).
fn markdown(fields: &Fields<'_>) -> Markdown {
    let own = json::object(&fields.outer["markdown"]);
    let title = fields.text(&["title"]);
    let text = json::text(&own["text"]).or_else(|| fields.typed());
    Markdown {
        title: title.or_else(|| json::text(&own["title"])),
        text: text.unwrap_or_default(),
    }
}

/// What a quoted number counts; a bare one counts milliseconds (§3.3).
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Seconds,
    Milliseconds,
}

fn duration(fields: &Fields<'_>, quoted: Unit) -> Option<Duration> {
    let value = fields.get("duration");
    let number: f64 = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    let seconds = if value.is_string() && quoted == Unit::Seconds {
        number
    } else {
        number / 1_000.0
    };
    Duration::try_from_secs_f64(seconds).ok()
}
