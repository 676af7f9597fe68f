//! What a message refers to: another message, quoted with it.

use serde::{Deserialize, Serialize};

use crate::id::{MessageId, PersonId};
use crate::message::Part;
use crate::time::Timestamp;

/// The message that a person quotes, as far as the platform tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Its id.
    #[serde(default)]
    pub message: Option<MessageId>,
    /// The receipt key that it got when the bot sent it.
    #[serde(default)]
    pub receipt_key: Option<String>,
    /// Who wrote it.
    pub author: Author,
    /// When.
    #[serde(default)]
    pub written_at: Option<Timestamp>,
    /// What it says; empty when the platform does not tell.
    #[serde(default)]
    pub parts: Vec<Part>,
}

/// Who wrote a quoted message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Author {
    /// The bot that is asked.
    Bot,
    /// Somebody else.
    Person {
        /// Their id, where the platform gives one that allowlists know.
        #[serde(default)]
        id: Option<PersonId>,
        /// Their name, where the platform gives it.
        #[serde(default)]
        name: Option<String>,
    },
}
