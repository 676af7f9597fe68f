//! Model services and their models, and how much may be used of them.

use std::collections::BTreeMap;
use std::time::Duration;

use chela_agents::service::Prices;
use chela_engine::ports::Cost;
use url::Url;

use super::accounts::address;
use super::{Context, set};
use crate::config::document::{self, Api, BudgetLimit, ModelInput, Models, ProviderAuth};
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::settings::{Budgets, Headers, Limit, ModelApi, ModelFacts, Provider, defaults};
use crate::config::variable;
use crate::secret::{Secret, SecretSource};

pub(super) type Providers = BTreeMap<String, Provider>;

/// The model services of the file, and the one of the environment.
pub(super) fn providers(context: &mut Context<'_>, models: Models) -> Providers {
    let section = KeyPath::from("models.providers");
    let mut providers = Providers::new();
    for (name, provider) in models.providers.unwrap_or_default().0 {
        let key = section.key(&name);
        if let Some(provider) = file_provider(context, &name, provider, &key) {
            providers.insert(name, provider);
        }
    }
    let environment = context.variables.environment;
    if !providers.contains_key(defaults::PROVIDER)
        && let Some(secret) = environment.get(variable::OPENAI_API_KEY)
    {
        let given = environment
            .get(variable::OPENAI_BASE_URL)
            .map(str::to_owned);
        let key = KeyPath::from(variable::OPENAI_BASE_URL);
        if let Some(base_url) = address(context, given, defaults::PROVIDER_URL, &key) {
            let provider = Provider {
                base_url,
                api_key: Some(SecretSource::Given(Secret::new(secret))),
                bearer: false,
                api: ModelApi::OpenAiCompletions,
                silence: None,
                headers: Headers::default(),
                models: BTreeMap::new(),
            };
            providers.insert(defaults::PROVIDER.to_owned(), provider);
        }
    }
    providers
}

fn file_provider(
    context: &mut Context<'_>,
    name: &str,
    provider: document::Provider,
    key: &KeyPath,
) -> Option<Provider> {
    let given = set(provider.base_url);
    // OpenClaw knows the addresses of famous services; here only that of OpenAI is built in.
    if given.is_none() && name != defaults::PROVIDER {
        let missing = "baseUrl";
        context.report(ProblemKind::MissingKey { missing }, key.clone());
        return None;
    }
    let mut base_url = address(context, given, defaults::PROVIDER_URL, &key.key("baseUrl"))?;
    if provider.api == Some(Api::Ollama) {
        imitation_of_ollama(&mut base_url);
    }
    let api = provider.api.unwrap_or(Api::OpenaiCompletions);
    let api = interface(context, api, &key.key("api"));
    if provider.auth == Some(ProviderAuth::AwsSdk) {
        let (value, instead) = ("aws-sdk", "api-key");
        context.report(ProblemKind::TreatedAs { value, instead }, key.key("auth"));
    }
    let token = matches!(
        provider.auth,
        Some(ProviderAuth::Token | ProviderAuth::Oauth)
    );
    let mut models = BTreeMap::new();
    let listed = key.key("models");
    for (index, model) in provider.models.unwrap_or_default().into_iter().enumerate() {
        let key = listed.index(index);
        if let Some(id) = set(model.id.clone()) {
            models.insert(id, facts(context, model, &key));
        } else {
            context.report(ProblemKind::MissingKey { missing: "id" }, key);
        }
    }
    Some(Provider {
        base_url,
        api_key: context.secret(provider.api_key, &key.key("apiKey")),
        bearer: provider.auth_header.unwrap_or(token),
        api,
        headers: Headers::new(provider.headers.unwrap_or_default()),
        silence: provider
            .timeout_seconds
            .map(|seconds| Duration::from_secs(seconds.into())),
        models,
    })
}

/// Where Ollama imitates OpenAI.
fn imitation_of_ollama(base_url: &mut Url) {
    let path = base_url.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/v1") {
        base_url.set_path(&format!("{path}/v1"));
    }
}

fn interface(context: &mut Context<'_>, api: Api, key: &KeyPath) -> ModelApi {
    match api {
        Api::OpenaiCompletions | Api::Openai | Api::Ollama => ModelApi::OpenAiCompletions,
        Api::AnthropicMessages => ModelApi::AnthropicMessages,
        other => {
            let api = other.name().to_owned();
            context.report(ProblemKind::UnsupportedApi { api }, key.clone());
            ModelApi::Unsupported(other.name())
        }
    }
}

fn facts(context: &mut Context<'_>, model: document::Model, key: &KeyPath) -> ModelFacts {
    let cost = model.cost.unwrap_or_default();
    let input = cost.input.unwrap_or_default();
    let window = [model.context_window, model.context_tokens];
    ModelFacts {
        api: model
            .api
            .map(|api| interface(context, api, &key.key("api"))),
        context_window: window.into_iter().flatten().min(),
        max_tokens: model.max_tokens,
        sees: model
            .input
            .is_some_and(|input| input.contains(&ModelInput::Image)),
        reasons: model.reasoning,
        prices: Prices {
            input,
            output: cost.output.unwrap_or_default(),
            cache_read: cost.cache_read.unwrap_or(input),
            cache_write: cost.cache_write.unwrap_or(input),
        },
        compat: model.compat.unwrap_or_default(),
    }
}

/// How much may be used of models.
pub(super) fn budgets(budgets: document::Budgets) -> Budgets {
    Budgets {
        person_per_day: limit(budgets.person_per_day),
        agent_per_month: limit(budgets.agent_per_month),
        warn_percent: budgets.warn_percent.unwrap_or(defaults::WARN_PERCENT),
    }
}

fn limit(limit: Option<BudgetLimit>) -> Limit {
    let limit = limit.unwrap_or_default();
    Limit {
        tokens: limit.tokens,
        // What the schema lets through is not negative, and the largest sums do not matter.
        cost: limit.cost.map(|cost| Cost((cost * 1e9).round() as u64)),
    }
}
