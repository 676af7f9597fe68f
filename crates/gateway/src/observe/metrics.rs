//! Prometheus metrics of the message path.

use std::time::Duration;

use chela_engine::ports::{Observation, Observer, Step};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use crate::admin::QuotaStatus;
use crate::catalogue::Code;

/// Counts what happens. Owns its recorder: several gateways in one process (the demo, tests) do not mix.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

/// Seconds from a few milliseconds to the longest turn.
const SECONDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
];

/// Values that are read when somebody asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
    /// Turns that run or wait for a permit.
    pub open_turns: usize,
    /// Questions that wait behind a turn.
    pub waiting: usize,
    /// Messages without an answer.
    pub unfinished: u64,
    /// Replies on their way.
    pub undelivered: u64,
    /// Replies that were given up.
    pub failed: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        let builder = PrometheusBuilder::new();
        let builder = builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, describe);
        Self { recorder, handle }
    }
}

impl Metrics {
    /// The text that Prometheus reads. `connected` names the bots and whether each is connected, `quota` is the month of each
    /// organisation.
    pub fn render(
        &self,
        gauges: Gauges,
        connected: &[(String, bool)],
        quota: &[QuotaStatus],
    ) -> String {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        metrics::with_local_recorder(&self.recorder, || {
            gauge!("chela_turns_open").set(gauges.open_turns as f64);
            gauge!("chela_queue_waiting").set(gauges.waiting as f64);
            gauge!("chela_inbox_unfinished").set(gauges.unfinished as f64);
            gauge!("chela_outbox_undelivered").set(gauges.undelivered as f64);
            gauge!("chela_outbox_failed").set(gauges.failed as f64);
            for (account, connected) in connected {
                gauge!("chela_stream_connected", "account" => account.clone())
                    .set(f64::from(u8::from(*connected)));
            }
            for status in quota {
                let organisation = || status.organisation.clone();
                let budgets = [
                    ("calls", &status.snapshot.calls),
                    ("messages", &status.snapshot.messages),
                ];
                for (budget, of) in budgets {
                    gauge!("chela_quota_limit", "organisation" => organisation(), "budget" => budget)
                        .set(of.limit as f64);
                    gauge!("chela_quota_left", "organisation" => organisation(), "budget" => budget)
                        .set(of.left as f64);
                }
                gauge!("chela_quota_answers_left", "organisation" => organisation())
                    .set(status.snapshot.answers_left as f64);
            }
        });
        self.handle.render()
    }

    /// Moves finished histogram samples into their buckets; call it every few seconds.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

impl Observer for Metrics {
    fn observe(&self, observation: &Observation) {
        metrics::with_local_recorder(&self.recorder, || count(&observation.step));
    }
}

fn count(step: &Step) {
    match step {
        Step::Stored => counter!("chela_inbox_stored_total").increment(1),
        Step::Duplicate => counter!("chela_inbox_duplicates_total").increment(1),
        Step::Denied { rule } => counter!("chela_denied_total", "rule" => *rule).increment(1),
        Step::Begun => counter!("chela_turns_begun_total").increment(1),
        Step::Asked { what } => counter!("chela_inquiries_total", "what" => *what).increment(1),
        Step::Decided { what, state } => {
            counter!("chela_inquiries_ended_total", "what" => *what, "state" => *state)
                .increment(1);
        }
        Step::AnswerRefused { reason } => {
            counter!("chela_answers_refused_total", "reason" => *reason).increment(1);
        }
        Step::Received | Step::FirstText => {}
        Step::Answered {
            outcome,
            usage,
            error,
            agent,
            attempts,
        } => {
            for attempt in attempts {
                let failure = attempt.failure.as_ref();
                let code = failure.map(|error| Code::of_agent(error.kind).to_string());
                let code = code.unwrap_or_else(|| "ok".to_owned());
                let model = attempt.model.clone();
                counter!("chela_model_attempts_total", "model" => model, "code" => code)
                    .increment(1);
            }
            let error = error.map_or_else(|| "none".to_owned(), |kind| format!("{kind:?}"));
            counter!("chela_turns_total", "outcome" => *outcome, "error" => error).increment(1);
            if let Some(usage) = usage {
                counter!("chela_model_tokens_total", "direction" => "input")
                    .increment(usage.input_tokens);
                counter!("chela_model_tokens_total", "direction" => "output")
                    .increment(usage.output_tokens);
                counter!("chela_model_tokens_total", "direction" => "cached")
                    .increment(usage.cached_tokens);
                let agent = agent.as_str().to_owned();
                counter!("chela_model_cost_billionths_total", "agent" => agent)
                    .increment(usage.cost.0);
            }
        }
        Step::Delivered {
            part,
            parts,
            elapsed,
        } => {
            counter!("chela_outbox_delivered_total").increment(1);
            if part == parts {
                histogram!("chela_answer_seconds").record(Duration::as_secs_f64(elapsed));
            }
        }
        Step::DeliveryRetried => counter!("chela_outbox_retries_total").increment(1),
        Step::DeliveryFailed => counter!("chela_outbox_failures_total").increment(1),
    }
}

fn describe() {
    describe_counter!("chela_inbox_stored_total", "Messages written to disk.");
    describe_counter!(
        "chela_inbox_duplicates_total",
        "Messages that were pushed again."
    );
    describe_counter!(
        "chela_denied_total",
        "Messages of people who may not talk here, by rule."
    );
    describe_counter!("chela_turns_begun_total", "Turns begun.");
    describe_counter!(
        "chela_turns_total",
        "Turns ended, by outcome and agent error."
    );
    describe_counter!(
        "chela_model_tokens_total",
        "Tokens that models told of, by direction; cached ones are a part of the input."
    );
    describe_counter!(
        "chela_model_cost_billionths_total",
        "Billionths of the currency of `cost` in models.providers, by agent."
    );
    describe_counter!(
        "chela_model_attempts_total",
        "Requests to models, by model and code; `ok` when an answer began."
    );
    describe_counter!(
        "chela_outbox_delivered_total",
        "Messages that the platform took."
    );
    describe_counter!(
        "chela_outbox_retries_total",
        "Deliveries that failed and were tried again."
    );
    describe_counter!(
        "chela_outbox_failures_total",
        "Deliveries that were given up."
    );
    describe_histogram!(
        "chela_answer_seconds",
        Unit::Seconds,
        "From a stored message to its delivered answer."
    );
    describe_gauge!("chela_turns_open", "Turns that run or wait for a permit.");
    describe_gauge!(
        "chela_queue_waiting",
        "Questions that wait behind a turn of their conversation."
    );
    describe_gauge!("chela_inbox_unfinished", "Messages without an answer.");
    describe_gauge!("chela_outbox_undelivered", "Replies on their way.");
    describe_gauge!(
        "chela_outbox_failed",
        "Replies that were given up and are kept."
    );
    describe_gauge!(
        "chela_quota_limit",
        "What an organisation may use in a month, by budget."
    );
    describe_gauge!(
        "chela_quota_left",
        "What is left of it this month, by budget."
    );
    describe_gauge!(
        "chela_quota_answers_left",
        "How many more questions can be asked and answered this month."
    );
    describe_gauge!(
        "chela_stream_connected",
        "Whether a bot's Stream connection showed life lately."
    );
}
