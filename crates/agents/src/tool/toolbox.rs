//! The tools of one agent.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::policy::Policy;
use super::port::{Tool, ToolSource};

/// Tools of the gateway and of servers, as far as the agent may have them. Cheap to clone.
#[derive(Clone, Default)]
pub struct Toolbox {
    own: Vec<Arc<dyn Tool>>,
    sources: Vec<Arc<dyn ToolSource>>,
    policy: Policy,
}

impl Toolbox {
    /// An empty one that lets in what a policy permits.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    /// Adds a tool.
    #[must_use]
    pub fn with(mut self, tool: Arc<dyn Tool>) -> Self {
        self.own.push(tool);
        self
    }

    /// Adds a place where tools come and go.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn ToolSource>) -> Self {
        self.sources.push(source);
        self
    }

    /// What is there now, by name. Of two tools with one name the first counts, so that no server can take the place
    /// of ours.
    pub fn open(&self) -> BTreeMap<String, Arc<dyn Tool>> {
        let others = self.sources.iter().flat_map(|source| source.tools());
        let all = self.own.iter().cloned().chain(others);
        let mut open = BTreeMap::new();
        for tool in all.filter(|tool| self.policy.permits(tool.definition())) {
            open.entry(tool.definition().name.clone()).or_insert(tool);
        }
        open
    }
}
