//! Messages that were forwarded together (protocol reference §3.3).

use serde_json::Value;

use super::content::Content;
use super::json;
use super::reader::{self, Fields};

/// Messages that were forwarded together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRecord {
    /// Its title.
    pub title: Option<String>,
    /// The first lines of it, as the platform shortens them: all there is in a quote.
    pub summary: Option<String>,
    /// The messages in their order. Empty when the platform keeps them back.
    pub entries: Vec<RecordEntry>,
}

/// A message of a chat record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordEntry {
    /// The name that the sender shows.
    pub sender: Option<String>,
    /// When it was written, in milliseconds since 1970.
    pub created_at: Option<i64>,
    /// What it holds. [`Content::Withheld`] where the platform erased it.
    pub content: Content,
}

/// The list is a string that holds JSON, or a list, or empty, under one of four names.
pub(super) fn read(fields: &Fields<'_>, depth: usize) -> ChatRecord {
    let lists =
        ["chatRecord", "records", "messages", "contents"].map(|name| json::list(fields.get(name)));
    let mut lists = lists.iter().filter_map(|list| list.as_array());
    let entries = lists.find(|list| !list.is_empty());
    // An empty list has been seen in the place of the summary.
    let summary = fields
        .text(&["summary"])
        .filter(|summary| summary.trim() != "[]");
    ChatRecord {
        title: fields.text(&["title"]),
        summary,
        entries: entries
            .into_iter()
            .flatten()
            .map(|one| entry(one, depth))
            .collect(),
    }
}

fn entry(value: &Value, depth: usize) -> RecordEntry {
    if let Some(text) = json::text(value) {
        return RecordEntry {
            sender: None,
            created_at: None,
            content: Content::Text(text),
        };
    }
    let fields = Fields::of(value);
    let times = ["createdAt", "createAt", "sendTime", "time"];
    RecordEntry {
        sender: fields.text(&["senderName", "senderNick", "sender"]),
        created_at: times.iter().find_map(|name| json::number(fields.get(name))),
        content: entry_content(value, &fields, depth),
    }
}

/// Text stands in `content`, as it is or as an object, or in `message`.
fn entry_content(value: &Value, fields: &Fields<'_>, depth: usize) -> Content {
    let kind = fields.text(&["msgType", "msgtype", "type"]);
    let words = || json::text(&value["content"]).or_else(|| fields.text(&["message"]));
    match kind.as_deref() {
        None | Some("text") => {
            let words = words().or_else(|| fields.typed());
            match (words, kind) {
                (Some(words), _) => Content::Text(words),
                (None, Some(_)) => Content::Text(String::new()),
                (None, None) => reader::read("", fields, depth),
            }
        }
        Some("unknownMsgType") => Content::Withheld {
            notice: fields.text(&["unknownMsgType"]).or_else(words),
        },
        Some(kind) => reader::read(kind, fields, depth),
    }
}
