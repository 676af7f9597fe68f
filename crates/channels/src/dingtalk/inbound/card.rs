//! Cards that somebody sends: what they say, where they lead, and the file of the drive that they share.

use chela_engine::attachment::{Attachment, AttachmentKind};
use chela_engine::message::Part;
use dingtalk::message::{ActionCard, File, InteractiveCard, SharedDocument};

use super::content::{self, Origin, attachment, forwarded};
use crate::dingtalk::words::{StandIn, Thing};

/// Title, text and where the buttons lead.
pub(super) fn action_card(card: ActionCard, origin: &Origin<'_>) -> Option<Part> {
    let mut text = content::titled(card.title, card.text.unwrap_or_default());
    for url in card.urls {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&origin.say(StandIn::Link { url: &url }));
    }
    forwarded(text).or_else(|| Some(origin.not_told("actionCard", Thing::Card)))
}

pub(super) fn interactive_card(card: InteractiveCard, origin: &Origin<'_>) -> Vec<Part> {
    match card {
        InteractiveCard::Document(document) => shared(document, origin),
        InteractiveCard::Text(text) => forwarded(text).into_iter().collect(),
        InteractiveCard::Bare => vec![origin.not_told("interactiveCard", Thing::Card)],
    }
}

/// What is shared is named, and fetched if it lies in the drive; otherwise the link is all there is.
fn shared(document: SharedDocument, origin: &Origin<'_>) -> Vec<Part> {
    let file = File {
        name: document.title.clone(),
        space_id: document.space_id,
        dentry_id: document.dentry_id,
        ..File::default()
    };
    // The card came when it was shared, which is not when the file was put into the drive.
    let origin = Origin {
        moment: None,
        ..origin.clone()
    };
    let found = match attachment(AttachmentKind::File, origin.by_file(&file)) {
        Some(Part::Attachment(attachment)) => Some(Part::Attachment(Attachment {
            name: document.title.clone(),
            ..attachment
        })),
        _ => None,
    };
    let title = document.title.as_deref().map(content::label);
    let mut text = origin.say(StandIn::SharedDocument {
        title: title.as_deref(),
    });
    // Only what people can open is of use beside the file itself.
    if found.is_none() || document.url.starts_with("http") {
        text.push_str(&format!(" {}", document.url));
    }
    forwarded(text).into_iter().chain(found).collect()
}
