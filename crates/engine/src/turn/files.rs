//! The files that an answer names: fetched if they may be sent; pictures stay where they stand when the answer has a card.

use std::path::PathBuf;

use super::driver::Task;
use crate::attachment::{AttachmentKind, OutboundAttachment};
use crate::context::Context;
use crate::draft::Draft;
use crate::ports::Remark;
use crate::reply::{self, Answer, FileReference};

/// An answer and its files.
pub(super) struct Carried {
    /// What is to be read. On a card with marks, where pictures stand and where stretches of the draft begin.
    pub(super) text: String,
    /// The pictures that are shown within the text, in the order of their marks.
    pub(super) pictures: Vec<OutboundAttachment>,
    /// The files that follow the text.
    pub(super) attachments: Vec<OutboundAttachment>,
    /// What is not sent, and why.
    pub(super) remarks: Vec<String>,
}

/// Fetches the files that an answer names. With the draft of a card, pictures stay in the text.
pub(super) async fn carry(
    context: &Context,
    task: &Task,
    said: &str,
    made: &[PathBuf],
    card: Option<&Draft>,
) -> Carried {
    let marked = card.map(|draft| reply::mark_stretches(&reply::unmarked(said), draft));
    let Answer {
        text,
        marked: text_of_card,
        files,
    } = reply::take_files(marked.as_deref().unwrap_or(said));
    let mut carried = Carried {
        text: match (files.is_empty(), marked) {
            (true, None) => said.to_owned(),
            (true, Some(marked)) => marked,
            (false, None) => text,
            (false, Some(_)) => text_of_card,
        },
        pictures: Vec::new(),
        attachments: Vec::new(),
        remarks: Vec::new(),
    };
    if files.is_empty() {
        return carried;
    }
    let mut places = Vec::new();
    for file in files {
        let place = match collect(context, task, file, made).await {
            Ok(picture) if card.is_some() && is_shown_everywhere(&picture) => {
                carried.pictures.push(picture);
                Some(carried.pictures.len() - 1)
            }
            Ok(attachment) => {
                carried.attachments.push(attachment);
                None
            }
            Err(remark) => {
                carried.remarks.push(remark);
                None
            }
        };
        places.push(place);
    }
    carried.text = reply::with_pictures(&carried.text, |index| {
        let place = places.get(index).copied().flatten()?;
        Some(reply::picture(place))
    });
    carried.remarks.dedup();
    carried
}

/// Fetches one file; the error is what the person is told.
async fn collect(
    context: &Context,
    task: &Task,
    file: FileReference,
    made: &[PathBuf],
) -> Result<OutboundAttachment, String> {
    let collector = &context.ports.collector;
    let collected = collector.collect(file.reference, file.kind, made.to_vec());
    collected.await.map_err(|error| {
        tracing::warn!(message_id = %task.message.message.id, %error, "a file of the answer is not sent");
        context.ports.texts.remark(&Remark::NotSent { error })
    })
}

/// Whether a file can stand in a text. Other pictures, such as WebP, are files to many phones.
fn is_shown_everywhere(file: &OutboundAttachment) -> bool {
    let is_common = matches!(
        file.file.media_type.as_str(),
        "image/png" | "image/jpeg" | "image/gif" | "image/bmp"
    );
    file.kind == AttachmentKind::Picture && is_common
}
