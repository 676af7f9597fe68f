//! How much one answer may use of its tools.

use std::time::Duration;

/// Limits of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How often the model may call tools and go on. Then it must answer with what it has.
    pub rounds: usize,
    /// Calls of one round; the others are refused.
    pub calls: usize,
    /// Tools that only read and run side by side.
    pub parallel: usize,
    /// What one call may take.
    pub time: Duration,
    /// Characters of one result that the model reads.
    pub characters: usize,
    /// Characters of all results of a run.
    pub all_characters: usize,
}

impl Default for Limits {
    /// 25 rounds of at most 16 calls, four at a time, a minute each; 20,000 characters of one result, 200,000 of all.
    fn default() -> Self {
        Self {
            rounds: 25,
            calls: 16,
            parallel: 4,
            time: Duration::from_secs(60),
            characters: 20_000,
            all_characters: 200_000,
        }
    }
}
