//! What an operator may choose about a model, and what is checked of it before the first question.

use std::time::Duration;

use secrecy::SecretString;

use super::prices::Prices;
use super::retry::Retry;
use crate::model::Abilities;

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How to reach a model and what to tell it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API lives, as its documentation gives it: `https://api.openai.com/v1`, with or without a slash at the
    /// end. A path such as `/v1` is neither added nor removed, a query is kept. The full address of
    /// `…/chat/completions` is understood too.
    pub base_url: String,
    /// The key, sent without the white space around it. Local servers mostly need none.
    pub api_key: Option<SecretString>,
    /// How the key is sent.
    pub key_header: KeyHeader,
    /// The model, by the name that the API knows; never interpreted.
    pub model: String,
    /// What it is called in logs and in the account of attempts: `provider/model`.
    pub name: String,
    /// What the model can do.
    pub abilities: Abilities,
    /// Randomness; `None` leaves it to the server.
    pub temperature: Option<f64>,
    /// Longest answer in tokens; `None` leaves it to the server.
    pub max_tokens: Option<u32>,
    /// Headers to send with every request; their values count as secrets from 8 bytes on. They may replace our own.
    pub headers: Vec<(String, SecretString)>,
    /// How long opening a connection may take. A client that was passed in has its own limit.
    pub connect_timeout: Duration,
    /// How long the server may send nothing at all, before the answer and within it. Comments that keep the connection
    /// alive count as life. The time of the whole turn is limited by the engine.
    pub silence_timeout: Duration,
    /// When to ask again.
    pub retry: Retry,
    /// What tokens cost.
    pub prices: Prices,
}

/// How a key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHeader {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `x-api-key: …`, as Anthropic wants it.
    ApiKey,
}

impl Settings {
    /// Settings for a model, everything else at its default: no key, no pictures, but tools, 10 seconds to connect, 120
    /// seconds of silence.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        let model = model.into();
        Self {
            base_url: base_url.into(),
            api_key: None,
            key_header: KeyHeader::Bearer,
            name: model.clone(),
            model,
            abilities: Abilities {
                calls_tools: true,
                ..Abilities::default()
            },
            temperature: None,
            max_tokens: None,
            headers: Vec::new(),
            connect_timeout: CONNECT_TIMEOUT,
            silence_timeout: Duration::from_secs(120),
            retry: Retry::default(),
            prices: Prices::default(),
        }
    }
}

/// Why settings cannot work. Holds neither the key nor the value of a header.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The base URL is not an `http` or `https` address.
    #[error("the base URL is not an http or https address")]
    BaseUrl(#[source] Option<url::ParseError>),
    /// The key has characters that a header cannot carry, such as a line break or Chinese quotation marks.
    #[error("the API key has characters that cannot be sent")]
    ApiKey(#[source] Option<http::header::InvalidHeaderValue>),
    /// The name of a header is none.
    #[error("`{name}` is not the name of a header")]
    HeaderName {
        /// As it was given.
        name: String,
        /// What is wrong with it.
        #[source]
        source: http::header::InvalidHeaderName,
    },
    /// The value of a header has characters that cannot be sent.
    #[error("the value of header `{name}` has characters that cannot be sent")]
    HeaderValue {
        /// Which header.
        name: String,
        /// What is wrong with it.
        #[source]
        source: http::header::InvalidHeaderValue,
    },
    /// The HTTP client cannot start, for example because it finds no root certificates.
    #[error("the HTTP client cannot start")]
    Client(#[source] reqwest::Error),
}

/// Families of models that can think before they answer.
const THINKERS: &[&str] = &[
    "claude-opus-4",
    "claude-sonnet-4",
    "claude-haiku-4",
    "claude-3-7",
    "claude-opus-5",
    "claude-sonnet-5",
    "deepseek",
    "doubao-seed",
    "gemini-2.5",
    "gemini-3",
    "glm-4.5",
    "glm-4.6",
    "glm-4.7",
    "glm-5",
    "gpt-5",
    "gpt-6",
    "gpt-oss",
    "kimi-k2-thinking",
    "kimi-k2.5",
    "kimi-k2.6",
    "kimi-k3",
    "o1",
    "o3",
    "o4",
    "qwen3",
    "qwen-plus",
    "qwq",
];

/// Whether a model of this name can think before it answers, as far as one can tell. Nobody is told to think who
/// cannot: such a model may refuse the question.
pub fn probably_reasons(model: &str) -> bool {
    let model = model.to_lowercase();
    let family = model.rsplit('/').next().unwrap_or_default();
    THINKERS.iter().any(|name| family.starts_with(name))
}
