//! The models of the configuration, ready to be asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chela_agents::anthropic::Anthropic;
use chela_agents::model::{Model, Models};
use chela_agents::openai::{self, Compat, OpenAi};
use chela_agents::service::{KeyHeader, Settings, SetupError, client_builder, probably_reasons};
use secrecy::SecretString;

use crate::catalogue::{Code, Failure};
use crate::config::document::{self, MaxTokensField};
use crate::config::{Config, ModelApi, ModelReference, Provider};
use crate::outward::Outward;

/// All models that an agent asks or a service lists: whoever writes may choose among them.
pub(crate) async fn models(config: &Config, outward: &Outward) -> Result<Models, Failure> {
    let asked = config.agents.values().flat_map(|agent| &agent.models);
    let listed = config.providers.iter().flat_map(|(provider, facts)| {
        facts.models.keys().map(|model| ModelReference {
            provider: provider.clone(),
            model: model.clone(),
        })
    });
    let references: BTreeSet<ModelReference> = asked.cloned().chain(listed).collect();
    let mut builder = Builder::new(config, outward);
    let mut models = Models::default();
    for reference in references {
        if let Some(model) = builder.model(&reference).await? {
            models.add(reference.to_string(), model);
        }
    }
    Ok(models)
}

/// One model, as [`models`] makes it; `None` for a service whose interface is not spoken, which was said when the
/// configuration was read.
pub(crate) async fn model(
    config: &Config,
    outward: &Outward,
    reference: &ModelReference,
) -> Result<Option<Arc<dyn Model>>, Failure> {
    Builder::new(config, outward).model(reference).await
}

