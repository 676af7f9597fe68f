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

#[cfg(test)]
mod tests {
    use chela_engine::id::{AccountId, AgentId, MessageId};
    use chela_engine::ports::Usage;
    use chela_engine::time::Timestamp;

    use super::*;

    fn answered(health: &ModelHealth, usage: Option<Usage>, error: Option<AgentErrorKind>) {
        health.observe(&Observation {
            account: AccountId::new("main"),
            message: MessageId::new("m"),
            at: Timestamp(0),
            step: Step::Answered {
                outcome: "answer",
                usage,
                error,
                agent: AgentId::new("main"),
                attempts: Vec::new(),
            },
        });
    }

    #[test]
    fn five_failures_in_a_row_are_a_dead_model_until_one_answers() {
        let health = ModelHealth::default();
        assert_eq!(health.state(), ModelState::Unknown);
        for _ in 0..4 {
            answered(&health, None, Some(AgentErrorKind::Unavailable));
        }
        // A command proves nothing.
        answered(&health, None, None);
        assert_eq!(health.state(), ModelState::Unknown);
        answered(&health, None, Some(AgentErrorKind::Auth));
        assert_eq!(health.state(), ModelState::Fails(Code::AgentAuth));
        answered(&health, Some(Usage::default()), None);
        assert_eq!(health.state(), ModelState::Works);
        answered(&health, None, Some(AgentErrorKind::Auth));
        assert_eq!(health.state(), ModelState::Unknown);
    }
}
