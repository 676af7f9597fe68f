//! What the desk is asked for, and why it says no.

use chela_engine::schedule::Wish;
use serde::{Deserialize, Serialize};

use super::{JobRow, RunRow};

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Order {
    /// All jobs.
    List,
    /// The newest runs, of one job or of all.
    Runs {
        /// Of this one.
        id: Option<String>,
        /// At most so many.
        limit: usize,
    },
    /// A new job.
    Add {
        /// How it shall be.
        wish: Wish,
    },
    /// Another job in the place of one.
    Edit {
        /// Which.
        id: String,
        /// What shall be different.
        wish: Wish,
    },
    /// No such job any more.
    Remove {
        /// Which.
        id: String,
    },
    /// A run now, besides those that are due.
    Run {
        /// Which.
        id: String,
    },
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Jobs.
    Jobs {
        /// The one that is due next first.
        jobs: Vec<JobRow>,
    },
    /// Runs.
    Runs {
        /// The newest first.
        runs: Vec<RunRow>,
    },
    /// The job is there as it was wanted.
    Kept {
        /// How it is.
        job: Box<JobRow>,
    },
    /// It is gone.
    Removed {
        /// Which.
        id: String,
    },
    /// It was begun.
    Begun {
        /// The id of the message that the run is.
        run: String,
    },
    /// It is not done.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// Something has to be given.
    Missing {
        /// What.
        what: String,
    },
    /// Exactly one of three must be given.
    OneSchedule,
    /// A point in time that cannot be read.
    At {
        /// What was given.
        given: String,
        /// One that can.
        nearest: String,
    },
    /// A point in time that has passed.
    Past {
        /// When it was.
        given: String,
        /// The same time of day, the next time that it comes.
        nearest: String,
    },
    /// A length of time that cannot be read, or is too short.
    Every {
        /// What was given.
        given: String,
    },
    /// An expression that has not five fields.
    Fields {
        /// What was given.
        given: String,
        /// How many it has.
        count: usize,
    },
    /// A field that cannot be read.
    Field {
        /// Which: 0 is the minute, 4 the weekday.
        place: usize,
        /// What stands there.
        given: String,
        /// What can stand there.
        least: u64,
        /// What can stand there.
        most: u64,
        /// The expression with the nearest number, if it is only a number too far.
        nearest: Option<String>,
    },
    /// An expression that never comes true.
    Never {
        /// What was given.
        given: String,
        /// The one with the last day that comes.
        nearest: String,
    },
    /// A time zone that nobody knows.
    Zone {
        /// What was given.
        given: String,
        /// What was meant, perhaps.
        nearest: Option<String>,
    },
    /// An agent that is not there.
    Agent {
        /// What was given.
        given: String,
        /// Who was meant, perhaps.
        nearest: Option<String>,
        /// Who is there.
        known: Vec<String>,
    },
    /// A bot that is not there.
    Account {
        /// What was given.
        given: String,
        /// Which are there.
        known: Vec<String>,
    },
    /// A person or group that cannot be found, or several.
    Target {
        /// Why, in the words of whoever looks names up.
        reason: String,
    },
    /// The answer would go elsewhere, which only owners may want.
    Elsewhere,
    /// The text is too long.
    TooLong {
        /// Characters that are allowed.
        most: usize,
    },
    /// There are enough.
    Full {
        /// Of one person.
        each: usize,
        /// Of all.
        all: usize,
    },
    /// No such job, or somebody else's.
    Unknown {
        /// What was given.
        id: String,
    },
    /// Only a gateway that runs can do it.
    NotRunning,
    /// The store cannot.
    Store,
}
