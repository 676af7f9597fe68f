//! Jobs and runs as they are listed. The fields are those of `--json`.

use chela_engine::message::ConversationKind;
use chela_engine::ports::{Run, RunDelivery};
use chela_engine::schedule::{Context, Job, When, zone};
use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRow {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it is due some time.
    pub enabled: bool,
    /// Who answers.
    pub agent_id: String,
    /// When.
    pub schedule: When,
    /// On the clock of which zone; empty: the machine's.
    pub tz: String,
    /// `isolated` or `current`.
    pub session_target: Context,
    /// What is asked.
    pub message: String,
    /// Which platform.
    pub channel: String,
    /// Which bot.
    pub account_id: String,
    /// `user:ID` or `group:ID`.
    pub to: String,
    /// Their name, if it is known.
    pub to_name: String,
    /// Whether it is forgotten when its answer has arrived.
    pub delete_after_run: bool,
    /// Who made it; nobody: an operator.
    pub created_by: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// When it is due next.
    pub next_run_at: Option<Timestamp>,
    /// The same as people read it, on the clock of its zone.
    pub next_run: Option<String>,
    /// What became of it last.
    pub last_run: Option<LastRun>,
}

/// What became of a job last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastRun {
    /// When.
    pub at: Timestamp,
    /// What.
    pub status: RunState,
    /// Why, where something went wrong.
    pub reason: Option<String>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRow {
    /// The id of its message; `chela trace` tells the rest.
    pub run_id: String,
    /// Of which job.
    pub job_id: String,
    /// Its name.
    pub name: String,
    /// The time that it is about.
    pub due_at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// How long the turn took, with the time that it waited; `None` while it has not ended.
    pub duration_ms: Option<u64>,
    /// What became of it.
    pub status: RunState,
    /// How the turn ended, in a stable word.
    pub outcome: Option<String>,
    /// Why, where something went wrong.
    pub reason: Option<String>,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It waits or is being answered.
    Running,
    /// The answer is on its way.
    Delivering,
    /// The answer has arrived.
    Delivered,
    /// The answer cannot be delivered.
    DeliveryFailed,
    /// There was no answer.
    Failed,
    /// Its time passed while the gateway did not run.
    Missed,
    /// Whoever made it may not talk to the bot any more.
    Denied,
}

/// A point in time as people read it, on the clock of a zone.
pub struct Shown<'a>(pub Timestamp, pub &'a str);

impl Shown<'_> {
    /// `2026-11-26 09:00 Asia/Shanghai`.
    pub fn text(&self) -> String {
        let zone = zone(self.1).unwrap_or(jiff::tz::TimeZone::UTC);
        let Ok(at) = jiff::Timestamp::from_millisecond(self.0.0) else {
            return self.0.0.to_string();
        };
        let at = at.to_zoned(zone);
        match self.1 {
            "" => at.strftime("%Y-%m-%d %H:%M").to_string(),
            _ => at.strftime("%Y-%m-%d %H:%M %Q").to_string(),
        }
    }
}

impl JobRow {
    /// A job with what became of it last.
    pub fn of(job: Job, last: Option<&Run>) -> Self {
        let person = &job.destination.person;
        let conversation = &job.destination.conversation;
        let (to, to_name) = match conversation.kind {
            ConversationKind::Direct => (format!("user:{}", person.id), person.name.clone()),
            ConversationKind::Group => (
                format!("group:{}", conversation.id),
                conversation.title.clone().unwrap_or_default(),
            ),
        };
        Self {
            id: job.id.to_string(),
            enabled: job.next_at.is_some(),
            agent_id: job.agent.to_string(),
            session_target: job.context,
            channel: job.destination.channel.to_string(),
            account_id: job.destination.account.to_string(),
            to,
            to_name,
            delete_after_run: job.once,
            created_by: job.author.as_ref().map(ToString::to_string),
            created_at: job.created_at,
            next_run_at: job.next_at,
            next_run: job.next_at.map(|at| Shown(at, &job.zone).text()),
            last_run: last.map(|run| {
                let (status, reason) = judge(run);
                LastRun {
                    at: run.started_at,
                    status,
                    reason,
                }
            }),
            name: job.name,
            schedule: job.when,
            tz: job.zone,
            message: job.prompt,
        }
    }
}

impl RunRow {
    /// A run.
    pub fn of(run: Run) -> Self {
        let (status, reason) = judge(&run);
        let ended = run.ended.as_ref();
        let duration = ended.map(|(_, at)| at.since(run.started_at).as_millis());
        Self {
            run_id: run.message.to_string(),
            job_id: run.job.to_string(),
            name: run.name,
            due_at: run.due_at,
            started_at: run.started_at,
            duration_ms: duration.map(|duration| u64::try_from(duration).unwrap_or(u64::MAX)),
            status,
            outcome: run.ended.map(|(outcome, _)| outcome),
            reason,
        }
    }
}

fn judge(run: &Run) -> (RunState, Option<String>) {
    let outcome = run.ended.as_ref().map(|(outcome, _)| outcome.as_str());
    match (outcome, &run.delivery) {
        (_, RunDelivery::Failed { reason }) => (RunState::DeliveryFailed, Some(reason.clone())),
        (None, _) => (RunState::Running, None),
        (Some("missed"), _) => (RunState::Missed, None),
        (Some("denied"), _) => (RunState::Denied, None),
        (Some("answer"), RunDelivery::Pending { reason }) => (RunState::Delivering, reason.clone()),
        (Some("answer"), RunDelivery::Delivered) => (RunState::Delivered, None),
        (Some(outcome), _) => (RunState::Failed, Some(outcome.to_owned())),
    }
}
