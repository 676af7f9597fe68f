//! One conversation with one agent: a turn runs, a few questions wait, in the order in which they came. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use crate::id::PersonId;
use crate::ports::StoredMessage;
use crate::question::Question;
use crate::time::Timestamp;

/// How much may wait, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Questions that may wait behind the running one.
    pub waiting: usize,
    /// A question that waited longer is declined: its moment has passed.
    pub patience: Duration,
    /// How long a text waits for more when one writes to the bot alone. Zero: not at all.
    pub gather_text: Duration,
    /// How long a picture or a file waits for more, the question about it before all.
    pub gather_files: Duration,
    /// However much comes, the first waits no longer.
    pub gather_longest: Duration,
}

impl Default for Limits {
    /// Eight questions at once, a quarter of an hour; files wait a second and a half for what belongs to them.
    fn default() -> Self {
        Self {
            waiting: 7,
            patience: Duration::from_secs(15 * 60),
            gather_text: Duration::ZERO,
            gather_files: Duration::from_millis(1_500),
            gather_longest: Duration::from_secs(10),
        }
    }
}

/// The state of a conversation that has something to do.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Whose question is being answered.
    running: Option<PersonId>,
    waiting: VecDeque<Question>,
    gathering: Option<Gathering>,
}

/// A question that may not be complete yet.
#[derive(Debug)]
struct Gathering {
    question: Question,
    until: Timestamp,
    /// When it must be complete whatever comes.
    latest: Timestamp,
}

/// What to do with a message that has arrived.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Answer it now.
    Start(Question),
    /// It waits.
    Queued,
    /// More may come that belongs to it: call [`Conversation::gathered`] then.
    Gathering {
        /// When, unless still more comes.
        until: Timestamp,
    },
    /// Too many wait; decline it.
    Full(Question),
    /// It is too old; decline it.
    Stale(Question),
}

/// What stopping came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Whether the running turn is the person's and must be stopped.
    pub running: bool,
    /// The person's waiting questions, which will not be answered.
    pub dropped: Vec<Question>,
}

impl Conversation {
    /// A message has arrived. Its times are those of its acceptance, so that a burst is the same burst after a restart.
    pub fn arrive(&mut self, message: StoredMessage, limits: Limits, now: Timestamp) -> Arrival {
        let question = Question::from(message);
        if is_stale(&question, limits, now) {
            return Arrival::Stale(question);
        }
        let received_at = question.message.received_at;
        match self.gathering.take() {
            Some(gathering) if received_at <= gathering.until => {
                let question = gathering.question.join(question);
                let until = received_at.after(window(&question, limits));
                self.gather(question, until.min(gathering.latest), gathering.latest)
            }
            // Messages that were complete long ago, found after a restart.
            Some(gathering) => {
                self.waiting.push_back(gathering.question);
                self.receive(question, limits)
            }
            None => self.receive(question, limits),
        }
    }

    /// The time to gather is over, perhaps; `None` when nothing is gathered.
    pub fn gathered(&mut self, limits: Limits, now: Timestamp) -> Option<Arrival> {
        let gathering = self.gathering.take()?;
        if now < gathering.until {
            return Some(self.gather(gathering.question, gathering.until, gathering.latest));
        }
        Some(self.enqueue(gathering.question, limits))
    }

    /// The running turn has ended; gives the next question, if one waits. Call [`Self::expire`] first.
    pub fn ended(&mut self) -> Option<Question> {
        let next = self.waiting.pop_front();
        self.running = next.as_ref().map(|question| question.person().clone());
        next
    }

    /// Takes out what has waited too long.
    pub fn expire(&mut self, limits: Limits, now: Timestamp) -> Vec<Question> {
        self.take_waiting(|question| is_stale(question, limits, now))
    }

    /// A person wants to stop: their own questions, nobody else's.
    pub fn stop(&mut self, person: &PersonId) -> Stopped {
        let mut dropped = self.take_waiting(|question| question.person() == person);
        dropped.extend(self.forget(person));
        Stopped {
            running: self.running.as_ref() == Some(person),
            dropped,
        }
    }

    /// A person begins anew: what they had not finished saying belongs to what is over.
    pub fn forget(&mut self, person: &PersonId) -> Option<Question> {
        let gathered = self
            .gathering
            .take_if(|gathering| gathering.question.person() == person);
        gathered.map(|gathering| gathering.question)
    }

    /// Whose question is being answered.
    pub fn asker(&self) -> Option<&PersonId> {
        self.running.as_ref()
    }

    /// How many questions wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len() + usize::from(self.gathering.is_some())
    }

    /// Whether there is nothing to do, so that the state may be forgotten.
    pub fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting() == 0
    }

    fn receive(&mut self, question: Question, limits: Limits) -> Arrival {
        let received_at = question.message.received_at;
        let window = window(&question, limits);
        if window.is_zero() {
            self.enqueue(question, limits)
        } else {
            let latest = received_at.after(limits.gather_longest);
            self.gather(question, received_at.after(window), latest)
        }
    }

    fn gather(&mut self, question: Question, until: Timestamp, latest: Timestamp) -> Arrival {
        self.gathering = Some(Gathering {
            question,
            until,
            latest,
        });
        Arrival::Gathering { until }
    }

    fn enqueue(&mut self, question: Question, limits: Limits) -> Arrival {
        if self.waiting.len() >= limits.waiting {
            return Arrival::Full(question);
        }
        self.waiting.push_back(question);
        if self.running.is_some() {
            return Arrival::Queued;
        }
        self.ended().map_or(Arrival::Queued, Arrival::Start)
    }

    fn take_waiting(&mut self, mut taken: impl FnMut(&Question) -> bool) -> Vec<Question> {
        let (out, kept) = self
            .waiting
            .drain(..)
            .partition::<Vec<_>, _>(|question| taken(question));
        self.waiting = kept.into();
        out
    }
}

