//! The end of a card: all of the answer, once; or, when there is no card after all, the answer as a message.

use chela_engine::message::{Ending, FinalCard};
use chela_engine::reply::with_pictures;
use dingtalk::api::{CardVariables, UpdateCard};
use dingtalk::card::{self, Card, Settings, Step};
use dingtalk::{Error, ErrorKind};
use tokio::time::Instant;

use super::blocks;
use super::look::Look;
use super::pauses::Pauses;
use super::pictures::Pictures;
use super::place::Place;
use super::show::settings;
use super::text;
use crate::dingtalk::markdown::{Profile, render};
use crate::dingtalk::words::Words;

/// One try to end a card.
#[derive(Clone, Copy, Debug)]
pub(in crate::dingtalk) struct Try {
    /// From 1.
    pub(in crate::dingtalk) attempt: u32,
    /// How many calls the card has taken before.
    pub(in crate::dingtalk) calls: u32,
}

/// What a card says at its end.
#[derive(Clone, Copy, Debug)]
pub(in crate::dingtalk) struct Said<'a> {
    /// All that was said, in common markdown, with marks where pictures stand.
    pub(in crate::dingtalk) answer: &'a str,
    /// The pictures.
    pub(in crate::dingtalk) pictures: &'a Pictures,
}

/// Ends a card with all of the answer, after making it if it is not there.
///
/// # Errors
/// The last of the platform's. [`ErrorKind::NotFound`], [`ErrorKind::Invalid`] and the like: there is no card, and the
/// answer has to go another way.
pub(in crate::dingtalk) async fn finish(
    place: &Place,
    last: &FinalCard,
    said: Said<'_>,
    this: Try,
    pauses: &Pauses,
) -> Result<(), Error> {
    match end(place, last, said, this).await {
        Err(error) if error.kind == ErrorKind::NotFound && pauses.is_open(place.bot()) => {
            place.create(pauses).await?;
            // One that found no card, and one that made it.
            let calls = this.calls + 2;
            end(place, last, said, Try { calls, ..this }).await
        }
        result => result,
    }
}

async fn end(place: &Place, last: &FinalCard, said: Said<'_>, this: Try) -> Result<(), Error> {
    let Try { attempt, calls } = this;
    let look = place.look();
    // The end itself, and what stands beside the text.
    let calls = calls + 1 + u32::from(look.has_blocks);
    let status = text::status(
        &last.footer,
        calls,
        last.ending,
        look.status,
        place.words.as_ref(),
    );
    let words = place.words.as_ref();
    let content = if look.has_blocks {
        let update = UpdateCard {
            card: place.name(),
            variables: standing(look, last, said, status, words),
            private: Default::default(),
        };
        place.client().send(update).await?;
        // All of it stands in blocks by now. What is said once more at the end is typed once more by phones.
        String::new()
    } else {
        typed(said, &status, words)
    };
    let ending = match last.ending {
        Ending::Done => card::Ending::Finished,
        Ending::Stopped => card::Ending::Stopped,
        Ending::Failed | Ending::Withdrawn => card::Ending::Failed,
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

/// What stands on a finished card with blocks: all of the answer, what its copy button copies, and the line at the foot.
fn standing(
    look: &Look,
    last: &FinalCard,
    said: Said<'_>,
    status: String,
    words: &dyn Words,
) -> CardVariables {
    CardVariables::new()
        .with(
            blocks::VARIABLE,
            blocks::of(&last.draft, said.pictures, words),
        )
        .with(look.key.as_str(), "")
        .with("copy_content", with_pictures(said.answer, |_| None))
        .with("statusLine", status)
}

/// What a card without blocks says at its end.
fn typed(said: Said<'_>, status: &str, words: &dyn Words) -> String {
    let answer = said.pictures.within(said.answer, words);
    let content = render(&answer, Profile::Card, words);
    if status.is_empty() {
        return content;
    }
    format!(
        "{content}\n\n---\n<font sizeToken=common_footnote_text_style__font_size colorTokenV2=common_level3_base_color>{status}</font>"
    )
}
