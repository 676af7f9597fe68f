//! Which calls need a person's yes, and whose.

use std::time::Duration;

use chela_engine::ports::Deciders;

use super::policy::names;
use super::port::Definition;

/// Which calls of an agent need a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRules {
    /// Tools that always do: names, patterns with `*`, or groups such as `group:external`.
    pub require: Vec<String>,
    /// Whose yes counts.
    pub approvers: Deciders,
    /// What becomes of calls that are forbidden beside untrusted words.
    pub untrusted: Untrusted,
    /// How long an answer is waited for.
    pub patience: Duration,
}

/// What becomes of calls that are forbidden beside untrusted words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Untrusted {
    /// A person is asked, who sees exactly what would be done and where the words come from.
    #[default]
    Ask,
    /// They are refused.
    Refuse,
}

impl Default for ApprovalRules {
    /// Only beside untrusted words, by whoever asks, within ten minutes.
    fn default() -> Self {
        Self {
            require: Vec::new(),
            approvers: Deciders::default(),
            untrusted: Untrusted::default(),
            patience: Duration::from_secs(10 * 60),
        }
    }
}

impl ApprovalRules {
    /// Whether each call of a tool needs a yes.
    pub fn requires(&self, tool: &Definition) -> bool {
        names(&self.require, tool)
    }
}
