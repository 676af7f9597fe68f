//! The answer while it is being written.

use std::sync::Arc;

use chela_engine::draft::Draft;
use chela_engine::ports::Shown;
use dingtalk::card::{Budget, Card, Settings, Step};
use tokio::sync::watch;
use tokio::time::Instant;

use super::blocks;
use super::look::Streaming;
use super::pauses::Pauses;
use super::place::Place;
use super::text;
use crate::dingtalk::carriers::Carriers;
use crate::dingtalk::markdown::{Profile, render};
use crate::dingtalk::quota::Cadence;

/// Makes the card and lets it type until nobody writes any more. Its end is told by [`super::finish`].
pub(in crate::dingtalk) async fn show(
    place: Place,
    mut drafts: watch::Receiver<Draft>,
    pauses: Arc<Pauses>,
    carriers: Arc<Carriers>,
    cadence: impl Fn() -> Cadence,
) -> Shown {
    if !pauses.is_open(place.bot()) || !place.is_possible() || cadence() == Cadence::NoCards {
        return Shown::Nothing;
    }
    if place.look().streaming == Streaming::Off {
        // It appears with the finished answer.
        return Shown::Card;
    }
    match place.create(&pauses).await {
        Ok(carrier) => {
            carriers.called(&place.id, 1);
            carriers.remember(&place.id, carrier);
        }
        Err(_) => return Shown::Nothing,
    }
    let mut card = Card::new(place.name(), 0, settings(&place), Instant::now());
    card.allow(cadence().card_budget().unwrap_or(Budget::FinalOnly));
    // The draft grows with each word; it is written anew only as often as the card can show it.
    let mut is_stale = false;
    let mut standing = String::new();
    let mut next_look = Instant::now();
    loop {
        if is_stale && Instant::now() >= next_look {
            is_stale = false;
            next_look = Instant::now() + place.look().interval;
            // The card is there already; how often it is written may change while it is.
            card.allow(cadence().card_budget().unwrap_or(Budget::FinalOnly));
            write(
                &place,
                &drafts.borrow_and_update(),
                &mut card,
                &mut standing,
            );
        }
        let wake = match card.step(Instant::now()) {
            Step::Call(call) => {
                carriers.called(&place.id, 1);
                let result = place.client().send(call).await;
                if let Err(error) = &result {
                    tracing::debug!(account = %place.bot(), %error, "a card was not updated");
                }
                card.answered(result.as_ref().map(drop), Instant::now());
                continue;
            }
            Step::Wait(wake) => wake,
            Step::Over(_) => return Shown::Card,
        };
        let look = is_stale.then_some(next_look);
        let alarm = async {
            match wake.into_iter().chain(look).min() {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            more = drafts.changed() => match more {
                Ok(()) => is_stale = true,
                Err(_) => return Shown::Card,
            },
            () = alarm => {}
        }
    }
}

/// Tells the card what has been thought, done and said; `standing` are the blocks that it has been told already.
fn write(place: &Place, draft: &Draft, card: &mut Card, standing: &mut String) {
    let (look, words) = (place.look(), place.words.as_ref());
    if look.has_blocks && look.streaming == Streaming::All {
        let (blocks, typing) = blocks::so_far(draft, words);
        if blocks != *standing {
            card.set(blocks::VARIABLE, blocks.clone());
            *standing = blocks;
        }
        card.say(typing);
    } else {
        let so_far = text::so_far(draft, look.streaming);
        card.say(render(&so_far, Profile::Card, words));
    }
}

/// How a card types. What is beyond the limit of a card is not shown while it is written.
pub(super) fn settings(place: &Place) -> Settings {
    let look = place.look();
    Settings {
        key: look.key.clone(),
        interval: look.interval,
        ..Settings::default()
    }
}
