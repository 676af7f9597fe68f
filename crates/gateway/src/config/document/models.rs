//! `models` and `secrets`: model services, and where keys are kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Ordered;
use crate::secret::Secret;

/// Model services.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Models {
    /// The services by name.
    pub providers: Option<Ordered<Provider>>,
}

/// A model service.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Provider {
    /// Base address, such as <https://api.openai.com/v1>.
    pub base_url: Option<String>,
    /// The key.
    pub api_key: Option<SecretInput>,
    /// How one proves who one is. Default: api-key.
    pub auth: Option<ProviderAuth>,
    /// Whether the key is sent as `Authorization: Bearer`, also where the interface has another header for it.
    pub auth_header: Option<bool>,
    /// The interface. Default: openai-completions.
    pub api: Option<Api>,
    /// Headers to add to every request.
    pub headers: Option<BTreeMap<String, String>>,
    /// How many seconds the service may say nothing. Default: 120.
    #[schemars(range(min = 1, max = 3_600))]
    pub timeout_seconds: Option<u32>,
    /// Its models.
    pub models: Option<Vec<Model>>,
}

/// How one proves to a service who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderAuth {
    /// By a key, in the header of the interface.
    ApiKey,
    /// By a key, as a bearer token.
    Token,
    /// By a token that a browser fetched. Treated as `token`.
    Oauth,
    /// By the signatures of AWS. Not supported.
    AwsSdk,
}

/// An interface of model services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    /// OpenAI's chat completions and everything that imitates them.
    OpenaiCompletions,
    /// The same in older files.
    Openai,
    /// Anthropic's messages.
    AnthropicMessages,
    /// That of Ollama, which is spoken to by its imitation of OpenAI's.
    Ollama,
    /// Not supported.
    OpenaiResponses,
    /// Not supported.
    OpenaiChatgptResponses,
    /// Not supported.
    OpenaiCodexResponses,
    /// Not supported.
    AzureOpenaiResponses,
    /// Not supported.
    GoogleGenerativeAi,
    /// Not supported.
    GoogleVertex,
    /// Not supported.
    GithubCopilot,
    /// Not supported.
    BedrockConverseStream,
    /// Not supported.
    PiMessages,
}

impl Api {
    /// As files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenaiCompletions => "openai-completions",
            Self::Openai => "openai",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Ollama => "ollama",
            Self::OpenaiResponses => "openai-responses",
            Self::OpenaiChatgptResponses => "openai-chatgpt-responses",
            Self::OpenaiCodexResponses => "openai-codex-responses",
            Self::AzureOpenaiResponses => "azure-openai-responses",
            Self::GoogleGenerativeAi => "google-generative-ai",
            Self::GoogleVertex => "google-vertex",
            Self::GithubCopilot => "github-copilot",
            Self::BedrockConverseStream => "bedrock-converse-stream",
            Self::PiMessages => "pi-messages",
        }
    }
}

/// A model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Model {
    /// Its name in requests.
    pub id: Option<String>,
    /// Its interface, where it is not that of the service.
    pub api: Option<Api>,
    /// Whether it can think before it answers. Default: as its name lets expect.
    pub reasoning: Option<bool>,
    /// What a million of its tokens cost, in whatever currency; all prices must use the same.
    pub cost: Option<ModelCost>,
    /// Tokens of question, history and answer together.
    #[schemars(range(min = 1))]
    pub context_window: Option<u32>,
    /// Tokens of question, history and answer that are used, where that is less.
    #[schemars(range(min = 1))]
    pub context_tokens: Option<u32>,
    /// Tokens of an answer.
    #[schemars(range(min = 1))]
    pub max_tokens: Option<u32>,
    /// What it takes; pictures are shown only to models with `image`. Default: text.
    pub input: Option<Vec<ModelInput>>,
    /// How its service differs from others. Default: as its address lets expect.
    pub compat: Option<Compat>,
}

/// What a million tokens cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelCost {
    /// Tokens that it reads.
    #[schemars(range(min = 0))]
    pub input: Option<f64>,
    /// Tokens that it writes.
    #[schemars(range(min = 0))]
    pub output: Option<f64>,
    /// Tokens that it reads from its cache. Default: those that it reads.
    #[schemars(range(min = 0))]
    pub cache_read: Option<f64>,
    /// Tokens that it puts into its cache. Default: those that it reads.
    #[schemars(range(min = 0))]
    pub cache_write: Option<f64>,
}

