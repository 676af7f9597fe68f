//! What is known of cards that are being written, until they have ended: which message carries them, for quotes of them, and
//! how many calls they have taken.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chela_engine::id::CardId;
use dingtalk::id::ProcessQueryKey;

/// Cards that are being written.
#[derive(Debug, Default)]
pub(super) struct Carriers(Mutex<HashMap<CardId, Written>>);

#[derive(Debug, Default)]
struct Written {
    carrier: Option<ProcessQueryKey>,
    calls: u32,
}

/// More cards than can be written at the same time; whatever was forgotten is found by its time.
const MOST: usize = 4_096;

impl Carriers {
    pub(super) fn remember(&self, card: &CardId, carrier: Option<ProcessQueryKey>) {
        if carrier.is_some() {
            self.write(card, |written| written.carrier = carrier);
        }
    }

    pub(super) fn called(&self, card: &CardId, calls: u32) {
        self.write(card, |written| written.calls += calls);
    }

    /// The carrier and the number of calls.
    pub(super) fn take(&self, card: &CardId) -> (Option<ProcessQueryKey>, u32) {
        let written = self.lock().remove(card).unwrap_or_default();
        (written.carrier, written.calls)
    }

    fn write(&self, card: &CardId, change: impl FnOnce(&mut Written)) {
        let mut cards = self.lock();
        if cards.len() < MOST || cards.contains_key(card) {
            change(cards.entry(card.clone()).or_default());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CardId, Written>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
