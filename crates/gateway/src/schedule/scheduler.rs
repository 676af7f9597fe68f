//! Puts the questions of jobs into the inbox when they are due.
//!
//! The id of the message follows from the job and the time, and the inbox takes it once: a crash between the message and
//! the note that the job is due again later comes to the same.

use std::sync::Arc;
use std::time::Duration;

use chela_engine::message::InboundMessage;
use chela_engine::ports::{Accepted, Clock, Jobs, Ran, StoreError};
use chela_engine::schedule::{Job, due, zone};
use chela_engine::time::Timestamp;
use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Shown;

/// What is longer ago is told as missed; the usual downtime of a restart or an update is made up for.
const PATIENCE: Duration = Duration::from_secs(60 * 60);
/// Jobs that one look brings.
const BATCH: usize = 64;
/// How often jobs are looked at without being asked: clocks are set, and other gateways make jobs, too.
const TICK: Duration = Duration::from_secs(5);

/// Takes a message into the inbox, once.
pub type Accept =
    Box<dyn Fn(InboundMessage) -> BoxFuture<'static, Result<Accepted, StoreError>> + Send + Sync>;

/// Runs jobs.
pub struct Scheduler {
    /// Where they are.
    pub jobs: Arc<dyn Jobs>,
    /// Who takes their questions.
    pub accept: Accept,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Told when a job is made or changed.
    pub changed: Arc<Notify>,
}