/// How a service that imitates OpenAI's chat completions differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Compat {
    /// How it is told to think.
    pub thinking_format: Option<ThinkingFormat>,
    /// Whether it knows `reasoning_effort`.
    pub supports_reasoning_effort: Option<bool>,
    /// Whether it knows the role `developer`.
    pub supports_developer_role: Option<bool>,
    /// What the longest answer is called.
    pub max_tokens_field: Option<MaxTokensField>,
    /// Whether it can be asked for the usage of a streamed answer.
    pub supports_usage_in_streaming: Option<bool>,
    /// Whether it calls tools.
    pub supports_tools: Option<bool>,
    /// Whether the result of a tool must repeat the tool's name.
    pub requires_tool_result_name: Option<bool>,
    /// Whether answers that are given back need `reasoning_content`.
    pub requires_reasoning_content_on_assistant_messages: Option<bool>,
    /// Whether GLM is asked to stream tool calls.
    pub zai_tool_stream: Option<bool>,
}

/// How a service is told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ThinkingFormat {
    /// `reasoning_effort`.
    Openai,
    /// `reasoning: {effort}`.
    Openrouter,
    /// `thinking: {type}` and `reasoning_effort`.
    Deepseek,
    /// `thinking: {type}`.
    Zai,
    /// `reasoning: {enabled}`.
    Together,
    /// `enable_thinking`.
    Qwen,
    /// `chat_template_kwargs: {enable_thinking}`.
    QwenChatTemplate,
    /// `thinking: "high"`.
    StringThinking,
}

/// What the longest answer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// By most services.
    MaxTokens,
    /// By OpenAI's newer models.
    MaxCompletionTokens,
}

/// What a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ModelInput {
    /// Text, which all take.
    Text,
    /// Pictures.
    Image,
    /// Sound. Not used.
    Audio,
    /// Films. Not used.
    Video,
}

/// Where secrets are fetched.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Secrets {
    /// Places by name, for references with `provider`.
    pub providers: Option<Ordered<SecretProvider>>,
}

/// A place where secrets are kept.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretProvider {
    /// The kind of place.
    pub source: Option<SecretKind>,
    /// The file.
    pub path: Option<String>,
    /// What the file holds. Default: json.
    pub mode: Option<SecretFileMode>,
    /// The program that prints the secret; it gets the reference's id as its last argument.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Option<Vec<String>>,
    /// How many milliseconds it may take. Default: 5000.
    #[schemars(range(min = 1, max = 120_000))]
    pub timeout_ms: Option<u32>,
}

/// A kind of place where secrets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SecretKind {
    /// An environment variable.
    Env,
    /// A file.
    File,
    /// The output of a program.
    Exec,
}

/// What a file with secrets holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SecretFileMode {
    /// JSON; the reference's id is a pointer into it.
    Json,
    /// One secret.
    SingleValue,
}

/// A secret, or where it is kept.
#[derive(Clone, Debug)]
pub enum SecretInput {
    /// The secret itself.
    Literal(Secret),
    /// Where it is kept.
    Reference(SecretReference),
}

/// Where a secret is kept: `{source: "env", id: "NAME"}`, `{source: "file", path: "…"}`,
/// `{source: "exec", command: "…", args: […]}`, or OpenClaw's form with `provider` and `id`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretReference {
    /// The kind of place.
    pub source: Option<SecretKind>,
    /// The name of the place under `secrets.providers`.
    pub provider: Option<String>,
    /// The variable's name, or the JSON pointer into the file.
    pub id: Option<String>,
    /// The file.
    pub path: Option<String>,
    /// The program that prints the secret.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Option<Vec<String>>,
    /// How many milliseconds it may take. Default: 5000.
    #[schemars(range(min = 1, max = 120_000))]
    pub timeout_ms: Option<u32>,
}

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretInputVisitor)
    }
}

struct SecretInputVisitor;

impl<'de> Visitor<'de> for SecretInputVisitor {
    type Value = SecretInput;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a secret or a reference to one")
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(SecretInput::Literal(Secret::new(value)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        SecretReference::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            .map(SecretInput::Reference)
    }
}

impl JsonSchema for SecretInput {
    fn schema_name() -> Cow<'static, str> {
        "SecretInput".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "string" }, generator.subschema_for::<SecretReference>()],
        })
    }
}
