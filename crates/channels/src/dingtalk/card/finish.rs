//! The end of a card: all of the answer, once; or, when there is no card after all, the answer as a message.

use chela_engine::message::{Ending, FinalCard};
use dingtalk::api::UpdateCard;
use dingtalk::card::{self, Card, Settings, Step};
use dingtalk::{Error, ErrorKind};
use tokio::time::Instant;

use super::pauses::Pauses;
use super::place::Place;
use super::show::settings;
use super::text;
use crate::dingtalk::markdown::{Profile, render};

/// One try to end a card.
#[derive(Clone, Copy, Debug)]
pub(in crate::dingtalk) struct Try {
    /// From 1.
    pub(in crate::dingtalk) attempt: u32,
    /// How many calls the card has taken before.
    pub(in crate::dingtalk) calls: u32,
}

/// Ends a card with all of the answer, after making it if it is not there.
///
/// # Errors
/// The last of the platform's. [`ErrorKind::NotFound`], [`ErrorKind::Invalid`] and the like: there is no card, and the
/// answer has to go another way.
pub(in crate::dingtalk) async fn finish(
    place: &Place,
    last: &FinalCard,
    answer: &str,
    this: Try,
    pauses: &Pauses,
) -> Result<(), Error> {
    match end(place, last, answer, this).await {
        Err(error) if error.kind == ErrorKind::NotFound && pauses.is_open(place.bot()) => {
            place.create(pauses).await?;
            // One that found no card, and one that made it.
            let calls = this.calls + 2;
            end(place, last, answer, Try { calls, ..this }).await
        }
        result => result,
    }
}

async fn end(place: &Place, last: &FinalCard, answer: &str, this: Try) -> Result<(), Error> {
    let Try { attempt, calls } = this;
    let look = place.look();
    // The end itself, and what stands beside the text.
    let calls = calls + 1 + u32::from(look.has_status_variable());
    let status = text::status(
        &last.footer,
        calls,
        last.ending,
        look.status,
        place.words.as_ref(),
    );
    let variables = look.ending(answer, &status);
    if !variables.is_empty() {
        let update = UpdateCard {
            card: place.name(),
            variables,
            private: Default::default(),
        };
        place.client().send(update).await?;
    }
    let mut content = render(answer, Profile::Card, place.words.as_ref());
    if !look.has_status_variable() && !status.is_empty() {
        content = format!(
            "{content}\n\n---\n<font sizeToken=common_footnote_text_style__font_size colorTokenV2=common_level3_base_color>{status}</font>"
        );
    }
    let ending = match last.ending {
        Ending::Done => card::Ending::Finished,
        Ending::Stopped => card::Ending::Stopped,
        Ending::Failed => card::Ending::Failed,
    };
    // The engine has cut the answer to what a card takes; tables and tags come on top and must not be cut.
    let settings = Settings {
        limit: usize::MAX,
        ..settings(place)
    };
    // Another number than that of whoever typed: a call of the same name would change nothing.
    let mut card = Card::new(place.name(), attempt, settings, Instant::now());
    card.end(ending, content);
    loop {
        match card.step(Instant::now()) {
            Step::Call(call) => {
                place.client().send(call).await?;
                card.answered(Ok(()), Instant::now());
            }
            Step::Wait(Some(at)) => tokio::time::sleep_until(at).await,
            Step::Wait(None) | Step::Over(_) => return Ok(()),
        }
    }
}
