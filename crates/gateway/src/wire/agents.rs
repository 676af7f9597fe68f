//! Who answers: agents with a model, and those behind them that are asked in the place of one.

use std::sync::Arc;

use chela_agents::model::Selection;
use chela_agents::{Agents, Assistant, Manner};
use chela_engine::id::AgentId;

use super::models::models;
use super::{Backends, Kit};
use crate::catalogue::{Code, Failure};
use crate::config::{self, Backend, Config};
use crate::outward::Outward;

/// A model that reads a million tokens would be paid for all of them with every question.
const MOST_HISTORY: usize = 32_000;

/// The agents that have somebody to ask. A question to any other is answered with how to set one up.
pub(crate) async fn agents(
    config: &Config,
    outward: &Outward,
    kit: &Kit,
    backends: &mut Backends,
) -> Result<Agents, Failure> {
    assemble(config, outward, backends, |id, agent, selection, manner| {
        Assistant::equipped(selection, kit.equipment(id, agent, manner))
    })
    .await
}

/// The same agents without tools of ours, for a question from the terminal.
pub(crate) async fn agents_without_tools(
    config: &Config,
    outward: &Outward,
    backends: &mut Backends,
) -> Result<Agents, Failure> {
    assemble(config, outward, backends, |_, _, selection, manner| {
        Assistant::new(selection, manner)
    })
    .await
}

async fn assemble(
    config: &Config,
    outward: &Outward,
    backends: &mut Backends,
    make: impl Fn(&AgentId, &config::Agent, Selection, Manner) -> Assistant,
) -> Result<Agents, Failure> {
    let models = Arc::new(models(config, outward).await?);
    let mut agents = Agents::default();
    for (id, agent) in &config.agents {
        if !matches!(agent.backend, Backend::Builtin) {
            if let Some(backend) = backends.agent(id, agent, outward).await? {
                agents = agents.with(id.clone(), backend);
            }
            continue;
        }
        let names = agent.models.iter().map(ToString::to_string);
        let Some(selection) = Selection::new(Arc::clone(&models), names) else {
            tracing::warn!(agent = %id, code = %Code::AgentNotConfigured, "the agent has no model");
            continue;
        };
        let manner = manner(agent, &selection);
        let assistant = make(id, agent, selection, manner);
        agents = agents.with(id.clone(), Arc::new(assistant));
    }
    backends.retain(&config.agents);
    Ok(agents)
}

/// What an agent is told, and how much of the conversation.
fn manner(agent: &config::Agent, selection: &Selection) -> Manner {
    let usual = Manner::default();
    let window = selection.usual().abilities().context_window;
    Manner {
        system_prompt: agent.system_prompt.clone(),
        history_tokens: window.map_or(usual.history_tokens, history_tokens),
    }
}

/// How many tokens of history a model is given. Half of what it reads is left for the question, the system prompt and the
/// answer.
pub(crate) fn history_tokens(window: u32) -> usize {
    usize::try_from(window / 2).map_or(MOST_HISTORY, |half| half.min(MOST_HISTORY))
}
