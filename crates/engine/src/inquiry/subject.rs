//! What is asked, and what an answer is bound to.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::form::Form;
use crate::id::AgentId;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Subject {
    /// May this be done?
    Approval(Approval),
    /// What should be known to go on?
    Form(Form),
}

/// A call that needs a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The tool, or what others call their action.
    pub tool: String,
    /// Exactly what it is called with, as JSON or as a command line.
    pub arguments: String,
    /// The untrusted words beside it: `quoted`, `file`, `web`, `tool`. Empty: the administrator wants it approved.
    pub sources: Vec<String>,
}

impl Subject {
    /// A stable word for logs and the store.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Approval(_) => "approval",
            Self::Form(_) => "question",
        }
    }

    /// What an answer is bound to: whoever asks for anything else, if only by a letter, has another one. Hexadecimal.
    pub fn digest(&self, agent: &AgentId) -> String {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        };
        add(self.name());
        add(agent.as_str());
        match self {
            // Where the words beside it come from may be seen in another order after a restart.
            Self::Approval(approval) => {
                add(&approval.tool);
                add(&approval.arguments);
            }
            Self::Form(form) => {
                let json = serde_json::to_string(form);
                add(&json.expect("texts and choices are always JSON"));
            }
        }
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
