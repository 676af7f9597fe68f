//! A message that has just arrived, and who wrote it: an element of the answer of `GET /api/recent`. Nothing of what it
//! says.

use chela_engine::message::ConversationKind;
use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message from a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The platform's id.
    pub message: String,
    /// The bot.
    pub account: String,
    /// Alone or in a group.
    pub kind: ConversationKind,
    /// Who wrote it.
    pub sender: String,
    /// Her name as the platform shows it.
    pub sender_name: String,
    /// When it was written to disk.
    pub stored_at: Timestamp,
    /// The rule by which its sender was turned away; `None`: she was not, or not yet.
    pub denied_by: Option<String>,
    /// How it ended; `None` while it has not.
    pub outcome: Option<String>,
    /// When the platform had the last part of the answer.
    pub delivered_at: Option<Timestamp>,
}
