//! Cards that somebody sends: what they say, where they lead, and the file of the drive that they share.

use chela_engine::attachment::{Attachment, AttachmentKind};
use chela_engine::message::Part;
use dingtalk::message::{ActionCard, File, InteractiveCard, SharedDocument};

use super::content::{self, Origin, attachment, forwarded, not_told};

/// Title, text and where the buttons lead.
pub(super) fn action_card(card: ActionCard) -> Option<Part> {
    let mut text = content::titled(card.title, card.text.unwrap_or_default());
    for url in card.urls {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("[链接] {url}"));
    }
    forwarded(text).or_else(|| Some(not_told("actionCard", "卡片")))
}

pub(super) fn interactive_card(card: InteractiveCard, origin: &Origin) -> Vec<Part> {
    match card {
        InteractiveCard::Document(document) => shared(document, origin),
        InteractiveCard::Text(text) => forwarded(text).into_iter().collect(),
        InteractiveCard::Bare => vec![not_told("interactiveCard", "卡片")],
    }
}

/// What is shared is named, and fetched if it lies in the drive; otherwise the link is all there is.
fn shared(document: SharedDocument, origin: &Origin) -> Vec<Part> {
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
    let mut text = match document.title {
        Some(title) => format!("[分享的文档：{}]", content::label(&title)),
        None => "[分享的文档]".to_owned(),
    };
    // Only what people can open is of use beside the file itself.
    if found.is_none() || document.url.starts_with("http") {
        text.push_str(&format!(" {}", document.url));
    }
    forwarded(text).into_iter().chain(found).collect()
}
