//! How it stands, for people.

use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::governor::{Cadence, Carrier};

/// How the month of an organisation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Calls of the Open API.
    pub calls: Gauge,
    /// Messages of Stream and webhooks.
    pub messages: Gauge,
    /// How many more questions can be asked and answered this month, in the plainest way.
    pub answers_left: u64,
    /// How often an answer that begins now is shown while it is written.
    pub cadence: Cadence,
    /// The way that a plain answer goes.
    pub carrier: Carrier,
    /// When the next month begins.
    pub renewed_at: Timestamp,
}

/// One budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gauge {
    /// How much there is in a month.
    pub limit: u64,
    /// What our bots used this month. Other apps of the organisation, which draw on the same budget, are not known.
    pub used: u64,
    /// What is left; 0 while the platform says so, whatever was counted.
    pub left: u64,
    /// The mean of the last seven days.
    pub per_day: u64,
    /// When it will be used up at that pace, if before the next month.
    pub exhausted_at: Option<Timestamp>,
    /// Whether the platform says that it is used up.
    pub is_refused: bool,
}
