//! A model behind the chat completions API.

use std::sync::Arc;

use chela_engine::ports::AgentError;
use futures_util::stream::BoxStream;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::body::Body;
use super::compat::Compat;
use crate::model::{Abilities, Model, Part, Prompt};
use crate::service::{Call, Caller, Settings, SetupError};

/// A model behind the chat completions API.
///
/// Failures before the first word are tried again as [`Retry`](crate::service::Retry) says; later ones end the stream.
///
/// Errors keep what the server said in their `detail`, at most 500 characters, without the key, the values of the
/// configured headers, and what stands in the conversation.
#[derive(Debug)]
pub struct OpenAi {
    settings: Settings,
    compat: Compat,
    fields: Map<String, Value>,
    caller: Arc<Caller>,
}

impl OpenAi {
    /// A model that is reached by a client as [`client_builder`](crate::service::client_builder) begins it.
    ///
    /// # Errors
    ///
    /// When the settings cannot work, whatever the server does; nothing is sent yet.
    pub fn new(
        settings: Settings,
        compat: Compat,
        client: reqwest::Client,
    ) -> Result<Self, SetupError> {
        let caller = Caller::new(&settings, client, &["chat", "completions"])?;
        Ok(Self {
            settings,
            compat,
            fields: Map::new(),
            caller: Arc::new(caller),
        })
    }

    /// Sends these fields with every request, too. Those that we send ourselves cannot be replaced.
    pub fn with_fields(self, fields: Map<String, Value>) -> Self {
        Self { fields, ..self }
    }
}

impl Model for OpenAi {
    fn call(&self, prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>> {
        let body = Body::new(&self.settings, self.compat, &prompt).with(&self.fields);
        let body = serde_json::to_vec(&body);
        Call::begin(Arc::clone(&self.caller), prompt, body, || {
            Box::new(Answer::default())
        })
    }

    fn abilities(&self) -> Abilities {
        self.settings.abilities
    }
}
