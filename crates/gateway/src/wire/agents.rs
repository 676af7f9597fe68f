//! Who answers.

use std::sync::Arc;

use chela_agents::openai::{Compat, OpenAi};
use chela_agents::service::{Settings, SetupError, client_builder};
use chela_agents::{Agents, Assistant, Manner};
use secrecy::SecretString;

use crate::catalogue::{Code, Failure};
use crate::config::{self, Config, ModelApi, ModelReference};

/// The agents that have a model. A question to any other is answered with how to set one up.
pub(crate) async fn agents(config: &Config) -> Result<Agents, Failure> {
    let mut agents = Agents::default();
    // One for all of them: each reads the certificates of the system when it is made, and keeps connections.
    let mut client: Option<reqwest::Client> = None;
    for (id, agent) in &config.agents {
        // The others are for the time when the first fails; that is not done yet.
        let Some(model) = agent.models.first() else {
            tracing::warn!(agent = %id, code = %Code::AgentNotConfigured, "the agent has no model");
            continue;
        };
        if let Some(settings) = service(config, model).await? {
            let shared = match &client {
                Some(client) => client.clone(),
                None => client_builder(settings.connect_timeout)
                    .build()
                    .map_err(|error| not_configured(SetupError::Client(error)))?,
            };
            client = Some(shared.clone());
            let manner = manner(agent, &settings);
            let compat = Compat::recognised(&settings.base_url, &settings.model);
            let model = OpenAi::new(settings, compat, shared).map_err(not_configured)?;
            agents = agents.with(
                id.clone(),
                Arc::new(Assistant::new(Arc::new(model), manner)),
            );
        }
    }
    Ok(agents)
}

fn not_configured(error: SetupError) -> Failure {
    Failure::new(Code::AgentNotConfigured).caused_by(&error)
}

/// What an agent is told, and how much of the conversation.
fn manner(agent: &config::Agent, settings: &Settings) -> Manner {
    let usual = Manner::default();
    // Half of what the model reads is left for the question, the system prompt and the answer.
    let window = settings.abilities.context_window;
    let window = window.and_then(|window| usize::try_from(window / 2).ok());
    Manner {
        system_prompt: agent.system_prompt.clone(),
        history_tokens: window.map_or(usual.history_tokens, |window| window.min(MOST_HISTORY)),
    }
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
    settings.name = format!("{}/{}", model.provider, model.model);
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
        settings.abilities.sees = limits.sees;
        settings.abilities.context_window = limits.context_window;
    }
    Ok(Some(settings))
}

/// A model that reads a million tokens would be paid for all of them with every question.
const MOST_HISTORY: usize = 32_000;
