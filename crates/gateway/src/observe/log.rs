//! One line in the log for each station of a message. Ids and counts only, never content.

use chela_engine::ports::{Attempt, Observation, Observer, Step};

use crate::catalogue::Code;

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
            Step::Asked { what } => {
                tracing::info!(%account, message_id = %message, what, "asked a person")
            }
            Step::Decided { what, state } => {
                let code = (*state == "expired").then(|| Code::NotAnswered.to_string());
                tracing::info!(%account, message_id = %message, what, state, code, "decided");
            }
            Step::AnswerRefused { reason } => {
                let code = Code::AnswerRefused;
                tracing::warn!(%account, message_id = %message, reason, %code, "an answer to an approval or a question does not count");
            }
            Step::FirstText => tracing::info!(%account, message_id = %message, "first text"),
            Step::Answered {
                outcome,
                usage,
                error,
                agent,
                attempts,
            } => {
                let tokens = usage.map(|usage| usage.input_tokens + usage.output_tokens);
                let code = error.map(|kind| Code::of_agent(kind).to_string());
                let attempts = told(attempts);
                tracing::info!(%account, message_id = %message, %agent, outcome, code, tokens, attempts, "answered");
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

/// The account of attempts in one line: `a/x CHELA-4002 120 ms, b/y ok 340 ms`. Nothing where no service was asked.
fn told(attempts: &[Attempt]) -> Option<String> {
    let each = attempts.iter().map(|attempt| {
        let failure = attempt.failure.as_ref();
        let code = failure.map(|error| Code::of_agent(error.kind).to_string());
        let code = code.unwrap_or_else(|| "ok".to_owned());
        format!(
            "{} {code} {} ms",
            attempt.model,
            attempt.elapsed.as_millis()
        )
    });
    let all: Vec<String> = each.collect();
    (!all.is_empty()).then(|| all.join(", "))
}
