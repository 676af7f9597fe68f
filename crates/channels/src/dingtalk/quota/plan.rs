//! What an organisation has bought.

use serde::{Deserialize, Serialize};

use super::metering::Budget;

/// How much there is of everything in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Calls of the Open API.
    pub calls: u64,
    /// Messages of Stream and webhooks.
    pub messages: u64,
}

impl Plan {
    /// The standard edition since 2025-11-19 (protocol reference §4.10).
    pub const STANDARD: Self = Self {
        calls: 5_000,
        messages: 3_000,
    };
    /// The professional edition.
    pub const PROFESSIONAL: Self = Self {
        calls: 200_000,
        messages: 50_000,
    };

    /// The size of one budget.
    pub fn limit(self, budget: Budget) -> u64 {
        match budget {
            Budget::Calls => self.calls,
            Budget::Messages => self.messages,
        }
    }
}
