//! Who answers: agents with a model, and those behind them that are asked in the place of one.

use std::sync::Arc;

use chela_agents::openai::{OpenAi, Settings, SetupError};
use chela_agents::{Agents, Background};
use secrecy::SecretString;

use super::backends::Backends;
use crate::catalogue::{Code, Failure, Language};
use crate::config::{self, Backend, Config, ModelApi, ModelReference};
use crate::state::StateDirectory;

/// The agents, and the work that they need besides their answers.
pub(crate) struct Team {
    pub(crate) agents: Agents,
    pub(crate) background: Vec<Background>,
}

/// The agents that have somebody to ask. A question to any other is answered with how to set one up.
pub(crate) async fn agents(
    config: &Config,
    state: &StateDirectory,
    language: Language,
) -> Result<Team, Failure> {
    let mut agents = Agents::default();
    let mut backends = Backends::new(state, language);
    // One for all of them: each reads the certificates of the system when it is made, and keeps connections.
    let mut client: Option<reqwest::Client> = None;
    for (id, agent) in &config.agents {
        if !matches!(agent.backend, Backend::Builtin) {
            if let Some(backend) = backends.agent(agent).await? {
                agents = agents.with(id.clone(), backend);
            }
            continue;
        }
        // The others are for the time when the first fails; that is not done yet.
        let Some(model) = agent.models.first() else {
            tracing::warn!(agent = %id, code = %Code::AgentNotConfigured, "the agent has no model");
            continue;
        };
        if let Some(settings) = model_settings(config, agent, model).await? {
            let shared = match &client {
                Some(client) => client.clone(),
                None => OpenAi::client_builder(&settings)
                    .build()
                    .map_err(|error| not_configured(SetupError::Client(error)))?,
            };
            client = Some(shared.clone());
            let model = OpenAi::with_client(settings, shared).map_err(not_configured)?;
            agents = agents.with(id.clone(), Arc::new(model));
        }
    }
    Ok(Team {
        agents,
        background: backends.background,
    })
}

fn not_configured(error: SetupError) -> Failure {
    Failure::new(Code::AgentNotConfigured).caused_by(&error)
}

/// How to reach a model and what an agent tells it.
async fn model_settings(
    config: &Config,
    agent: &config::Agent,
    model: &ModelReference,
) -> Result<Option<Settings>, Failure> {
    let settings = service(config, model).await?;
    Ok(settings.map(|settings| Settings {
        system_prompt: agent.system_prompt.clone(),
        ..settings
    }))
}

/// How to reach a model; `None` for a service whose interface is not spoken yet, which was said when the configuration
/// was read.
pub(super) async fn service(
    config: &Config,
    model: &ModelReference,
) -> Result<Option<Settings>, Failure> {
    let provider = config.providers.get(&model.provider);
    let Some(provider) = provider.filter(|provider| provider.api == ModelApi::OpenAiCompletions)
    else {
        return Ok(None);
    };
    let mut settings = Settings::new(provider.base_url.as_str(), &model.model);
    if let Some(key) = &provider.api_key {
        let key = key.resolve().await.map_err(|error| Failure::from(&error))?;
        settings.api_key = Some(SecretString::from(key.expose().to_owned()));
    }
    let headers = provider.headers.iter();
    settings.headers = headers
        .map(|(name, value)| (name.clone(), SecretString::from(value.clone())))
        .collect();
    if let Some(limits) = provider.models.get(&model.model) {
        settings.max_tokens = limits.max_tokens;
        settings.sees = limits.sees;
        // Half of what the model reads is left for the question, the system prompt and the answer.
        let window = limits
            .context_window
            .and_then(|window| usize::try_from(window / 2).ok());
        settings.history_tokens =
            window.map_or(settings.history_tokens, |window| window.min(MOST_HISTORY));
    }
    Ok(Some(settings))
}

/// A model that reads a million tokens would be paid for all of them with every question.
const MOST_HISTORY: usize = 32_000;
