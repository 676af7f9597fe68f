//! Jobs and their runs, as the store keeps them.

use futures_util::future::BoxFuture;

use crate::id::{JobId, MessageId};
use crate::ports::StoreError;
use crate::schedule::Job;
use crate::time::Timestamp;

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

/// Keeps jobs. The order of calls is kept as with [`super::Store`].
pub trait Jobs: Send + Sync + 'static {
    /// All jobs, the one that is due next first, those that are not due last.
    fn jobs(&self) -> Reply<Vec<Job>>;

    /// Keeps a job, in the place of the one with the same id. A new one beyond the limits is not kept: `false`.
    fn keep(&self, job: Job, most: Limits) -> Reply<bool>;

    /// Forgets a job; `false` when there is none.
    fn forget(&self, id: JobId) -> Reply<bool>;

    /// Jobs that are due until `at`, the longest due first, at most `limit`.
    fn due(&self, at: Timestamp, limit: usize) -> Reply<Vec<Job>>;

    /// When the next job is due.
    fn next_due(&self) -> Reply<Option<Timestamp>>;

    /// Writes a run down whose message the inbox has, once for each message; and, when the job is still due at
    /// `run.due_at_before`, when it is due next.
    fn ran(&self, run: Ran) -> Reply<()>;

    /// Forgets jobs that were for once and whose answer has arrived; tells how many.
    fn sweep(&self) -> Reply<u64>;

    /// Runs, of one job or of all, the newest first, at most `limit`. They are kept as long as their messages.
    fn runs(&self, job: Option<JobId>, limit: usize) -> Reply<Vec<Run>>;
}

/// How many jobs there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one author.
    pub each: usize,
    /// Of all.
    pub all: usize,
}

/// A run that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Which job.
    pub job: JobId,
    /// Its name.
    pub name: String,
    /// The message that the run is.
    pub message: MessageId,
    /// The time that it is about.
    pub due_at: Timestamp,
    /// Now.
    pub at: Timestamp,
    /// When the job was due before and is due next; `None`: the run was asked for and moves nothing.
    pub moves: Option<(Timestamp, Option<Timestamp>)>,
}

/// A run and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which job.
    pub job: JobId,
    /// Its name.
    pub name: String,
    /// The message that the run is.
    pub message: MessageId,
    /// The time that it is about.
    pub due_at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended, as a message does, and when; `None` while it has not.
    pub ended: Option<(String, Timestamp)>,
    /// What became of its answer.
    pub delivery: RunDelivery,
}

/// What became of the answer of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunDelivery {
    /// There is none, or none yet.
    Nothing,
    /// It is on its way.
    Pending {
        /// How the last try went.
        reason: Option<String>,
    },
    /// The platform has all of it.
    Delivered,
    /// Some of it was given up.
    Failed {
        /// Why.
        reason: String,
    },
}
