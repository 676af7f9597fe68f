//! The last messages, so that whoever sets a bot up sees the first one arrive. In memory only.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chela_engine::id::{AccountId, MessageId};
use chela_engine::ports::{Observation, Observer, Step};
use chela_engine::time::Timestamp;

/// How many are remembered.
const KEPT: usize = 50;

/// A message that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The bot.
    pub account: AccountId,
    /// The platform's id.
    pub message: MessageId,
    /// When it was written to disk.
    pub stored_at: Timestamp,
    /// The rule by which its sender was turned away.
    pub denied_by: Option<&'static str>,
    /// When the platform had the last part of the answer.
    pub delivered_at: Option<Timestamp>,
}

/// Remembers the last messages.
#[derive(Debug, Default)]
pub struct Recent {
    seen: Mutex<VecDeque<Seen>>,
}

impl Recent {
    /// The messages that were stored at `since` or later, oldest first.
    pub fn since(&self, since: Timestamp) -> Vec<Seen> {
        let seen = self.lock();
        let later = seen.iter().filter(|seen| seen.stored_at >= since);
        later.cloned().collect()
    }

    fn note(&self, observation: &Observation, note: impl FnOnce(&mut Seen)) {
        let mut seen = self.lock();
        let mut latest = seen.iter_mut().rev();
        let of_message = |seen: &&mut Seen| {
            seen.message == observation.message && seen.account == observation.account
        };
        if let Some(seen) = latest.find(of_message) {
            note(seen);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recent {
    fn observe(&self, observation: &Observation) {
        match &observation.step {
            Step::Stored => {
                let mut seen = self.lock();
                if seen.len() == KEPT {
                    seen.pop_front();
                }
                seen.push_back(Seen {
                    account: observation.account.clone(),
                    message: observation.message.clone(),
                    stored_at: observation.at,
                    denied_by: None,
                    delivered_at: None,
                });
            }
            Step::Denied { rule } => self.note(observation, |seen| seen.denied_by = Some(rule)),
            Step::Delivered { part, parts, .. } if part == parts => {
                self.note(observation, |seen| seen.delivered_at = Some(observation.at));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn observe(recent: &Recent, message: &str, at: i64, step: Step) {
        recent.observe(&Observation {
            account: AccountId::new("default"),
            message: MessageId::new(message),
            at: Timestamp(at),
            step,
        });
    }

    #[test]
    fn the_last_messages_are_known_with_their_answers() {
        let recent = Recent::default();
        for number in 0..60 {
            observe(&recent, &format!("m{number}"), number, Step::Stored);
        }
        assert_eq!(recent.since(Timestamp(0)).len(), KEPT);
        let part = |part| Step::Delivered {
            part,
            parts: 2,
            elapsed: Duration::ZERO,
        };
        observe(&recent, "m58", 70, part(1));
        observe(&recent, "m59", 71, part(2));
        observe(&recent, "m58", 72, Step::Denied { rule: "dmPolicy" });
        let last = recent.since(Timestamp(58));
        assert_eq!(last[0].denied_by, Some("dmPolicy"));
        let delivered: Vec<_> = last.iter().map(|seen| seen.delivered_at).collect();
        assert_eq!(delivered, [None, Some(Timestamp(71))]);
    }
}
