//! Whether the agents answer.

use std::sync::{Mutex, PoisonError};

use chela_engine::ports::{AgentErrorKind, Observation, Observer, Step};

use super::incident::ModelState;
use crate::catalogue::Code;

/// So many answers in a row that failed for one of the reasons that do not pass by themselves.
const IN_A_ROW: u32 = 5;

/// Counts answers in a row that failed.
#[derive(Debug, Default)]
pub struct ModelHealth(Mutex<Failures>);

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last: Option<AgentErrorKind>,
    /// Whether an answer has come since the last failure.
    has_worked: bool,
}

impl ModelHealth {
    /// Whether agents answer.
    pub fn state(&self) -> ModelState {
        let failures = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.last {
            Some(kind) if failures.count >= IN_A_ROW => ModelState::Fails(Code::of_agent(kind)),
            _ if failures.has_worked => ModelState::Works,
            _ => ModelState::Unknown,
        }
    }
}

impl Observer for ModelHealth {
    fn observe(&self, observation: &Observation) {
        let Step::Answered { usage, error, .. } = &observation.step else {
            return;
        };
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            Some(
                kind @ (AgentErrorKind::Auth
                | AgentErrorKind::QuotaExhausted
                | AgentErrorKind::Unavailable
                | AgentErrorKind::Timeout),
            ) => {
                failures.count = failures.count.saturating_add(1);
                failures.last = Some(*kind);
                failures.has_worked = false;
            }
            // Commands end without an agent: that proves nothing.
            None if usage.is_none() => {}
            _ => {
                *failures = Failures {
                    has_worked: true,
                    ..Failures::default()
                };
            }
        }
    }
}
