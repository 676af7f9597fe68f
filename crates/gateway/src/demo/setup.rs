//! The gateway of the demo: the bots are the local platform's, the model is the administrator's if there is one.

use std::path::Path;
use std::sync::Arc;

use chela_agents::Scripted;
use chela_engine::ports::{Agent, Observer};
use dingtalk_emulator::Emulator;
use serde_json::json;

use super::notes::PageNotes;
use crate::catalogue::{Failure, Language};
use crate::config::{self, Backend, Config, Environment, ModelApi};
use crate::run::Setup;
use crate::state::StateDirectory;

/// Who answers in the demo.
pub(super) enum Model {
    /// The scripted agent.
    Scripted,
    /// The model of the configuration or the environment.
    Configured(String),
}

pub(super) fn setup(
    emulator: &Emulator,
    administrator: Option<Config>,
    state: StateDirectory,
    language: Language,
) -> Result<(Setup, Model), Failure> {
    let mut config = bots(emulator)?;
    let model = administrator.as_ref().and_then(usable_model);
    if let (Some(given), Some(_)) = (administrator, &model) {
        config.rules.default_agent = given.rules.default_agent;
        config.agents = given.agents;
        config.providers = given.providers;
    }
    let agent = match &model {
        Some(_) => None,
        None => Some(Arc::new(Scripted::default()) as Arc<dyn Agent>),
    };
    let observers: Vec<Arc<dyn Observer>> = vec![Arc::new(PageNotes(emulator.notes()))];
    let model = model.map_or(Model::Scripted, Model::Configured);
    Ok((
        Setup {
            config,
            state,
            language,
            observers,
            agent,
            reloading: None,
            examiner: None,
        },
        model,
    ))
}

/// The bots of the local platform, and nothing of the machine's environment.
fn bots(emulator: &Emulator) -> Result<Config, Failure> {
    let app = emulator.app();
    let text = json!({
        "gateway": { "port": 0 },
        "channels": { "dingtalk": {
            "clientId": app.client_id.as_str(),
            "clientSecret": app.client_secret.reveal(),
            "robotCode": app.robot_code.as_str(),
            "endpoint": emulator.base_url(),
            "oapiEndpoint": emulator.base_url(),
            // The public template with buttons: there is more to press.
            "messageType": "card",
            "cardTemplateId": "675cde2f-f526-40cb-b828-f5b2b57b8b77.schema",
            "cardStatusLine": { "agent": true, "taskTime": true },
        } },
    });
    let loaded = config::parse(Path::new("demo"), &text.to_string(), &Environment::of([]))?;
    Ok(loaded.config)
}

/// The model that would answer, by name.
fn usable_model(config: &Config) -> Option<String> {
    let agent = config.agents.get(&config.rules.default_agent)?;
    match &agent.backend {
        Backend::Builtin => {}
        Backend::Missing => return None,
        Backend::OpenClaw(settings) => return Some(format!("openclaw/{}", settings.agent)),
        Backend::Application(settings) => return Some(format!("openai/{}", settings.model)),
        Backend::Acp(settings) => return Some(format!("acp/{}", settings.name())),
    }
    let model = agent.models.first()?;
    let provider = config.providers.get(&model.provider)?;
    (!matches!(provider.api_of(&model.model), ModelApi::Unsupported(_))).then(|| model.to_string())
}
