//! The pictures that stand in an answer, uploaded before its card is ended.

use std::time::Duration;

use chela_engine::message::FinalCard;
use chela_engine::ports::DeliveryError;
use chela_engine::reply::{Piece, pieces};

use super::file;
use super::uploads::Uploader;
use crate::dingtalk::card::{Picture, Pictures};

/// A card does not spin for longer because of a picture.
const TRIES: u32 = 4;
/// The same.
const PATIENCE: Duration = Duration::from_secs(10);

/// Uploads what the text shows; what cannot be uploaded is only named.
///
/// # Errors
/// When it is worth while to try again soon.
pub(super) async fn upload(
    uploader: &Uploader<'_>,
    card: &FinalCard,
    text: &str,
    attempt: u32,
) -> Result<Pictures, DeliveryError> {
    let pieces = pieces(text);
    let mut pictures = Pictures::default();
    for (index, picture) in card.pictures.iter().enumerate() {
        let media = if pieces.contains(&Piece::Picture(index)) {
            match file::picture(uploader, picture).await {
                Ok(media) => Some(media),
                Err(error) if is_worth_while(&error, attempt) => return Err(again(error)),
                Err(error) => {
                    tracing::warn!(%error, "a picture of an answer is not shown");
                    None
                }
            }
        } else {
            None
        };
        pictures.0.push(Picture {
            name: picture.name.clone(),
            media,
        });
    }
    Ok(pictures)
}

fn is_worth_while(error: &DeliveryError, attempt: u32) -> bool {
    let may_pass = match error {
        DeliveryError::Retry { after, .. } => after.is_none_or(|after| after <= PATIENCE),
        DeliveryError::Unknown { .. } => true,
        DeliveryError::Permanent { .. } => false,
    };
    may_pass && attempt < TRIES
}

/// A picture that was perhaps uploaded harms nobody.
fn again(error: DeliveryError) -> DeliveryError {
    match error {
        DeliveryError::Unknown { reason } => DeliveryError::Retry {
            reason,
            after: None,
        },
        other => other,
    }
}
