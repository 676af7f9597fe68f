//! Cards that cannot be had for a while: an account whose cards are refused answers in messages until then.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chela_engine::id::AccountId;
use dingtalk::{Error, ErrorKind};
use tokio::time::Instant;

use super::look::Look;

/// Which accounts have no cards, until when and why.
#[derive(Debug, Default)]
pub(in crate::dingtalk) struct Pauses {
    paused: Mutex<BTreeMap<AccountId, (Instant, CardTrouble)>>,
}

/// Why an account has no cards for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPause {
    /// For how long from now.
    pub left: Duration,
    /// Why.
    pub trouble: CardTrouble,
}

/// Why cards are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardTrouble {
    /// The template is not there or not published.
    Template,
    /// The template has no variable of this name that streams.
    Key {
        /// The name.
        key: String,
    },
    /// The platform refuses for another reason.
    Refused {
        /// What it said, without secrets.
        reason: String,
    },
}

/// What is refused for good needs a person; trying twice an hour costs little.
const LONG: Duration = Duration::from_secs(30 * 60);
/// Trouble that may pass.
const SHORT: Duration = Duration::from_secs(60);

impl Pauses {
    /// Whether there may be cards.
    pub(super) fn is_open(&self, account: &AccountId) -> bool {
        self.current(account).is_none()
    }

    /// Why there are no cards now, if there are none.
    pub(in crate::dingtalk) fn current(&self, account: &AccountId) -> Option<CardPause> {
        let paused = self.lock();
        let (until, trouble) = paused.get(account)?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| CardPause {
            left,
            trouble: trouble.clone(),
        })
    }

    /// A card of this look was refused.
    pub(super) fn refused(&self, account: &AccountId, look: &Look, error: &Error) {
        let usual = match &error.kind {
            ErrorKind::RateLimited { after } => (*after).max(SHORT),
            ErrorKind::Transient | ErrorKind::Unknown => SHORT,
            // One chat that is gone says nothing about others.
            ErrorKind::NotFound => return,
            _ => LONG,
        };
        let pause = look.pause.unwrap_or(usual);
        let trouble = if error.is_template_unusable() {
            CardTrouble::Template
        } else {
            CardTrouble::Refused {
                reason: error.to_string(),
            }
        };
        self.pause(account, pause, trouble);
    }

    /// A text was refused that streams into the variable of this look: said of a wrong name only (protocol reference §6.4).
    pub(in crate::dingtalk) fn refused_text(
        &self,
        account: &AccountId,
        look: &Look,
        error: &Error,
    ) {
        if error.code == "unknownError" {
            let key = look.key.clone();
            let pause = look.pause.unwrap_or(LONG);
            self.pause(account, pause, CardTrouble::Key { key });
        }
    }

    fn pause(&self, account: &AccountId, pause: Duration, trouble: CardTrouble) {
        tracing::warn!(%account, ?trouble, minutes = pause.as_secs() / 60, "cards are refused; answers come as messages for a while");
        let until = Instant::now() + pause;
        self.lock().insert(account.clone(), (until, trouble));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId, (Instant, CardTrouble)>> {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
