//! The agents of an installation, found by the name that a request carries.

use std::collections::HashMap;
use std::sync::Arc;

use chela_engine::id::AgentId;
use chela_engine::ports::{Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

/// All agents of an installation; itself an agent that passes each request to the one it names.
///
/// A name that nobody bears is answered with [`AgentErrorKind::NotConfigured`].
#[derive(Clone, Default)]
pub struct Agents {
    by_id: HashMap<AgentId, Arc<dyn Agent>>,
}

impl Agents {
    /// Adds an agent, in the place of one that bore the same name.
    #[must_use]
    pub fn with(mut self, id: AgentId, agent: Arc<dyn Agent>) -> Self {
        self.by_id.insert(id, agent);
        self
    }

    /// The names that are known, in no particular order.
    pub fn ids(&self) -> impl Iterator<Item = &AgentId> {
        self.by_id.keys()
    }
}

impl Agent for Agents {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        match self.by_id.get(&request.agent) {
            Some(agent) => agent.run(request),
            None => {
                let error = AgentError {
                    kind: AgentErrorKind::NotConfigured,
                    detail: format!("there is no agent named `{}`", request.agent),
                    retry_after: None,
                };
                stream::iter([Err(error)]).boxed()
            }
        }
    }
}
