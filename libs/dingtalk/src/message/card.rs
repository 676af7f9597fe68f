//! Cards that are sent to a robot (protocol reference §3.3).

use std::fmt;

use serde_json::Value;
use url::Url;

use super::json;
use super::reader::Fields;
use crate::id::{DentryId, SpaceId};

/// A card with buttons that lead somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionCard {
    /// Its title.
    pub title: Option<String>,
    /// Its text, markdown.
    pub text: Option<String>,
    /// Where the buttons lead.
    pub urls: Vec<String>,
}

/// An interactive card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InteractiveCard {
    /// Somebody shares a document or a file of DingTalk's drive.
    Document(SharedDocument),
    /// Another robot mentions this one; what it says, without the mention.
    Text(String),
    /// Nothing is told of it. When quoted and [`super::Quote::is_from_robot`]: the robot's own answer.
    Bare,
}

/// A document or a file of DingTalk's drive that somebody shares.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedDocument {
    /// What the card calls it.
    pub title: Option<String>,
    /// Where the card leads: `dingtalk://…` or `https://…`. Not for logs: it may admit whoever has it.
    pub url: String,
    /// The space that it lies in.
    pub space_id: Option<SpaceId>,
    /// Which file of that space.
    pub dentry_id: Option<DentryId>,
}

impl fmt::Debug for SharedDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("SharedDocument");
        shown
            .field("title", &self.title)
            .field("space_id", &self.space_id)
            .field("dentry_id", &self.dentry_id);
        shown.finish_non_exhaustive()
    }
}

/// `content{title,text,actionUrlItemList:[{actionUrl}]}`, and the spellings that robots send themselves (§4.2).
pub(super) fn action_card(fields: &Fields<'_>) -> ActionCard {
    let single = fields.text(&["singleURL", "singleUrl"]);
    let lists = ["actionUrlItemList", "btns"].map(|name| json::list(fields.get(name)));
    let items = lists.iter().filter_map(|list| list.as_array()).flatten();
    let urls = items.filter_map(|item| {
        let places = [&item["actionUrl"], &item["actionURL"], item];
        places.into_iter().find_map(json::text)
    });
    ActionCard {
        title: fields.text(&["title"]),
        text: fields.typed().or_else(|| fields.text(&["markdown"])),
        urls: single.into_iter().chain(urls).collect(),
    }
}

pub(super) fn interactive_card(fields: &Fields<'_>) -> InteractiveCard {
    let title = fields.text(&["title"]);
    if let Some(url) = fields.text(&["biz_custom_action_url"]) {
        return InteractiveCard::Document(shared_document(title, url));
    }
    let tree = json::list(fields.get("cardContent"));
    let told = spoken(&tree)
        .or_else(|| fields.typed())
        .or_else(|| fields.text(&["markdown"]))
        .or(title)
        .or_else(|| fields.text(&["summary"]));
    told.map_or(InteractiveCard::Bare, InteractiveCard::Text)
}

fn shared_document(title: Option<String>, url: String) -> SharedDocument {
    let parsed = Url::parse(&url).ok();
    let query = |name: &str| {
        let mut pairs = parsed.as_ref()?.query_pairs();
        let (_, value) = pairs.find(|(key, _)| key == name)?;
        (!value.is_empty()).then(|| value.into_owned())
    };
    SharedDocument {
        title,
        space_id: query("spaceId").map(SpaceId::new),
        dentry_id: query("fileId").map(DentryId::new),
        url,
    }
}

/// The text of a tree of elements; the first leaf is the mention of this robot.
fn spoken(tree: &Value) -> Option<String> {
    let mut leaves = Vec::new();
    collect(tree, &mut leaves);
    let is_mention = |leaf: &&str| leaf.trim_start().starts_with('@');
    let from = usize::from(leaves.first().is_some_and(is_mention));
    let text: String = leaves.into_iter().skip(from).collect();
    (!text.trim().is_empty()).then_some(text)
}

fn collect<'a>(element: &'a Value, leaves: &mut Vec<&'a str>) {
    match element {
        Value::Array(elements) => elements.iter().for_each(|one| collect(one, leaves)),
        Value::Object(_) => {
            leaves.extend(element["value"].as_str());
            collect(&element["children"], leaves);
        }
        _ => {}
    }
}
