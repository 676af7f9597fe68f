//! Cards that cannot be had for a while: an account whose cards are refused answers in messages until then.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chela_engine::id::AccountId;
use dingtalk::{Error, ErrorKind};
use tokio::time::Instant;

/// Which accounts have no cards, and until when.
#[derive(Debug, Default)]
pub(in crate::dingtalk) struct Pauses {
    until: Mutex<BTreeMap<AccountId, Instant>>,
}

/// What is refused for good needs a person; trying twice an hour costs little.
const LONG: Duration = Duration::from_secs(30 * 60);
/// Trouble that may pass.
const SHORT: Duration = Duration::from_secs(60);

impl Pauses {
    /// Whether there may be cards.
    pub(super) fn is_open(&self, account: &AccountId) -> bool {
        let paused = self.lock();
        paused
            .get(account)
            .is_none_or(|until| Instant::now() >= *until)
    }

    /// A card was refused.
    pub(super) fn refused(&self, account: &AccountId, error: &Error) {
        let pause = match &error.kind {
            ErrorKind::RateLimited { after } => (*after).max(SHORT),
            ErrorKind::Transient | ErrorKind::Unknown => SHORT,
            // One chat that is gone says nothing about others.
            ErrorKind::NotFound => return,
            _ => LONG,
        };
        tracing::warn!(%account, %error, minutes = pause.as_secs() / 60, "cards are refused; answers come as messages for a while");
        let until = Instant::now() + pause;
        self.lock().insert(account.clone(), until);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
