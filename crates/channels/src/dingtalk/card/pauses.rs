//! Cards that cannot be had for a while: an account whose cards are refused answers in messages until then.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chela_engine::id::AccountId;
use dingtalk::{Error, ErrorKind};
use tokio::time::Instant;

/// Which accounts have no cards for now, and why.
#[derive(Debug, Default)]
pub(in crate::dingtalk) struct Pauses {
    until: Mutex<BTreeMap<AccountId, (Instant, String)>>,
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
            .is_none_or(|(until, _)| Instant::now() >= *until)
    }

    /// Why there are none for now.
    pub(in crate::dingtalk) fn reason(&self, account: &AccountId) -> Option<String> {
        let paused = self.lock();
        let (until, reason) = paused.get(account)?;
        (Instant::now() < *until).then(|| reason.clone())
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
        self.lock()
            .insert(account.clone(), (until, error.to_string()));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, (Instant, String)>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
