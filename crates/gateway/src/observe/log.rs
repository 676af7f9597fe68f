//! One line in the log for each station of a message. Ids and counts only, never content.

use chela_engine::ports::{Observation, Observer, Step};

/// Writes observations to the log.
pub struct LogObserver;

impl Observer for LogObserver {
    fn observe(&self, observation: &Observation) {
        let (account, message) = (&observation.account, &observation.message);
        match &observation.step {
            Step::Received => {
                tracing::trace!(%account, message_id = %message, "received")
            }
            Step::Stored => tracing::debug!(%account, message_id = %message, "stored"),
            Step::Duplicate => {
                tracing::info!(%account, message_id = %message, "pushed again, already known")
            }
            Step::Denied { rule } => {
                tracing::info!(%account, message_id = %message, rule, "sender denied")
            }
            Step::Begun => tracing::info!(%account, message_id = %message, "turn begun"),
            Step::FirstText => tracing::info!(%account, message_id = %message, "first text"),
            Step::Answered { outcome, usage, .. } => {
                let tokens = usage.map(|usage| usage.input_tokens + usage.output_tokens);
                tracing::info!(%account, message_id = %message, outcome, tokens, "answered");
            }
            Step::Delivered {
                part,
                parts,
                elapsed,
            } => {
                let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
                tracing::info!(%account, message_id = %message, part, parts, elapsed_ms, "delivered");
            }
            // The engine logs these with their reasons.
            Step::DeliveryRetried | Step::DeliveryFailed => {}
        }
    }
}
