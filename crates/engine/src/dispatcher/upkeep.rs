//! What is due by the clock, and words to messages that no agent answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Dispatcher, Done, Key};
use crate::id::Sequence;
use crate::ports::Notice;
use crate::question::Question;

/// Old rows are forgotten this often.
const PRUNE: Duration = Duration::from_secs(60 * 60);

impl Dispatcher {
    pub(super) fn tick(&mut self) {
        self.hungry = true;
        let keys: Vec<Key> = self
            .conversations
            .iter()
            .filter(|(_, conversation)| conversation.waiting() > 0)
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            self.expire(&key, &[]);
        }
        self.expire_inquiries();
        self.marks.sweep();
        self.shared.retain(|_, sharing| sharing.upgrade().is_some());
        if Instant::now() >= self.next_prune {
            self.next_prune = Instant::now() + PRUNE;
            self.prune();
        }
    }

    /// Declines what has waited too long, unless the agent has taken it.
    pub(super) fn expire(&mut self, key: &Key, taken: &[Sequence]) {
        let limits = self.context.settings.queue;
        let now = self.context.ports.clock.now();
        for question in self.update(key, |conversation| conversation.expire(limits, now)) {
            let sequence = question.message.sequence;
            if !taken.contains(&sequence) && self.withdraw(key, sequence) {
                self.decline_stale(question);
            }
        }
    }

    /// Takes a waiting message out of the reach of the running agent; `false` when the agent has it already.
    pub(super) fn withdraw(&self, key: &Key, sequence: Sequence) -> bool {
        let run = self.runs.get(key);
        run.is_none_or(|run| run.interjections.withdraw(sequence))
    }

    pub(super) fn decline_stale(&mut self, question: Question) {
        let now = self.context.ports.clock.now();
        let waited = now.since(question.message.received_at);
        self.conclude(question, "stale", Some(Notice::Stale { waited }));
    }

    /// Ends a message without an agent.
    pub(super) fn conclude(
        &mut self,
        question: Question,
        outcome: &'static str,
        notice: Option<Notice>,
    ) {
        let joined = question.joined.iter();
        for sequence in joined.chain([&question.message.sequence]) {
            self.marks.end(*sequence);
        }
        let context = Arc::clone(&self.context);
        self.tasks.spawn(async move {
            let Question {
                message, joined, ..
            } = question;
            context.conclude(&message, &joined, outcome, notice).await;
            Done::Other
        });
    }

    /// Says something to a message that goes on waiting.
    pub(super) fn say(&mut self, question: &Question, notice: Notice) {
        let (context, message) = (Arc::clone(&self.context), question.message.clone());
        self.tasks.spawn(async move {
            context.say(&message, &notice).await;
            Done::Other
        });
    }

    fn prune(&mut self) {
        let context = Arc::clone(&self.context);
        let before = context.ports.clock.now().before(context.settings.retention);
        self.tasks.spawn(async move {
            match context.ports.store.prune(before).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "forgot old messages"),
                Err(error) => tracing::warn!(kind = ?error.kind, error = error.source, "cannot forget old messages"),
            }
            Done::Other
        });
    }
}
