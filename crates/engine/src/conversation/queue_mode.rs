//! What becomes of a message that comes while a turn runs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What becomes of a message that comes while a turn runs. Whatever the mode, only who asked can change a running
/// answer: what others write in the same chat waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueMode {
    /// It waits and is answered next, each message by itself.
    #[default]
    Followup,
    /// It waits; what one person has said meanwhile becomes one question.
    Collect,
    /// The agent hears it before its next call of the model; what it does not hear is answered next.
    Steer,
    /// The running turn is stopped, and it is answered.
    Interrupt,
}

impl QueueMode {
    /// All modes.
    pub const ALL: [Self; 4] = [Self::Followup, Self::Collect, Self::Steer, Self::Interrupt];

    /// The word that people and configurations use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Followup => "followup",
            Self::Collect => "collect",
            Self::Steer => "steer",
            Self::Interrupt => "interrupt",
        }
    }

    /// The mode that a word means, in either case.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim();
        let mut modes = Self::ALL.into_iter();
        modes.find(|mode| mode.name().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for QueueMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
