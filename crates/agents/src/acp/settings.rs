//! What an operator may choose.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How to start a coding agent, and what it may do.
#[derive(Clone)]
pub struct Settings {
    /// The program; no shell is involved.
    pub command: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// All variables that it gets; nothing of our own environment.
    pub environment: BTreeMap<String, String>,
    /// The folder in which it works.
    pub directory: PathBuf,
    /// What it may do when it asks.
    pub permissions: Permissions,
    /// What it is told before the first question of a session.
    pub system_prompt: Option<String>,
    /// What people are told of that was refused, by the titles of the calls.
    pub refused: Arc<Refused>,
    /// How long things may take.
    pub patience: Patience,
}

/// Words for what was refused.
pub type Refused = dyn Fn(&[String]) -> String + Send + Sync;

/// Without variables and arguments, which may hold keys.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("command", &self.command)
            .field("directory", &self.directory)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

/// What a coding agent may do when it asks. What it does without asking is its own affair: it runs with the rights of this
/// process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permissions {
    /// Nothing.
    #[default]
    Deny,
    /// What only reads, searches or thinks.
    AllowRead,
    /// Everything.
    AllowAll,
}

/// How long things may take. The whole turn is limited by the engine.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The start of the child up to its introduction, and opening a session; a package runner may download first.
    pub start: Duration,
    /// A question of which nothing is heard.
    pub silence: Duration,
    /// A question that was cancelled. A child that does not end it in time is ended itself.
    pub cancel: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(120),
            silence: Duration::from_secs(300),
            cancel: Duration::from_secs(5),
        }
    }
}
