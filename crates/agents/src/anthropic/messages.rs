//! A model behind the messages API.

use std::sync::Arc;

use chela_engine::ports::AgentError;
use futures_util::stream::BoxStream;
use http::header::{HeaderName, HeaderValue};

use super::answer::Answer;
use super::body::Body;
use crate::model::{Abilities, Model, Part, Prompt};
use crate::service::{Call, Caller, Settings, SetupError};

/// The version of the interface.
const VERSION: (HeaderName, HeaderValue) = (
    HeaderName::from_static("anthropic-version"),
    HeaderValue::from_static("2023-06-01"),
);

/// A model behind the messages API. Fails and tries again as [`OpenAi`](crate::openai::OpenAi) does.
#[derive(Debug)]
pub struct Anthropic {
    settings: Settings,
    caller: Arc<Caller>,
}

impl Anthropic {
    /// A model that is reached by a client as [`client_builder`](crate::service::client_builder) begins it. The base
    /// address is that before `/v1/messages`.
    ///
    /// # Errors
    ///
    /// When the settings cannot work, whatever the server does; nothing is sent yet.
    pub fn new(settings: Settings, client: reqwest::Client) -> Result<Self, SetupError> {
        let mut caller = Caller::new(&settings, client, &["v1", "messages"])?;
        let (name, version) = VERSION;
        // An operator may want another one.
        caller.headers.entry(name).or_insert(version);
        Ok(Self {
            settings,
            caller: Arc::new(caller),
        })
    }
}

impl Model for Anthropic {
    fn call(&self, prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>> {
        let body = serde_json::to_vec(&Body::new(&self.settings, &prompt));
        Call::begin(Arc::clone(&self.caller), prompt, body, || {
            Box::new(Answer::default())
        })
    }

    fn abilities(&self) -> Abilities {
        self.settings.abilities
    }
}
