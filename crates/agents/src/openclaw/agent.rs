//! The agent: one agent of a gateway, behind the engine's port.

use std::sync::Arc;

use chela_engine::ports::{Agent, AgentError, AgentEvent, AgentRequest};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::ask::Address;
use super::link::Gateway;
use super::over_http;
use super::run::Run;
use super::settings::AgentSettings;
use super::turn::{HttpOnly, Sessions, Turn};
use crate::narration::{Listener, narrate};

/// An agent of a running OpenClaw gateway.
///
/// Text, reasoning, tools and usage are streamed. A run goes on when the socket is lost and is found again; a question is
/// never handed over twice. Dropping the stream, or cancelling the request, ends the run on the gateway, unless
/// [`crate::Ending::leaving`] says that the question will be asked again.
#[derive(Clone, Debug)]
pub struct OpenClaw {
    gateway: Gateway,
    settings: Arc<AgentSettings>,
    sessions: Arc<Sessions>,
}

impl OpenClaw {
    /// An agent of this gateway.
    pub fn new(gateway: Gateway, settings: AgentSettings) -> Self {
        Self {
            gateway,
            settings: Arc::new(settings),
            sessions: Arc::default(),
        }
    }

    async fn answer(self, request: AgentRequest, listener: Listener) -> Result<(), AgentError> {
        let address = Address::new(&self.settings, &request);
        let mut turn = Turn {
            gateway: self.gateway.clone(),
            settings: Arc::clone(&self.settings),
            sessions: self.sessions,
            address: address.clone(),
            request: request.clone(),
            listener: listener.clone(),
            run: Run::default(),
            sent: None,
        };
        match turn.answer().await {
            Ok(result) => result,
            Err(HttpOnly) => {
                let mut told = over_http::ask(&self.gateway, &self.settings, &address, request);
                while let Some(event) = told.next().await {
                    listener.tell([event?]).await;
                }
                Ok(())
            }
        }
    }
}

impl Agent for OpenClaw {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let cancel = request.cancel.clone();
        let agent = self.clone();
        narrate(cancel, |listener| agent.answer(request, listener))
    }
}
