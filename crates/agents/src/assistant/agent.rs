//! The agent: a request becomes a prompt, the model's parts become the agent's events.

use std::sync::Arc;

use chela_engine::ports::{Agent, AgentError, AgentEvent, AgentRequest};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};

use super::conversation::conversation;
use crate::model::{Model, Part, Prompt, Selection};

/// An agent that asks a model, once for each question.
pub struct Assistant {
    selection: Selection,
    manner: Arc<Manner>,
}

/// What an agent is told, and how much of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// What stands before every conversation.
    pub system_prompt: Option<String>,
    /// How many tokens of history the model reads at most, by a rough estimate (a Chinese character is one token).
    /// The question and the system prompt come on top.
    pub history_tokens: usize,
}

/// No system prompt, 8,000 tokens of history.
impl Default for Manner {
    fn default() -> Self {
        Self {
            system_prompt: None,
            history_tokens: 8_000,
        }
    }
}

impl Assistant {
    /// An agent that asks these models.
    pub fn new(selection: Selection, manner: Manner) -> Self {
        Self {
            selection,
            manner: Arc::new(manner),
        }
    }
}

impl Agent for Assistant {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let model = self.selection.choose(&request.choices);
        let manner = Arc::clone(&self.manner);
        let cancel = request.cancel.clone();
        let parts = async move { model.call(prompt(model.as_ref(), &manner, &request).await) };
        let parts = parts.flatten_stream().boxed();
        stream::unfold((parts, cancel), |(mut parts, cancel)| async move {
            let part = cancel.run_until_cancelled(parts.next()).await??;
            Some((part, (parts, cancel)))
        })
        .filter_map(async |part| part.map(event).transpose())
        .boxed()
    }
}

async fn prompt(model: &dyn Model, manner: &Manner, request: &AgentRequest) -> Prompt {
    let sees = model.abilities().sees;
    let system = manner.system_prompt.clone();
    Prompt {
        system: system
            .into_iter()
            .filter(|prompt| !prompt.is_empty())
            .collect(),
        messages: conversation(request, sees, manner.history_tokens).await,
        thinking: request.choices.thinking,
        ..Prompt::new(request.message.id.clone())
    }
}

/// Nobody has told the model of tools; what it calls all the same is left out.
fn event(part: Part) -> Option<AgentEvent> {
    match part {
        Part::Attempt(attempt) => Some(AgentEvent::Attempt(attempt)),
        Part::Text(text) => Some(AgentEvent::Text(text)),
        Part::Reasoning(text) => Some(AgentEvent::Reasoning(text)),
        Part::Usage(usage) => Some(AgentEvent::Usage(usage)),
        Part::Seal(_) | Part::ToolCall(_) | Part::End(_) => None,
    }
}
