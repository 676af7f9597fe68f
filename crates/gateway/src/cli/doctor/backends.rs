//! Whether whoever answers in the place of a model is there. Nothing is asked that costs anything.

use std::time::Duration;

use url::Url;

use super::finding::Outcome;
use super::models::listed;
use crate::catalogue::{Code, Failure, backends as words, diagnosis};
use crate::config::{Backend, ModelApi, Provider};
use crate::outward::Outward;

/// How long a gateway may take to say that it lives.
const PATIENCE: Duration = Duration::from_secs(10);

/// The name of a backend, and how it stands; `None` where a model answers.
pub(super) async fn examine(outward: &Outward, backend: &Backend) -> Option<(String, Outcome)> {
    let examined = match backend {
        Backend::Builtin => return None,
        Backend::Missing => (
            "backend".to_owned(),
            Outcome::Bad(Failure::new(Code::BackendUnusable)),
        ),
        Backend::OpenClaw(settings) => {
            let name = format!("openclaw/{}", settings.agent);
            (name, gateway(outward, settings.url.clone()).await)
        }
        Backend::Application(settings) => {
            let provider = Provider {
                base_url: settings.base_url.clone(),
                api_key: settings.api_key.clone(),
                bearer: true,
                api: ModelApi::OpenAiCompletions,
                headers: settings.headers.clone(),
                silence: None,
                models: Default::default(),
            };
            let outcome = listed(outward, &provider, &settings.model).await;
            let outcome = outcome
                .unwrap_or_else(|| Outcome::Good(diagnosis::model_unlisted(&settings.model)));
            (format!("openai/{}", settings.model), outcome)
        }
        Backend::Acp(settings) => {
            let name = format!("acp/{}", settings.name());
            let outcome = match &settings.directory {
                Some(directory) if directory.is_dir() => {
                    Outcome::Good(words::starts(&settings.command))
                }
                Some(directory) => bad(words::no_directory(directory)),
                None => bad(words::UNNAMED_DIRECTORY.into()),
            };
            (name, outcome)
        }
    };
    Some(examined)
}

fn bad(message: crate::catalogue::Phrase) -> Outcome {
    Outcome::Bad(Failure::new(Code::BackendUnusable).message(message))
}

/// Asks for `/healthz`, which wants no token (reference of OpenClaw core §4.1).
async fn gateway(outward: &Outward, mut url: Url) -> Outcome {
    let scheme = match url.scheme() {
        "wss" | "https" => "https",
        _ => "http",
    };
    if url.set_scheme(scheme).is_err() {
        return Outcome::Bad(Failure::new(Code::BackendUnusable));
    }
    url.set_path("/healthz");
    let shown = url.host_str().unwrap_or_default().to_owned();
    let asking = async {
        let client = outward.client().timeout(PATIENCE).build()?;
        client.get(url).send().await
    };
    match asking.await {
        Ok(response) if response.status().is_success() => Outcome::Good(words::there(&shown)),
        Ok(response) => {
            let failure = Failure::warning(Code::AgentProtocol);
            let status = response.status().as_u16();
            Outcome::Doubtful(failure.message(words::something_else(&shown, status)))
        }
        Err(error) => {
            Outcome::Bad(Failure::new(Code::AgentUnavailable).caused_by(&error.without_url()))
        }
    }
}
