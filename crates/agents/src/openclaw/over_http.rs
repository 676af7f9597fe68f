//! The same question over OpenClaw's `/v1/chat/completions`: text only, no tools, no reasoning, no second try, because
//! nothing there tells a question that was asked twice (reference of OpenClaw core §4.1).

use std::sync::Arc;

use chela_engine::ports::{Agent as _, AgentError, AgentErrorKind, AgentEvent, AgentRequest};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use super::ask::Address;
use super::failure;
use super::link::Gateway;
use super::settings::{AgentSettings, Credential};
use crate::model::Selection;
use crate::openai::{Compat, OpenAi};
use crate::service::{Retry, Settings};
use crate::{Assistant, Manner};

pub(super) fn ask(
    gateway: &Gateway,
    settings: &AgentSettings,
    address: &Address,
    request: AgentRequest,
) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
    let mut base = gateway.settings.url.clone();
    let path = format!("{}/v1", base.path().trim_end_matches('/'));
    base.set_path(&path);
    // Nothing resets a session over HTTP, but each thread of one has a history of its own.
    let session = if settings.keep_sessions {
        address.session_key.clone()
    } else {
        format!("{}:thread:{}", address.session_key, request.session)
    };
    let mut service = Settings::new(base.as_str(), format!("openclaw:{}", address.agent));
    service.abilities.sees = true;
    service.abilities.calls_tools = false;
    service.silence_timeout = gateway.settings.patience.silence;
    service.retry = Retry {
        limit: 0,
        ..Retry::default()
    };
    service.api_key = gateway.settings.credential.as_ref().map(|credential| {
        let (Credential::Token(secret) | Credential::Password(secret)) = credential;
        secret.clone()
    });
    service.headers = vec![
        (
            "x-openclaw-agent-id".to_owned(),
            address.agent.as_str().into(),
        ),
        ("x-openclaw-session-key".to_owned(), session.into()),
    ];
    // OpenClaw remembers by itself.
    let request = AgentRequest {
        history: Vec::new(),
        ..request
    };
    let name = service.name.clone();
    match OpenAi::new(service, Compat::default(), gateway.client.clone()) {
        Ok(model) => {
            let selection = Selection::only(&name, Arc::new(model));
            Assistant::new(selection, Manner::default()).run(request)
        }
        Err(error) => {
            let error = failure::error(AgentErrorKind::InvalidRequest, error.to_string());
            stream::iter([Err(error)]).boxed()
        }
    }
}
