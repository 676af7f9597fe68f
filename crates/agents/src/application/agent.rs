//! The agent: a model's, with the conversation in the place where the application looks for it.

use std::sync::Arc;

use chela_engine::ports::{Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use secrecy::SecretString;
use serde_json::Value;

use super::settings::{SessionPlace, Settings};
use crate::model::Selection;
use crate::openai::{Compat, OpenAi};
use crate::service::{Settings as Service, SetupError};
use crate::{Assistant, Manner};

/// An agent that asks an application. What [`OpenAi`] says of streams, errors and cancelling holds here, too.
#[derive(Debug)]
pub struct Application {
    settings: Arc<Settings>,
    client: reqwest::Client,
}

impl Application {
    /// An agent that uses this client.
    ///
    /// # Errors
    ///
    /// When the settings cannot work, whatever the application does.
    pub fn with_client(settings: Settings, client: reqwest::Client) -> Result<Self, SetupError> {
        // The session is no part of what can be wrong with the settings; any will do for the check.
        model(&settings, "session", client.clone())?;
        Ok(Self {
            settings: Arc::new(settings),
            client,
        })
    }
}

impl Agent for Application {
    fn run(&self, mut request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        if !self.settings.history {
            request.history.clear();
        }
        match model(&self.settings, &session(&request), self.client.clone()) {
            Ok(model) => {
                let selection = Selection::only(&self.settings.service.name, Arc::new(model));
                let manner = Manner {
                    system_prompt: self.settings.system_prompt.clone(),
                    ..Manner::default()
                };
                Assistant::new(selection, manner).run(request)
            }
            Err(error) => {
                let error = AgentError {
                    kind: AgentErrorKind::InvalidRequest,
                    detail: error.to_string(),
                    retry_after: None,
                };
                stream::iter([Err(error)]).boxed()
            }
        }
    }
}

/// The application as a model that knows of one conversation.
fn model(
    settings: &Settings,
    session: &str,
    client: reqwest::Client,
) -> Result<OpenAi, SetupError> {
    let mut service: Service = settings.service.clone();
    let mut fields = settings.fields.clone();
    match &settings.session {
        SessionPlace::Nowhere => {}
        SessionPlace::Field(name) => {
            fields.insert(name.clone(), Value::from(session));
        }
        SessionPlace::Header(name) => {
            let value = SecretString::from(session);
            service.headers.push((name.clone(), value));
        }
    }
    let compat = Compat::recognised(&service.base_url, &service.model);
    Ok(OpenAi::new(service, compat, client)?.with_fields(fields))
}

/// The stretch of conversation, so that `/new` begins one there as well. A header carries it, too.
fn session(request: &AgentRequest) -> String {
    let plain = format!("{}:{}", request.session_key, request.session);
    let mut encoded = String::with_capacity(plain.len());
    for byte in plain.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use chela_engine::id::{SessionId, SessionKey};
    use chela_engine::testing::direct_message;

    use super::*;

    #[test]
    fn sessions_are_ascii_and_stay_apart() {
        let named = |key: &str, session| {
            session_of(AgentRequest {
                session_key: SessionKey::new(key),
                session: SessionId(session),
                ..chela_engine::testing::request(direct_message("m", "lin", "你好"))
            })
        };
        fn session_of(request: AgentRequest) -> String {
            session(&request)
        }
        let chinese = named("agent:助手:dingtalk:group:cid+/=", 7);
        assert_eq!(chinese, "agent:%E5%8A%A9%E6%89%8B:dingtalk:group:cid+/=:7");
        assert_ne!(named("a b", 1), named("a%20b", 1));
        assert_ne!(named("a", 1), named("a", 2));
    }
}