impl Scheduler {
    /// Runs jobs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let pause = match self.look().await {
                Ok(next) => next.map_or(TICK, |next| next.since(self.clock.now()).min(TICK)),
                Err(error) => {
                    tracing::error!(kind = ?error.kind, error = error.source, "cannot look after jobs");
                    TICK
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.changed.notified() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Begins what is due; tells when something is due next.
    pub async fn look(&self) -> Result<Option<Timestamp>, StoreError> {
        loop {
            let due = self.jobs.due(self.clock.now(), BATCH).await?;
            let is_all = due.len() < BATCH;
            for job in due {
                self.begin(&job).await?;
            }
            if is_all {
                break;
            }
        }
        self.jobs.sweep().await?;
        self.jobs.next_due().await
    }

    async fn begin(&self, job: &Job) -> Result<(), StoreError> {
        let Some(due_at) = job.next_at else {
            return Ok(());
        };
        let now = self.clock.now();
        // Zones do not go away; a machine can lose its database of them.
        let zone = zone(&job.zone).unwrap_or(TimeZone::UTC);
        let due = due(&job.when, &zone, due_at, now, PATIENCE);
        let shown = Shown(due.at, &job.zone).text();
        let message = job.message(&due.at.0.to_string(), shown, due.missed, now);
        let ran = Ran {
            job: job.id.clone(),
            name: job.name.clone(),
            message: message.id.clone(),
            due_at: due.at,
            at: now,
            moves: Some((due_at, due.next)),
        };
        tracing::info!(job = %job.id, message_id = %message.id, missed = due.missed, "a job is due");
        (self.accept)(message).await?;
        self.jobs.ran(ran).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chela_engine::id::{AgentId, JobId, Sequence};
    use chela_engine::ports::{JobLimits, Origin, Store};
    use chela_engine::schedule::{Context, When};
    use chela_engine::testing::group_message;
    use chela_store::SqliteStore;

    use super::*;

    /// A clock that a test sets.
    struct Set(Mutex<Timestamp>);

    impl Clock for Set {
        fn now(&self) -> Timestamp {
            *self.0.lock().expect("nobody panics with it")
        }
    }

    const NOON: Timestamp = Timestamp(1_790_000_000_000);
    const MINUTE: i64 = 60_000;

    struct World {
        store: Arc<SqliteStore>,
        clock: Arc<Set>,
        _folder: tempfile::TempDir,
    }

    impl World {
        /// A job every ten minutes from now.
        async fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let store = SqliteStore::open(&folder.path().join("chela.db")).expect("it opens");
            let when = When::Every {
                every_ms: 10 * MINUTE,
                anchor: NOON,
            };
            let job = Job {
                id: JobId::new("j1"),
                name: "喝水".to_owned(),
                agent: AgentId::new("main"),
                prompt: "/stop 提醒大家喝水".to_owned(),
                next_at: when.next(NOON, &TimeZone::UTC),
                when,
                zone: "Asia/Shanghai".to_owned(),
                context: Context::Isolated,
                destination: Origin::of(&group_message("m", "lin", "")),
                author: None,
                once: false,
                created_at: NOON,
            };
            let most = JobLimits { each: 9, all: 9 };
            assert!(store.keep(job, most).await.expect("it works"));
            Self {
                store: Arc::new(store),
                clock: Arc::new(Set(Mutex::new(NOON))),
                _folder: folder,
            }
        }

        fn scheduler(&self) -> Scheduler {
            let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
            Scheduler {
                jobs: Arc::clone(&self.store) as _,
                accept: Box::new(move |message| store.accept(message, clock.now())),
                clock: Arc::clone(&self.clock) as _,
                changed: Arc::default(),
            }
        }

        async fn look_at(&self, minutes: i64) -> Option<i64> {
            *self.clock.0.lock().expect("nobody panics with it") =
                Timestamp(NOON.0 + minutes * MINUTE);
            let next = self.scheduler().look().await.expect("it works");
            next.map(|next| (next.0 - NOON.0) / MINUTE)
        }

        /// The inbox: times in minutes, and whether they were missed.
        async fn inbox(&self) -> Vec<(String, bool)> {
            let messages = self.store.unfinished(Sequence(0), 99).await;
            let messages = messages.expect("it works").into_iter();
            messages
                .map(|stored| {
                    let scheduled = stored.message.scheduled.expect("it is a job's");
                    (stored.message.id.to_string(), scheduled.missed)
                })
                .collect()
        }
    }

    fn id(minutes: i64) -> String {
        format!("cron:j1:{}", NOON.0 + minutes * MINUTE)
    }

    #[tokio::test]
    async fn a_time_that_comes_is_one_message() {
        let world = World::new().await;
        assert_eq!(world.look_at(9).await, Some(10));
        assert_eq!(world.inbox().await, []);
        for _ in 0..3 {
            assert_eq!(world.look_at(10).await, Some(20));
        }
        assert_eq!(world.inbox().await, [(id(10), false)]);
        // What was missed for less than an hour is one run, what was missed for longer is told.
        assert_eq!(world.look_at(65).await, Some(70));
        assert_eq!(world.inbox().await[1..], [(id(60), false)]);
    }

    #[tokio::test]
    async fn a_crash_between_message_and_note_repeats_nothing() {
        let world = World::new().await;
        *world.clock.0.lock().expect("nobody panics with it") = Timestamp(NOON.0 + 10 * MINUTE);
        let due = world
            .store
            .due(world.clock.now(), 9)
            .await
            .expect("it works");
        let at = NOON.0 + 10 * MINUTE;
        let message = due[0].message(&at.to_string(), String::new(), false, NOON);
        world.store.accept(message, NOON).await.expect("it works");
        // The process dies here; the next one finds the job due.
        assert_eq!(world.look_at(11).await, Some(20));
        assert_eq!(world.inbox().await, [(id(10), false)]);
        let runs = world.store.runs(None, 9).await.expect("it works");
        assert_eq!(runs.len(), 1);
    }

    #[tokio::test]
    async fn a_day_that_was_slept_through_is_told_and_not_made_up_for() {
        let world = World::new().await;
        let mut job = world.store.jobs().await.expect("it works").remove(0);
        job.when = When::Cron {
            expr: "0 9 * * *".to_owned(),
        };
        let zone = TimeZone::get("Asia/Shanghai").expect("it exists");
        job.next_at = job.when.next(NOON, &zone);
        let nine = job.next_at.expect("nine o'clock comes");
        let most = JobLimits { each: 9, all: 9 };
        world.store.keep(job, most).await.expect("it works");
        let noon = (nine.0 - NOON.0) / MINUTE + 180;
        world.look_at(noon).await;
        let inbox = world.inbox().await;
        assert_eq!(inbox, [(format!("cron:j1:{}", nine.0), true)]);
        let messages = world
            .store
            .unfinished(Sequence(0), 9)
            .await
            .expect("it works");
        let scheduled = messages[0]
            .message
            .scheduled
            .clone()
            .expect("it is a job's");
        assert!(scheduled.due.ends_with("09:00 Asia/Shanghai"));
    }
}
