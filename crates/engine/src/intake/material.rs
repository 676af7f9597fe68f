//! One attachment on its way to an agent: fetched, kept, read.

use std::time::Duration;

use futures_util::{StreamExt, stream};

use crate::attachment::{Attachment, KeptFile};
use crate::context::Context;
use crate::hints;
use crate::message::{InboundMessage, Part, attachments_of};
use crate::ports::{FetchError, FileToRead, KeepError, Material, Obstacle, Reading, Remark};
use crate::text::{readable, truncate};

/// What is longer behind the last point is no ending.
const LONGEST_ENDING: usize = 10;
/// Attachments of one message that are fetched and read at the same time.
const AT_ONCE: usize = 4;
/// The pauses between tries to fetch one.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];
/// No name of a file needs more characters.
const LONGEST_NAME: usize = 120;

/// Everything that came with parts of a message, in order.
pub(super) async fn all(
    context: &Context,
    message: &InboundMessage,
    parts: &[Part],
) -> Vec<Material> {
    let limit = context.settings.intake.attachments;
    let attachments: Vec<Attachment> = attachments_of(parts).cloned().collect();
    let left_out = attachments.len().saturating_sub(limit);
    let fetched = attachments
        .into_iter()
        .take(limit)
        .map(|attachment| one(context, message, attachment));
    let mut materials: Vec<Material> = stream::iter(fetched).buffered(AT_ONCE).collect().await;
    if left_out > 0
        && let Some(last) = materials.last_mut()
    {
        last.remarks
            .push(context.ports.texts.remark(&Remark::TooMany { left_out }));
    }
    materials
}

async fn one(context: &Context, message: &InboundMessage, attachment: Attachment) -> Material {
    let mut material = Material {
        kind: attachment.kind,
        name: attachment.name.as_deref().map(readable_name),
        media_type: None,
        size: attachment.size,
        path: None,
        text: attachment.transcript.clone(),
        pictures: Vec::new(),
        remarks: Vec::new(),
    };
    let limit = context.settings.intake.fetch;
    match tokio::time::timeout(limit, fetch_patiently(context, message, &attachment)).await {
        Ok(Ok((name, file))) => {
            let name = attachment.name.clone().or(name);
            material.name = name.as_deref().map(readable_name);
            read(context, &mut material, name, file).await;
        }
        Ok(Err(remark)) => {
            tracing::warn!(message_id = %message.id, kind = attachment.kind.name(), reason = ?remark, "attachment not fetched");
            material.remarks.push(context.ports.texts.remark(&remark));
            if let Remark::NotFetched {
                error: FetchError::Forbidden { permissions, .. },
            } = remark
            {
                // The agent may keep it to itself; the person is told.
                let obstacle = Obstacle::Permission { permissions };
                hints::note(context, hints::sender(message), obstacle).await;
            }
        }
        Err(_) => {
            tracing::warn!(message_id = %message.id, kind = attachment.kind.name(), "attachment not fetched in time");
            let remark = Remark::NotInTime { limit };
            material.remarks.push(context.ports.texts.remark(&remark));
        }
    }
    material
}

/// Trouble that passes does not cost the attachment, as long as there is time.
async fn fetch_patiently(
    context: &Context,
    message: &InboundMessage,
    attachment: &Attachment,
) -> Result<(Option<String>, KeptFile), Remark> {
    for pause in PAUSES {
        match fetch(context, message, attachment).await {
            Err(Remark::NotFetched {
                error: FetchError::Unreachable { reason },
            }) => {
                tracing::debug!(message_id = %message.id, reason, "attachment not fetched yet");
                tokio::time::sleep(pause).await;
            }
            fetched => return fetched,
        }
    }
    fetch(context, message, attachment).await
}

async fn fetch(
    context: &Context,
    message: &InboundMessage,
    attachment: &Attachment,
) -> Result<(Option<String>, KeptFile), Remark> {
    let limit = context.settings.intake.bytes;
    if attachment.size.is_some_and(|size| size > limit) {
        return Err(Remark::TooLarge { limit });
    }
    let Some(channel) = context.ports.channels.get(&message.channel) else {
        let reason = "the channel is not configured any more".to_owned();
        return Err(not_fetched(FetchError::Gone { reason }));
    };
    let download = channel
        .open(&message.account, &attachment.source)
        .await
        .map_err(not_fetched)?;
    if download.size.is_some_and(|size| size > limit) {
        return Err(Remark::TooLarge { limit });
    }
    match context.ports.media.keep(download.bytes, limit).await {
        Ok(file) => Ok((download.name, file)),
        Err(KeepError::TooLarge { limit }) => Err(Remark::TooLarge { limit }),
        Err(KeepError::Broken(error)) => Err(not_fetched(error)),
        Err(KeepError::Disk { reason }) => {
            tracing::error!(reason, "an attachment could not be written");
            Err(Remark::NotKept)
        }
    }
}

async fn read(context: &Context, material: &mut Material, name: Option<String>, file: KeptFile) {
    let path = context.ports.media.path(&file);
    material.size = Some(file.size);
    material.media_type = Some(file.media_type.clone());
    material.path = Some(path.clone());
    let Reading {
        text,
        pictures,
        remarks,
    } = context
        .ports
        .reader
        .read(FileToRead {
            kind: material.kind,
            name,
            path,
            size: file.size,
            media_type: file.media_type,
            transcribed: material.text.is_some(),
        })
        .await;
    material.text = material.text.take().or(text);
    material.pictures = pictures;
    material.remarks.extend(remarks);
}

fn not_fetched(error: FetchError) -> Remark {
    Remark::NotFetched { error }
}

/// A name as it can be shown: no control characters, no direction marks, no path, no more characters than help.
fn readable_name(name: &str) -> String {
    let name: String = readable(name)
        .chars()
        .filter(|character| !is_direction_mark(*character))
        .map(|character| {
            if matches!(character, '\n' | '\t') {
                ' '
            } else {
                character
            }
        })
        .collect();
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let last = if last.trim_matches('.').is_empty() {
        ""
    } else {
        last
    };
    let short = truncate(last, LONGEST_NAME);
    match last.rsplit_once('.') {
        // The ending says what it is.
        Some((stem, ending))
            if short.len() < last.len() && ending.chars().count() <= LONGEST_ENDING =>
        {
            format!("{}….{ending}", truncate(stem, LONGEST_NAME - 20))
        }
        _ => short.to_owned(),
    }
}

/// Marks that make `cod.exe` look like `exe.doc`.
fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{200b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(readable_name("../../etc/passwd"), "passwd");
        assert_eq!(readable_name("C:\\报告\\季度 报告.docx"), "季度 报告.docx");
        assert_eq!(readable_name("a\u{202e}cod.exe\0\n"), "acod.exe");
        assert_eq!(
            readable_name(&"长".repeat(300)).chars().count(),
            LONGEST_NAME
        );
    }
}
