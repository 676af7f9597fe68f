//! What an operator may choose, and what is checked of it before the first question.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::retry::Retry;

/// How to reach a model and what to tell it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API lives, as its documentation gives it: `https://api.openai.com/v1`, with or without a slash at the
    /// end. A path such as `/v1` is neither added nor removed, a query is kept. The full address of
    /// `…/chat/completions` is understood too.
    pub base_url: String,
    /// The key, sent as a bearer token without the white space around it. Local servers mostly need none.
    pub api_key: Option<SecretString>,
    /// The model, by the name that the API knows; never interpreted.
    pub model: String,
    /// Whether the model takes pictures. To one that does not, none are sent.
    pub sees: bool,
    /// What stands before every conversation.
    pub system_prompt: Option<String>,
    /// How many tokens of history the model reads at most, by a rough estimate (a Chinese character is one token).
    /// The question and the system prompt come on top.
    pub history_tokens: usize,
    /// Randomness; `None` leaves it to the server.
    pub temperature: Option<f64>,
    /// Longest answer in tokens; `None` leaves it to the server.
    pub max_tokens: Option<u32>,
    /// Headers to send with every request; their values count as secrets from 8 bytes on. They may replace our own.
    pub headers: Vec<(String, SecretString)>,
    /// Further fields of every request. Those that we set ourselves cannot be replaced.
    pub fields: Map<String, Value>,
    /// How long opening a connection may take. A client that was passed in has its own limit.
    pub connect_timeout: Duration,
    /// How long the server may send nothing at all, before the answer and within it. Comments that keep the connection
    /// alive count as life. The time of the whole turn is limited by the engine.
    pub silence_timeout: Duration,
    /// When to ask again.
    pub retry: Retry,
}

impl Settings {
    /// Settings for a model, everything else at its default: no key, no pictures, no system prompt, 8,000 tokens of history,
    /// 10 seconds to connect, 120 seconds of silence.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            api_key: None,
            model: model.into(),
            sees: false,
            system_prompt: None,
            history_tokens: 8_000,
            temperature: None,
            max_tokens: None,
            headers: Vec::new(),
            fields: Map::new(),
            connect_timeout: Duration::from_secs(10),
            silence_timeout: Duration::from_secs(120),
            retry: Retry::default(),
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
