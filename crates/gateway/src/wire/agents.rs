//! Who answers: agents with a model, and those behind them that are asked in the place of one.

use std::sync::Arc;

use chela_agents::model::Selection;
use chela_agents::{Agents, Assistant, Background, Manner};

use super::models::models;
use super::{Backends, Kit};
use crate::catalogue::{Code, Failure};
use crate::config::{self, Backend, Config};

/// A model that reads a million tokens would be paid for all of them with every question.
const MOST_HISTORY: usize = 32_000;

/// The agents, and the work that they need besides their answers.
pub(crate) struct Team {
    pub(crate) agents: Agents,
    pub(crate) background: Vec<Background>,
}

/// The agents that have somebody to ask. A question to any other is answered with how to set one up.
pub(crate) async fn agents(
    config: &Config,
    kit: &Kit,
    mut backends: Backends<'_>,
) -> Result<Team, Failure> {
    let models = Arc::new(models(config).await?);
    let mut agents = Agents::default();
    for (id, agent) in &config.agents {
        if !matches!(agent.backend, Backend::Builtin) {
            if let Some(backend) = backends.agent(agent).await? {
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
        let assistant = Assistant::equipped(selection, kit.equipment(id, agent, manner));
        agents = agents.with(id.clone(), Arc::new(assistant));
    }
    Ok(Team {
        agents,
        background: backends.background,
    })
}

/// What an agent is told, and how much of the conversation.
fn manner(agent: &config::Agent, selection: &Selection) -> Manner {
    let usual = Manner::default();
    // Half of what the model reads is left for the question, the system prompt and the answer.
    let window = selection.usual().abilities().context_window;
    let window = window.and_then(|window| usize::try_from(window / 2).ok());
    Manner {
        system_prompt: agent.system_prompt.clone(),
        history_tokens: window.map_or(usual.history_tokens, |window| window.min(MOST_HISTORY)),
    }
}
