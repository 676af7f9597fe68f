//! One conversation with one agent: a turn runs, a few questions wait, in the order in which they came. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use crate::id::PersonId;
use crate::ports::StoredMessage;
use crate::time::Timestamp;

/// How much may wait, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Questions that may wait behind the running one.
    pub waiting: usize,
    /// A question that waited longer is declined: its moment has passed.
    pub patience: Duration,
}

impl Default for Limits {
    /// Eight questions at once, a quarter of an hour.
    fn default() -> Self {
        Self {
            waiting: 7,
            patience: Duration::from_secs(15 * 60),
        }
    }
}

/// The state of a conversation that has something to do.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Whose question is being answered.
    running: Option<PersonId>,
    waiting: VecDeque<StoredMessage>,
}

/// What to do with a message that has arrived.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Answer it now.
    Start(StoredMessage),
    /// It waits.
    Queued,
    /// Too many wait; decline it.
    Full(StoredMessage),
    /// It is too old; decline it.
    Stale(StoredMessage),
}

/// What stopping came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Whether the running turn is the person's and must be stopped.
    pub running: bool,
    /// The person's waiting questions, which will not be answered.
    pub dropped: Vec<StoredMessage>,
}

impl Conversation {
    /// A message has arrived.
    pub fn arrive(&mut self, message: StoredMessage, limits: Limits, now: Timestamp) -> Arrival {
        if is_stale(&message, limits, now) {
            Arrival::Stale(message)
        } else if self.running.is_none() {
            self.running = Some(message.message.sender.id.clone());
            Arrival::Start(message)
        } else if self.waiting.len() >= limits.waiting {
            Arrival::Full(message)
        } else {
            self.waiting.push_back(message);
            Arrival::Queued
        }
    }

    /// The running turn has ended; gives the next question, if one waits. Call [`Self::expire`] first.
    pub fn ended(&mut self) -> Option<StoredMessage> {
        let next = self.waiting.pop_front();
        self.running = next
            .as_ref()
            .map(|message| message.message.sender.id.clone());
        next
    }

    /// Takes out what has waited too long.
    pub fn expire(&mut self, limits: Limits, now: Timestamp) -> Vec<StoredMessage> {
        self.take_waiting(|message| is_stale(message, limits, now))
    }

    /// A person wants to stop: their own questions, nobody else's.
    pub fn stop(&mut self, person: &PersonId) -> Stopped {
        Stopped {
            running: self.running.as_ref() == Some(person),
            dropped: self.take_waiting(|message| message.message.sender.id == *person),
        }
    }

    /// How many questions wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether there is nothing to do, so that the state may be forgotten.
    pub fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting.is_empty()
    }

    fn take_waiting(
        &mut self,
        mut taken: impl FnMut(&StoredMessage) -> bool,
    ) -> Vec<StoredMessage> {
        let (out, kept) = self
            .waiting
            .drain(..)
            .partition::<Vec<_>, _>(|message| taken(message));
        self.waiting = kept.into();
        out
    }
}

fn is_stale(message: &StoredMessage, limits: Limits, now: Timestamp) -> bool {
    now.since(message.received_at) > limits.patience
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Sequence;
    use crate::testing::group_message;

    const NOON: Timestamp = Timestamp(1_790_000_000_000);

    fn message(sequence: i64, person: &str) -> StoredMessage {
        StoredMessage {
            sequence: Sequence(sequence),
            received_at: NOON,
            attempts: 0,
            message: group_message(&format!("m{sequence}"), person, "问"),
        }
    }

    fn sequences(messages: &[StoredMessage]) -> Vec<i64> {
        messages.iter().map(|message| message.sequence.0).collect()
    }

    #[test]
    fn eight_are_taken_in_order_and_the_ninth_is_declined() {
        let mut conversation = Conversation::default();
        let limits = Limits::default();
        assert!(matches!(
            conversation.arrive(message(1, "lin"), limits, NOON),
            Arrival::Start(_)
        ));
        for sequence in 2..=8 {
            assert_eq!(
                conversation.arrive(message(sequence, "lin"), limits, NOON),
                Arrival::Queued
            );
        }
        assert!(matches!(
            conversation.arrive(message(9, "lin"), limits, NOON),
            Arrival::Full(_)
        ));
        let mut order = Vec::new();
        while let Some(next) = conversation.ended() {
            order.push(next.sequence.0);
        }
        assert_eq!(order, [2, 3, 4, 5, 6, 7, 8]);
        assert!(conversation.is_idle());
    }

    #[test]
    fn who_waits_too_long_is_declined_once() {
        let mut conversation = Conversation::default();
        let limits = Limits::default();
        let later = NOON.after(limits.patience).after(Duration::from_millis(1));
        conversation.arrive(message(1, "lin"), limits, NOON);
        conversation.arrive(message(2, "lin"), limits, NOON);
        assert!(
            conversation
                .expire(limits, NOON.after(limits.patience))
                .is_empty()
        );
        assert_eq!(sequences(&conversation.expire(limits, later)), [2]);
        assert_eq!(conversation.ended(), None);
        assert!(matches!(
            conversation.arrive(message(3, "lin"), limits, later),
            Arrival::Stale(_)
        ));
    }

    #[test]
    fn stop_means_ones_own() {
        let mut conversation = Conversation::default();
        let limits = Limits::default();
        for (sequence, person) in [(1, "lin"), (2, "zhou"), (3, "lin"), (4, "zhou")] {
            conversation.arrive(message(sequence, person), limits, NOON);
        }
        let stopped = conversation.stop(&PersonId::new("zhou"));
        assert!(!stopped.running);
        assert_eq!(sequences(&stopped.dropped), [2, 4]);
        let stopped = conversation.stop(&PersonId::new("lin"));
        assert!(stopped.running);
        assert_eq!(sequences(&stopped.dropped), [3]);
        assert_eq!(conversation.ended(), None);
    }
}
