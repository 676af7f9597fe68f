//! Text and pictures in one message.

use serde_json::Value;

use super::content::Picture;
use super::json;
use super::reader::Fields;
use crate::id::UserId;
use crate::secret::DownloadCode;

/// A piece of rich text.
#[derive(Clone, Debug, PartialEq)]
pub enum RichTextPart {
    /// Text.
    Text(String),
    /// A mention of somebody.
    Mention {
        /// By this name; may be empty.
        name: String,
        /// Who it is, if the platform says so.
        user_id: Option<UserId>,
    },
    /// A picture.
    Picture(Picture),
    /// A skill that was called by name.
    Skill {
        /// As people see it; may be empty.
        name: String,
        /// The platform's name.
        id: Option<String>,
    },
    /// Anything else, such as an emoji in a quote.
    Other {
        /// The platform's name of the kind; may be empty.
        kind: String,
        /// Text that was found in it.
        text: Option<String>,
        /// A code that was found in it.
        download_code: Option<DownloadCode>,
    },
}

/// The parts: `content.richText`, or `richText.richTextList` of old clients. A text beside the list is a placeholder
/// (§3.3) and counts only when the list holds nothing.
pub(super) fn read(fields: &Fields<'_>) -> Vec<RichTextPart> {
    let own = json::object(fields.get("richText"));
    let lists = [
        json::list(&own),
        json::list(&own["richTextList"]),
        json::list(fields.get("richTextList")),
    ];
    let parts = lists.iter().find_map(|list| list.as_array());
    let parts: Vec<RichTextPart> = parts.into_iter().flatten().flat_map(part).collect();
    if parts.is_empty() {
        let text = fields.typed().filter(|text| !text.trim().is_empty());
        return text.into_iter().map(RichTextPart::Text).collect();
    }
    parts
}

/// Mostly one part; a node that holds text and a picture is two.
fn part(node: &Value) -> Vec<RichTextPart> {
    if let Some(text) = json::text(node) {
        return vec![RichTextPart::Text(text)];
    }
    let text = |names: &[&str]| names.iter().find_map(|name| json::text(&node[*name]));
    let kind = text(&["type", "msgType", "msgtype"]).unwrap_or_default();
    let words = text(&["text", "content"]);
    let mut codes: Vec<DownloadCode> = [&node["downloadCode"], &node["pictureDownloadCode"]]
        .into_iter()
        .filter_map(json::text)
        .map(DownloadCode::new)
        .collect();
    codes.dedup();
    match kind.as_str() {
        "at" => vec![RichTextPart::Mention {
            name: text(&["atName", "name"]).or(words).unwrap_or_default(),
            user_id: text(&["atUserId"]).map(UserId::new),
        }],
        "skill" => vec![skill(&node["skillData"])],
        "" | "text" | "picture" | "image" if words.is_some() || !codes.is_empty() => {
            let picture = (!codes.is_empty()).then_some(RichTextPart::Picture(Picture {
                download_codes: codes,
            }));
            let words = words.map(RichTextPart::Text);
            words.into_iter().chain(picture).collect()
        }
        // An empty line of text says nothing.
        "text" => Vec::new(),
        "" if node["text"] == "" || node["content"] == "" => Vec::new(),
        "picture" | "image" => vec![RichTextPart::Picture(Picture::default())],
        _ => vec![RichTextPart::Other {
            kind,
            text: words,
            download_code: codes.into_iter().next(),
        }],
    }
}

fn skill(data: &Value) -> RichTextPart {
    let data = json::object(data);
    RichTextPart::Skill {
        name: json::text(&data["displayName"]).unwrap_or_default(),
        id: json::id(&data["skillId"]),
    }
}
