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
    /// The interface. Default: `openai-completions`.
    pub api: Option<String>,
    /// Headers to add to every request.
    pub headers: Option<BTreeMap<String, String>>,
    /// Its models.
    pub models: Option<Vec<Model>>,
}

/// A model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Model {
    /// Its name in requests.
    pub id: Option<String>,
    /// Tokens of question, history and answer together.
    #[schemars(range(min = 1))]
    pub context_window: Option<u32>,
    /// Tokens of an answer.
    #[schemars(range(min = 1))]
    pub max_tokens: Option<u32>,
    /// What it takes; pictures are shown only to models with `image`. Default: text.
    pub input: Option<Vec<ModelInput>>,
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
