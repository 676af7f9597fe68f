//! The machine of one conversation.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Limits, QueueMode};
use crate::id::{ChannelId, Sequence};
use crate::question::{Asker, Question};
use crate::time::Timestamp;

/// Who has just written is told that others go first.
const RECENT: Duration = Duration::from_secs(3);

/// The state of a conversation that has something to do.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Whose question is being answered.
    running: Option<Asker>,
    waiting: VecDeque<Waiting>,
    gathering: Option<Gathering>,
    /// Whether somebody was told how many wait, since nothing did.
    told: bool,
}

#[derive(Debug)]
struct Waiting {
    question: Question,
    /// Whether the running agent may take it.
    offered: bool,
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
    /// It waits behind more than the running turn, and the person should be told.
    QueuedBehind {
        /// How many go before it, the running one included.
        ahead: usize,
        /// What waits.
        question: Question,
    },
    /// It waits, and the running agent may take it: offer it.
    Offer(Question),
    /// It waits, and the running turn must make room for it.
    Interrupt,
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
    /// A message has arrived; tells what to do, in this order. Its times are those of its acceptance, so that a burst is
    /// the same burst after a restart.
    pub fn arrive(
        &mut self,
        question: Question,
        limits: Limits,
        mode: QueueMode,
        now: Timestamp,
    ) -> Vec<Arrival> {
        if is_stale(&question, limits, now) {
            return vec![Arrival::Stale(question)];
        }
        let received_at = question.message.received_at;
        // After a restart nobody is told again.
        let limits = Limits {
            tell: limits.tell && now.since(received_at) <= RECENT,
            ..limits
        };
        match self.gathering.take() {
            Some(gathering)
                if received_at <= gathering.until
                    && gathering.question.asker() == question.asker() =>
            {
                let question = gathering.question.join(question);
                let until = received_at.after(window(&question, limits));
                vec![self.gather(question, until.min(gathering.latest), gathering.latest)]
            }
            // Somebody else speaks, or these are messages that were complete long ago, found after a restart.
            Some(gathering) => vec![
                self.enqueue(gathering.question, limits, mode),
                self.receive(question, limits, mode),
            ],
            None => vec![self.receive(question, limits, mode)],
        }
    }

    /// The time to gather is over, perhaps; `None` when nothing is gathered.
    pub fn gathered(&mut self, limits: Limits, mode: QueueMode, now: Timestamp) -> Option<Arrival> {
        let gathering = self.gathering.take()?;
        if now < gathering.until {
            return Some(self.gather(gathering.question, gathering.until, gathering.latest));
        }
        Some(self.enqueue(gathering.question, limits, mode))
    }

    /// The running turn has ended, and its agent has answered what it has taken; gives the next question, if one waits.
    /// Call [`Self::expire`] first.
    pub fn ended(&mut self, mode: QueueMode, taken: &[Sequence]) -> Option<Question> {
        self.waiting
            .retain(|waiting| !taken.contains(&waiting.question.message.sequence));
        for waiting in &mut self.waiting {
            waiting.offered = false;
        }
        let mut next = self.waiting.pop_front().map(|waiting| waiting.question);
        if matches!(mode, QueueMode::Collect | QueueMode::Interrupt) {
            while let Some(question) = &next
                && let Some(more) = self
                    .waiting
                    .pop_front_if(|waiting| question.goes_with(&waiting.question))
            {
                next = next.map(|question| question.join(more.question));
            }
        }
        self.running = next.as_ref().map(Question::asker);
        self.told &= !self.waiting.is_empty();
        next
    }

    /// Takes out what has waited too long.
    pub fn expire(&mut self, limits: Limits, now: Timestamp) -> Vec<Question> {
        self.take_waiting(|question| is_stale(question, limits, now))
    }

    /// A person wants to stop: their own questions in this chat, nobody else's.
    pub fn stop(&mut self, person: &Asker) -> Stopped {
        let mut dropped = self.take_waiting(|question| question.asker() == *person);
        dropped.extend(self.forget(person));
        Stopped {
            running: self.running.as_ref() == Some(person),
            dropped,
        }
    }

    /// A person begins anew: what they had not finished saying belongs to what is over.
    pub fn forget(&mut self, person: &Asker) -> Option<Question> {
        let gathered = self
            .gathering
            .take_if(|gathering| gathering.question.asker() == *person);
        gathered.map(|gathering| gathering.question)
    }

    /// Whose question is being answered.
    pub fn asker(&self) -> Option<&Asker> {
        self.running.as_ref()
    }

    /// The platform on which it is held; `None` when nothing is going on.
    pub fn channel(&self) -> Option<&ChannelId> {
        let asker = self.running.as_ref().map(|asker| &asker.chat.channel);
        let gathering = self.gathering.as_ref().map(|gathering| &gathering.question);
        let waiting = self.waiting.front().map(|waiting| &waiting.question);
        asker.or_else(|| Some(&gathering.or(waiting)?.message.message.channel))
    }

    /// Whether anything of it is a person's.
    pub fn concerns(&self, person: &Asker) -> bool {
        let waiting = self.waiting.iter().map(|waiting| &waiting.question);
        let gathering = self.gathering.iter().map(|gathering| &gathering.question);
        self.running.as_ref() == Some(person)
            || waiting
                .chain(gathering)
                .any(|question| question.asker() == *person)
    }

    /// How many questions wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len() + usize::from(self.gathering.is_some())
    }

    /// Whether there is nothing to do, so that the state may be forgotten.
    pub fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting() == 0
    }

    fn receive(&mut self, question: Question, limits: Limits, mode: QueueMode) -> Arrival {
        let received_at = question.message.received_at;
        let window = window(&question, limits);
        if window.is_zero() {
            self.enqueue(question, limits, mode)
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

    fn enqueue(&mut self, question: Question, limits: Limits, mode: QueueMode) -> Arrival {
        if self.waiting.len() >= limits.waiting {
            return Arrival::Full(question);
        }
        let own = self.running == Some(question.asker());
        // Nothing is said into a turn before what was said earlier.
        let offered = mode == QueueMode::Steer
            && own
            && question.is_plain()
            && self.waiting.iter().all(|waiting| waiting.offered);
        let interrupts = mode == QueueMode::Interrupt && own;
        // Told once until nothing waits: each notice costs a call.
        let tell = limits.tell && !self.waiting.is_empty() && !self.told;
        let told = offered || tell && !interrupts;
        let copy = told.then(|| question.clone());
        self.waiting.push_back(Waiting { question, offered });
        match copy {
            _ if self.running.is_none() => {
                let next = self.ended(mode, &[]);
                next.map_or(Arrival::Queued, Arrival::Start)
            }
            _ if interrupts => Arrival::Interrupt,
            Some(question) if offered => Arrival::Offer(question),
            Some(question) => {
                self.told = true;
                let ahead = self.waiting.len();
                Arrival::QueuedBehind { ahead, question }
            }
            None => Arrival::Queued,
        }
    }

    fn take_waiting(&mut self, mut taken: impl FnMut(&Question) -> bool) -> Vec<Question> {
        let (out, kept) = self
            .waiting
            .drain(..)
            .partition::<Vec<_>, _>(|waiting| taken(&waiting.question));
        self.waiting = kept.into();
        out.into_iter().map(|waiting| waiting.question).collect()
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
