//! What people say into a running turn, on its way to the agent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::id::Sequence;
use crate::message::InboundMessage;

/// A shelf between the engine, which puts down what was said while a turn runs, and its agent, which takes it when it
/// can: before the next call of the model. What was not taken is answered after the turn. Clones share the shelf.
///
/// Empty unless the conversation's queue mode is `steer`.
#[derive(Clone, Debug, Default)]
pub struct Interjections(Arc<Mutex<Shelf>>);

#[derive(Debug, Default)]
struct Shelf {
    offered: VecDeque<(Sequence, InboundMessage)>,
    taken: Vec<(Sequence, InboundMessage)>,
    closed: bool,
}

impl Interjections {
    /// For the agent: what was said since the last call, in order. Does not wait. What is taken counts as answered by
    /// this run, so take only what the model will be shown.
    pub fn take(&self) -> Vec<InboundMessage> {
        let mut shelf = self.lock();
        if shelf.closed {
            return Vec::new();
        }
        let new: Vec<_> = shelf.offered.drain(..).collect();
        shelf.taken.extend(new.iter().cloned());
        new.into_iter().map(|(_, message)| message).collect()
    }

    /// Puts a message down. After [`Self::close`] nobody takes it.
    pub fn offer(&self, sequence: Sequence, message: InboundMessage) {
        self.lock().offered.push_back((sequence, message));
    }

    /// Takes a message back; `false` when the agent has it already.
    pub fn withdraw(&self, sequence: Sequence) -> bool {
        let mut shelf = self.lock();
        shelf.offered.retain(|(offered, _)| *offered != sequence);
        shelf.taken.iter().all(|(taken, _)| *taken != sequence)
    }

    /// The turn is over: from now on nothing is taken. Tells what was.
    pub fn close(&self) -> Vec<(Sequence, InboundMessage)> {
        let mut shelf = self.lock();
        shelf.closed = true;
        shelf.offered.clear();
        shelf.taken.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // No step leaves the shelf half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::direct_message;

    #[test]
    fn what_is_taken_and_what_is_not_is_told_apart() {
        let shelf = Interjections::default();
        let agent = shelf.clone();
        for number in 1..=4 {
            let message = direct_message(&format!("m{number}"), "lin", &format!("第{number}句"));
            shelf.offer(Sequence(number), message);
        }
        assert!(shelf.withdraw(Sequence(2)));
        let said: Vec<String> = agent.take().iter().map(InboundMessage::text).collect();
        assert_eq!(said, ["第1句", "第3句", "第4句"]);
        assert!(agent.take().is_empty());
        assert!(!shelf.withdraw(Sequence(3)));
        shelf.offer(Sequence(5), direct_message("m5", "lin", "太晚"));
        let taken: Vec<i64> = shelf
            .close()
            .into_iter()
            .map(|(taken, _)| taken.0)
            .collect();
        assert_eq!(taken, [1, 3, 4]);
        assert!(agent.take().is_empty());
        assert!(shelf.withdraw(Sequence(5)));
        assert!(!shelf.withdraw(Sequence(4)));
    }
}
