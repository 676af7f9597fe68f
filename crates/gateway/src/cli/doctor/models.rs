//! Whether each model that an agent asks is there, and how fast.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use tokio::time::Instant;

use super::backends;
use super::examination::Examination;
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::config::{Config, ModelApi, ModelReference, Provider};
use crate::outward::{self, Outward};
use crate::wire::{Probed, probe};

/// How long a service may take to list its models.
const PATIENCE: Duration = Duration::from_secs(10);
/// A service that takes longer to list its models is slow to answer, too.
const SLOW: Duration = Duration::from_secs(3);

/// The models that agents ask, by name.
fn models(config: &Config) -> BTreeMap<String, &ModelReference> {
    let models = config.agents.values().flat_map(|agent| &agent.models);
    models
        .map(|model| (format!("{}/{}", model.provider, model.model), model))
        .collect()
}

pub(super) async fn model(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Model;
    let Some(config) = &examination.config else {
        return vec![Finding::depending(check, None, Check::Configuration)];
    };
    let Ok(way) = &examination.ways().await.usual else {
        return vec![Finding::depending(check, None, Check::ProxyServer)];
    };
    let mut findings = Vec::new();
    for (id, agent) in &config.agents {
        if let Some((name, outcome)) = backends::examine(&agent.backend, way).await {
            findings.push(Finding::new(check, Some(name), outcome));
            continue;
        }
        if agent.models.is_empty() {
            let subject = Some(id.as_str().to_owned());
            let failure = Failure::new(Code::AgentNotConfigured);
            findings.push(Finding::new(check, subject, Outcome::Bad(failure)));
        }
    }
    for (name, reference) in models(config) {
        let outcome = match config.providers.get(&reference.provider) {
            Some(provider) => provider_outcome(config, way, provider, reference).await,
            None => Outcome::Bad(Failure::new(Code::AgentNotConfigured)),
        };
        findings.push(Finding::new(check, Some(name), outcome));
    }
    findings
}

/// How long each service takes.
pub(super) async fn latency(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::ModelLatency;
    let Some(config) = &examination.config else {
        return vec![Finding::depending(check, None, Check::Configuration)];
    };
    let Ok(way) = &examination.ways().await.usual else {
        return vec![Finding::depending(check, None, Check::ProxyServer)];
    };
    let used: BTreeMap<&String, (&Provider, &ModelApi)> = models(config)
        .into_values()
        .filter_map(|model| {
            let (name, provider) = config.providers.get_key_value(&model.provider)?;
            Some((name, (provider, provider.api_of(&model.model))))
        })
        .collect();
    let mut findings = Vec::new();
    for (name, (provider, api)) in used {
        let subject = Some(name.clone());
        let begin = Instant::now();
        if list(way, provider, api).await.is_err() {
            findings.push(Finding::depending(check, subject, Check::Model));
            continue;
        }
        findings.push(Finding::new(check, subject, speed(begin.elapsed())));
    }
    findings
}

fn speed(elapsed: Duration) -> Outcome {
    let words = diagnosis::latency(elapsed.as_millis());
    if elapsed > SLOW {
        Outcome::Doubtful(Failure::warning(Code::AgentSilent).message(words))
    } else {
        Outcome::Good(words)
    }
}

async fn provider_outcome(
    config: &Config,
    outward: &Outward,
    provider: &Provider,
    reference: &ModelReference,
) -> Outcome {
    if let Some(outcome) = listed(outward, provider, &reference.model).await {
        return outcome;
    }
    // What is not listed can only be asked, which costs a few tokens.
    match probe(config, outward, reference).await {
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
pub(super) async fn listed(outward: &Outward, provider: &Provider, model: &str) -> Option<Outcome> {
    let api = provider.api_of(model);
    if matches!(api, ModelApi::Unsupported(_)) {
        return Some(Outcome::Bad(Failure::new(Code::ModelApiNotSupported)));
    }
    Some(match list(outward, provider, api).await {
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
async fn list(outward: &Outward, provider: &Provider, api: &ModelApi) -> Result<Listed, Failure> {
    let unreachable = |error: reqwest::Error| {
        let code = outward::cause_of(&error).unwrap_or(Code::AgentUnavailable);
        // The address may hold a key of its own.
        Failure::new(code).caused_by(&error.without_url())
    };
    let client = outward
        .client()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_takes_long_is_slow() {
        assert_eq!(Check::ModelLatency.name(), "model.latency");
        assert!(matches!(
            speed(Duration::from_millis(2_900)),
            Outcome::Good(_)
        ));
        assert!(matches!(
            speed(Duration::from_millis(3_100)),
            Outcome::Doubtful(_)
        ));
    }
}
