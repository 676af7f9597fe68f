//! Which messages carry which cards, for quotes of them: remembered until the card has ended.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chela_engine::id::CardId;
use dingtalk::id::ProcessQueryKey;

/// The carriers of cards that are being written.
#[derive(Debug, Default)]
pub(super) struct Carriers(Mutex<HashMap<CardId, ProcessQueryKey>>);

/// More cards than can be written at the same time; whatever was forgotten is found by its time.
const MOST: usize = 4_096;

impl Carriers {
    pub(super) fn remember(&self, card: &CardId, carrier: Option<ProcessQueryKey>) {
        let mut carriers = self.lock();
        if let Some(carrier) = carrier.filter(|_| carriers.len() < MOST) {
            carriers.insert(card.clone(), carrier);
        }
    }

    pub(super) fn take(&self, card: &CardId) -> Option<ProcessQueryKey> {
        self.lock().remove(card)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CardId, ProcessQueryKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
