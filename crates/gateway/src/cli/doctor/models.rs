//! Whether each model that an agent asks is there.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

use super::finding::{Finding, Outcome};
use super::{Report, backends};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::config::{Config, ModelApi, ModelReference, Provider};

/// How long a service may take to list its models.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn examine(config: &Config, report: &mut Report<'_>) -> Result<(), Failure> {
    let mut models: BTreeMap<String, &ModelReference> = BTreeMap::new();
    for (id, agent) in &config.agents {
        if let Some((name, outcome)) = backends::examine(&agent.backend).await {
            report.add(Finding::new(Check::Model, Some(name), outcome))?;
            continue;
        }
        if agent.models.is_empty() {
            let subject = Some(id.as_str().to_owned());
            let failure = Failure::new(Code::AgentNotConfigured);
            report.add(Finding::new(Check::Model, subject, Outcome::Bad(failure)))?;
        }
        let named = agent
            .models
            .iter()
            .map(|model| (format!("{}/{}", model.provider, model.model), model));
        models.extend(named);
    }
    for (name, reference) in models {
        let outcome = match config.providers.get(&reference.provider) {
            Some(provider) => provider_outcome(provider, reference).await,
            None => Outcome::Bad(Failure::new(Code::AgentNotConfigured)),
        };
        report.add(Finding::new(Check::Model, Some(name), outcome))?;
    }
    Ok(())
}

pub(super) async fn provider_outcome(provider: &Provider, reference: &ModelReference) -> Outcome {
    if provider.api != ModelApi::OpenAiCompletions {
        return Outcome::Bad(Failure::new(Code::ModelApiNotSupported));
    }
    match list(provider).await {
        Err(failure) => Outcome::Bad(failure),
        Ok(Listed::Nothing) => Outcome::Good(diagnosis::model_unlisted(&reference.model)),
        Ok(Listed::Names(names)) if names.contains(&reference.model) => {
            Outcome::Good(diagnosis::model_good(&reference.model))
        }
        // Some services leave out models that they do serve.
        Ok(Listed::Names(_)) => {
            let failure = Failure::warning(Code::AgentInvalidRequest);
            Outcome::Doubtful(failure.message(diagnosis::model_unknown(&reference.model)))
        }
    }
}

enum Listed {
    Names(Vec<String>),
    /// The service answers and has no list.
    Nothing,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// Asks for the list of models, which costs nothing and wants the key.
async fn list(provider: &Provider) -> Result<Listed, Failure> {
    let unreachable = |error: reqwest::Error| {
        // The address may hold a key of its own.
        Failure::new(Code::AgentUnavailable).caused_by(&error.without_url())
    };
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()
        .map_err(unreachable)?;
    let address = format!(
        "{}/models",
        provider.base_url.as_str().trim_end_matches('/')
    );
    let mut request = client.get(address);
    for (name, value) in provider.headers.iter() {
        request = request.header(name, value);
    }
    if let Some(source) = &provider.api_key {
        let key = source
            .resolve()
            .await
            .map_err(|error| Failure::from(&error))?;
        request = request.bearer_auth(key.expose());
    }
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let refused = |code| Failure::new(code).message(diagnosis::model_status(status.as_u16()));
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(refused(Code::AgentAuth)),
        StatusCode::TOO_MANY_REQUESTS => Err(refused(Code::AgentRateLimited)),
        status if status.is_server_error() => Err(refused(Code::AgentUnavailable)),
        status if status.is_success() => {
            let models = response.json::<Models>().await.map(|models| models.data);
            Ok(models.map_or(Listed::Nothing, |models| {
                Listed::Names(models.into_iter().map(|model| model.id).collect())
            }))
        }
        _ => Ok(Listed::Nothing),
    }
}