fn is_stale(question: &Question, limits: Limits, now: Timestamp) -> bool {
    now.since(question.message.received_at) > limits.patience
}

/// How long a question waits for what belongs to it. In groups everybody speaks, so nothing waits there.
fn window(question: &Question, limits: Limits) -> Duration {
    if !question.is_direct() {
        Duration::ZERO
    } else if question.has_files() {
        limits.gather_files.max(limits.gather_text)
    } else {
        limits.gather_text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Sequence;
    use crate::message::Part;
    use crate::testing::{direct_message, group_message, picture};

    const NOON: Timestamp = Timestamp(1_790_000_000_000);

    fn message(sequence: i64, person: &str) -> StoredMessage {
        StoredMessage {
            sequence: Sequence(sequence),
            received_at: NOON,
            attempts: 0,
            message: group_message(&format!("m{sequence}"), person, "问"),
        }
    }

    fn sequences(questions: &[Question]) -> Vec<i64> {
        questions
            .iter()
            .map(|question| question.message.sequence.0)
            .collect()
    }

    /// A message to the bot alone, received some milliseconds after noon.
    fn alone(sequence: i64, after: u64, file: bool) -> StoredMessage {
        let id = format!("m{sequence}");
        let mut message = direct_message(&id, "lin", if file { "" } else { "问" });
        if file {
            message.parts = vec![Part::Attachment(picture())];
        }
        StoredMessage {
            sequence: Sequence(sequence),
            received_at: NOON.after(Duration::from_millis(after)),
            attempts: 0,
            message,
        }
    }

    fn gathered(question: &Question) -> (i64, Vec<i64>) {
        let joined = question.joined.iter().map(|sequence| sequence.0);
        (question.message.sequence.0, joined.collect())
    }

    #[test]
    fn files_wait_for_the_question_about_them() {
        let mut conversation = Conversation::default();
        let limits = Limits::default();
        let at = |after| NOON.after(Duration::from_millis(after));
        for (sequence, after, file) in [(1, 0, true), (2, 1_000, true), (3, 2_000, false)] {
            let arrival = conversation.arrive(alone(sequence, after, file), limits, at(after));
            assert_eq!(
                arrival,
                Arrival::Gathering {
                    until: at(after + 1_500)
                }
            );
        }
        assert!(matches!(
            conversation.gathered(limits, at(3_000)),
            Some(Arrival::Gathering { .. })
        ));
        let Some(Arrival::Start(question)) = conversation.gathered(limits, at(3_500)) else {
            panic!("it is complete");
        };
        assert_eq!(gathered(&question), (3, vec![1, 2]));
        assert_eq!(question.message.message.attachments().count(), 2);
        assert_eq!(question.message.message.text(), "问");
        assert_eq!(conversation.gathered(limits, at(9_000)), None);
    }

    #[test]
    fn a_burst_ends_though_more_comes_and_is_the_same_after_a_restart() {
        let mut conversation = Conversation::default();
        let limits = Limits::default();
        let late = NOON.after(Duration::from_secs(60));
        let mut arrivals = Vec::new();
        for sequence in 1..=12 {
            let millis = 1_000 * u64::try_from(sequence).unwrap();
            arrivals.push(conversation.arrive(alone(sequence, millis, true), limits, late));
        }
        let starts = conversation.ended().expect("the first burst waits");
        assert_eq!(gathered(&starts), (11, (1..=10).collect()));
        assert!(
            arrivals
                .iter()
                .all(|arrival| matches!(arrival, Arrival::Gathering { .. }))
        );
        let Some(Arrival::Queued) = conversation.gathered(limits, late) else {
            panic!("the second burst waits");
        };
    }

    #[test]
    fn texts_and_groups_do_not_wait() {
        let limits = Limits::default();
        let mut conversation = Conversation::default();
        let arrival = conversation.arrive(alone(1, 0, false), limits, NOON);
        assert!(matches!(arrival, Arrival::Start(_)));
        let mut in_group = message(2, "lin");
        in_group.message.parts.push(Part::Attachment(picture()));
        let arrival = Conversation::default().arrive(in_group, limits, NOON);
        assert!(matches!(arrival, Arrival::Start(_)));
    }

    #[test]
    fn stop_drops_what_is_gathered() {
        let mut conversation = Conversation::default();
        conversation.arrive(alone(1, 0, true), Limits::default(), NOON);
        let stopped = conversation.stop(&PersonId::new("lin"));
        assert_eq!(sequences(&stopped.dropped), [1]);
        assert!(conversation.is_idle());
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
            order.push(next.message.sequence.0);
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
