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
use crate::wire::{Probed, probe};

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
            Some(provider) => provider_outcome(config, provider, reference).await,
            None => Outcome::Bad(Failure::new(Code::AgentNotConfigured)),
        };
        report.add(Finding::new(Check::Model, Some(name), outcome))?;
    }
    Ok(())
}

async fn provider_outcome(
    config: &Config,
    provider: &Provider,
    reference: &ModelReference,
) -> Outcome {
    if let Some(outcome) = listed(provider, &reference.model).await {
        return outcome;
    }
    // What is not listed can only be asked, which costs a few tokens.
    match probe(config, reference).await {
        Ok(Probed {
            first,
            whole,
            usage,
        }) => {
            let tokens = usage.map(|usage| usage.input_tokens + usage.output_tokens);
            Outcome::Good(diagnosis::model_answers(
                &reference.model,
                first,
                whole,
                tokens,
            ))
        }
        Err(failure) => Outcome::Bad(failure),
    }
}

/// How a model stands by the list of its service; `None` when the service answers and has no list.
pub(super) async fn listed(provider: &Provider, model: &str) -> Option<Outcome> {
    let api = provider.api_of(model);
    if matches!(api, ModelApi::Unsupported(_)) {
        return Some(Outcome::Bad(Failure::new(Code::ModelApiNotSupported)));
    }
    Some(match list(provider, api).await {
        Err(failure) => Outcome::Bad(failure),
        Ok(Listed::Nothing) => return None,
        Ok(Listed::Names(names)) if names.iter().any(|name| name == model) => {
            Outcome::Good(diagnosis::model_good(model))
        }
        // Some services leave out models that they do serve.
        Ok(Listed::Names(_)) => {
            let failure = Failure::warning(Code::AgentInvalidRequest);
            Outcome::Doubtful(failure.message(diagnosis::model_unknown(model)))
        }
    })
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
async fn list(provider: &Provider, api: &ModelApi) -> Result<Listed, Failure> {
    let unreachable = |error: reqwest::Error| {
        // The address may hold a key of its own.
        Failure::new(Code::AgentUnavailable).caused_by(&error.without_url())
    };
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()
        .map_err(unreachable)?;
    let claude = *api == ModelApi::AnthropicMessages;
    let base = provider.base_url.as_str().trim_end_matches('/');
    let base = match claude {
        true => format!("{}/v1", base.strip_suffix("/v1").unwrap_or(base)),
        false => base.to_owned(),
    };
    let address = format!("{base}/models");
    let mut request = client.get(address);
    for (name, value) in provider.headers.iter() {
        request = request.header(name, value);
    }
    if let Some(source) = &provider.api_key {
        let key = source
            .resolve()
            .await
            .map_err(|error| Failure::from(&error))?;
        request = match claude && !provider.bearer {
            true => request
                .header("x-api-key", key.expose())
                .header("anthropic-version", "2023-06-01"),
            false => request.bearer_auth(key.expose()),
        };
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
