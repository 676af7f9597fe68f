//! What people have set for a session by commands. It stays until they set something else, also over `/new`.

use serde::{Deserialize, Serialize};

use crate::conversation::QueueMode;
use crate::ports::{Choices, Thinking};

/// What people have set for a session. `None`: as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The model, as the configuration names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How much the model thinks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking: Option<Thinking>,
    /// Whether tools at work are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbose: Option<bool>,
    /// Whether reasoning is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
    /// What becomes of messages that come while a turn runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueMode>,
}

impl Preferences {
    /// Whether everything is as configured.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What of it is the agent's business.
    pub fn choices(&self) -> Choices {
        Choices {
            model: self.model.clone(),
            thinking: self.thinking,
        }
    }
}
