//! What turns have used of models, for the account of people and agents.

use std::ops::Range;

use crate::id::{AgentId, PersonId};
use crate::ports::{Attempt, Usage};
use crate::time::Timestamp;

/// What one turn has used of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Who answered.
    pub agent: AgentId,
    /// Who asked.
    pub person: PersonId,
    /// How much. Nothing when the turn ended before the model told.
    pub usage: Usage,
    /// Which services were asked, and what came of it.
    pub attempts: Vec<Attempt>,
}

impl Spent {
    /// The model that answered last, else the one that was asked last.
    pub fn model(&self) -> &str {
        let answered = |attempt: &&Attempt| attempt.failure.is_none();
        let attempt = self.attempts.iter().rev().find(answered);
        let attempt = attempt.or(self.attempts.last());
        attempt.map_or("", |attempt| attempt.model.as_str())
    }
}

/// Which turns are summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendingQuery {
    /// When they ended.
    pub during: Range<Timestamp>,
    /// Of one agent only.
    pub agent: Option<AgentId>,
    /// Of one person only.
    pub person: Option<PersonId>,
}

/// What one person has used of one model through one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendingLine {
    /// Who answered.
    pub agent: AgentId,
    /// Who asked.
    pub person: PersonId,
    /// The model, as the configuration names it.
    pub model: String,
    /// How many turns.
    pub turns: u64,
    /// How much.
    pub usage: Usage,
}
