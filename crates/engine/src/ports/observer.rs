//! A window for metrics, the demo page and traces. Watching must never slow the path.

use std::time::Duration;

use crate::id::{AccountId, AgentId, MessageId};
use crate::ports::{AgentErrorKind, Attempt, Usage};
use crate::time::Timestamp;

/// Is told what happens; must neither block nor fail.
pub trait Observer: Send + Sync + 'static {
    /// Takes note of one event.
    fn observe(&self, observation: &Observation);
}

/// Something that happened to a message.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The bot.
    pub account: AccountId,
    /// The message from a person that all of this is about.
    pub message: MessageId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub step: Step,
}

/// The stations of a message on its way.
#[derive(Clone, Debug)]
pub enum Step {
    /// It has arrived; nothing of it is safe yet.
    Received,
    /// It was written to disk; the acknowledgement may go.
    Stored,
    /// It was pushed again and is already known.
    Duplicate,
    /// Its sender may not talk here.
    Denied {
        /// Which rule said no.
        rule: &'static str,
    },
    /// An agent works on it.
    Begun,
    /// The agent asks a person.
    Asked {
        /// For what: `approval` or `question`.
        what: &'static str,
    },
    /// What it has asked has come to its end.
    Decided {
        /// What it was: `approval` or `question`.
        what: &'static str,
        /// How, as [`crate::inquiry::State::name`].
        state: &'static str,
    },
    /// Somebody's answer to it does not count.
    AnswerRefused {
        /// Why, as [`crate::inquiry::Refusal::name`].
        reason: &'static str,
    },
    /// The agent's first visible text.
    FirstText,
    /// The answer is written to disk.
    Answered {
        /// How the turn ended, as in [`crate::turn::Outcome::name`].
        outcome: &'static str,
        /// Tokens, when the agent told.
        usage: Option<Usage>,
        /// Why the agent failed, when it did.
        error: Option<AgentErrorKind>,
        /// Who answered.
        agent: AgentId,
        /// Which services were asked, and what came of it.
        attempts: Vec<Attempt>,
    },
    /// The platform has taken one part of the answer.
    Delivered {
        /// Which part, from 1.
        part: u32,
        /// How many there are.
        parts: u32,
        /// From acceptance of the message to the receipt.
        elapsed: Duration,
    },
    /// One try to deliver failed; there will be another.
    DeliveryRetried,
    /// The answer cannot be delivered.
    DeliveryFailed,
}