/// How to reach a model of the chat completions API, whose services also write speech down; `None` for others.
pub(super) async fn service(
    config: &Config,
    outward: &Outward,
    reference: &ModelReference,
) -> Result<Option<Settings>, Failure> {
    let provider = config.providers.get(&reference.provider);
    match provider {
        Some(provider) if *provider.api_of(&reference.model) == ModelApi::OpenAiCompletions => {
            let mut builder = Builder::new(config, outward);
            builder.settings(provider, reference).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// The client that asks models.
pub(super) fn model_client(
    outward: &Outward,
    connect_timeout: Duration,
) -> Result<reqwest::Client, Failure> {
    let client = outward.on(client_builder(connect_timeout)).build();
    client.map_err(|error| not_configured(SetupError::Client(error)))
}

/// Makes models; asks for each key once, and reads the certificates of the system once.
struct Builder<'a> {
    config: &'a Config,
    outward: &'a Outward,
    client: Option<reqwest::Client>,
    keys: BTreeMap<String, SecretString>,
}

impl<'a> Builder<'a> {
    fn new(config: &'a Config, outward: &'a Outward) -> Self {
        Self {
            config,
            outward,
            client: None,
            keys: BTreeMap::new(),
        }
    }

    async fn model(
        &mut self,
        reference: &ModelReference,
    ) -> Result<Option<Arc<dyn Model>>, Failure> {
        let Some(provider) = self.config.providers.get(&reference.provider) else {
            return Ok(None);
        };
        let api = provider.api_of(&reference.model);
        if matches!(api, ModelApi::Unsupported(_)) {
            return Ok(None);
        }
        let settings = self.settings(provider, reference).await?;
        let client = match &self.client {
            Some(client) => client.clone(),
            None => model_client(self.outward, settings.connect_timeout)?,
        };
        self.client = Some(client.clone());
        if *api == ModelApi::AnthropicMessages {
            let model = Anthropic::new(settings, client).map_err(not_configured)?;
            return Ok(Some(Arc::new(model)));
        }
        let recognised = Compat::recognised(&settings.base_url, &settings.model);
        let given = provider.models.get(&reference.model);
        let compat = match given {
            Some(facts) => differing(recognised, facts.compat),
            None => recognised,
        };
        let model = OpenAi::new(settings, compat, client).map_err(not_configured)?;
        Ok(Some(Arc::new(model)))
    }

    async fn settings(
        &mut self,
        provider: &Provider,
        reference: &ModelReference,
    ) -> Result<Settings, Failure> {
        let mut settings = Settings::new(provider.base_url.as_str(), &reference.model);
        settings.name = reference.to_string();
        settings.api_key = self.key(provider, &reference.provider).await?;
        if *provider.api_of(&reference.model) == ModelApi::AnthropicMessages && !provider.bearer {
            settings.key_header = KeyHeader::ApiKey;
        }
        let headers = provider.headers.iter();
        settings.headers = headers
            .map(|(name, value)| (name.clone(), SecretString::from(value.clone())))
            .collect();
        if let Some(silence) = provider.silence {
            settings.silence_timeout = silence;
        }
        let facts = provider.models.get(&reference.model);
        let reasons = facts.and_then(|facts| facts.reasons);
        settings.abilities.reasons = reasons.unwrap_or_else(|| probably_reasons(&reference.model));
        if let Some(facts) = facts {
            settings.max_tokens = facts.max_tokens;
            settings.prices = facts.prices;
            settings.abilities.sees = facts.sees;
            settings.abilities.context_window = facts.context_window;
            settings.abilities.calls_tools = facts.compat.supports_tools.unwrap_or(true);
        }
        Ok(settings)
    }

    async fn key(
        &mut self,
        provider: &Provider,
        name: &str,
    ) -> Result<Option<SecretString>, Failure> {
        let Some(source) = &provider.api_key else {
            return Ok(None);
        };
        if let Some(key) = self.keys.get(name) {
            return Ok(Some(key.clone()));
        }
        let key = source
            .resolve()
            .await
            .map_err(|error| Failure::from(&error))?;
        let key = SecretString::from(key.expose().to_owned());
        self.keys.insert(name.to_owned(), key.clone());
        Ok(Some(key))
    }
}

/// What is known of a service, as far as the file does not say otherwise.
fn differing(recognised: Compat, given: document::Compat) -> Compat {
    let known = |given: Option<bool>, recognised: bool| given.unwrap_or(recognised);
    Compat {
        thinking: given
            .thinking_format
            .map_or(recognised.thinking, thinking_format),
        reasoning_effort: known(given.supports_reasoning_effort, recognised.reasoning_effort),
        developer_role: known(given.supports_developer_role, recognised.developer_role),
        limit: given
            .max_tokens_field
            .map_or(recognised.limit, |field| match field {
                MaxTokensField::MaxTokens => openai::LimitField::MaxTokens,
                MaxTokensField::MaxCompletionTokens => openai::LimitField::MaxCompletionTokens,
            }),
        stream_usage: known(given.supports_usage_in_streaming, recognised.stream_usage),
        tool_result_name: known(given.requires_tool_result_name, recognised.tool_result_name),
        reasoning_content: known(
            given.requires_reasoning_content_on_assistant_messages,
            recognised.reasoning_content,
        ),
        tool_stream: known(given.zai_tool_stream, recognised.tool_stream),
    }
}

fn thinking_format(format: document::ThinkingFormat) -> openai::ThinkingFormat {
    use document::ThinkingFormat as Given;
    match format {
        Given::Openai => openai::ThinkingFormat::OpenAi,
        Given::Openrouter => openai::ThinkingFormat::OpenRouter,
        Given::Deepseek => openai::ThinkingFormat::DeepSeek,
        Given::Zai => openai::ThinkingFormat::Zai,
        Given::Together => openai::ThinkingFormat::Together,
        Given::Qwen => openai::ThinkingFormat::Qwen,
        Given::QwenChatTemplate => openai::ThinkingFormat::QwenChatTemplate,
        Given::StringThinking => openai::ThinkingFormat::StringThinking,
    }
}

fn not_configured(error: SetupError) -> Failure {
    Failure::new(Code::AgentNotConfigured).caused_by(&error)
}
