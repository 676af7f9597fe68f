//! One question: asks until the first word comes, then reads to the end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chela_engine::id::MessageId;
use chela_engine::ports::{AgentError, AgentEvent, Model};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::exchange::{Exchange, More};
use super::quoted;
use super::retry::Retry;

/// What all questions to one model share.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) client: reqwest::Client,
    pub(super) endpoint: Url,
    pub(super) headers: HeaderMap,
    /// By the name that the server knows.
    pub(super) model: String,
    /// What must not appear in an error, even if the server repeats it.
    pub(super) secrets: Vec<SecretString>,
    pub(super) silence: Duration,
    pub(super) retry: Retry,
}

/// A question under way.
#[derive(Debug)]
pub(super) struct Run {
    caller: Arc<Caller>,
    body: Bytes,
    message: MessageId,
    /// What people wrote, which must not appear in an error either.
    texts: Vec<String>,
    failures: u32,
    /// Understood, not yet passed on.
    events: VecDeque<AgentEvent>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing has been said; the question may be asked again.
    Asking,
    /// The response is being read, and nothing has been said.
    Listening(Box<Exchange>),
    /// Something has been said: there is no way back.
    Speaking(Box<Exchange>),
    /// Passes on what is left and then the error.
    Failed(AgentError),
    /// Passes on what is left.
    Ended,
}

impl Run {
    pub(super) fn new(
        caller: Arc<Caller>,
        body: Bytes,
        message: MessageId,
        texts: Vec<String>,
    ) -> Self {
        Self {
            caller,
            body,
            message,
            texts,
            failures: 0,
            events: VecDeque::new(),
            state: State::Asking,
        }
    }

    /// The next event; `None` behind the last one. Not to be called again when it was dropped half-way.
    pub(super) async fn next(&mut self) -> Option<Result<AgentEvent, AgentError>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(event));
            }
            // What is taken out here goes with the future when that is dropped, the connection too.
            self.state = match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return None,
                State::Failed(error) => return Some(Err(error)),
                State::Asking => match self.ask().await {
                    Ok(exchange) => State::Listening(Box::new(exchange)),
                    Err(error) => self.recover(error).await,
                },
                State::Listening(mut exchange) => match exchange.read(&mut self.events).await {
                    Ok(More::No) => {
                        self.tell_model();
                        State::Ended
                    }
                    Ok(More::Yes) if self.events.is_empty() => State::Listening(exchange),
                    Ok(More::Yes) => {
                        self.tell_model();
                        State::Speaking(exchange)
                    }
                    Err(error) if self.events.is_empty() => self.recover(error).await,
                    Err(error) => State::Failed(self.redacted(error)),
                },
                State::Speaking(mut exchange) => match exchange.read(&mut self.events).await {
                    Ok(More::No) => State::Ended,
                    Ok(More::Yes) => State::Speaking(exchange),
                    Err(error) => State::Failed(self.redacted(error)),
                },
            };
        }
    }

    /// It has begun to answer, so that it is the one that answers.
    fn tell_model(&mut self) {
        self.events.push_back(AgentEvent::Model(Model {
            name: self.caller.model.clone(),
            effort: None,
        }));
    }

    async fn ask(&self) -> Result<Exchange, AgentError> {
        let caller = &self.caller;
        let request = caller
            .client
            .post(caller.endpoint.clone())
            .headers(caller.headers.clone())
            .body(self.body.clone());
        Exchange::begin(request, caller.silence).await
    }

    /// Waits before the next try, or gives up.
    async fn recover(&mut self, error: AgentError) -> State {
        let error = self.redacted(error);
        self.failures += 1;
        let retry = self.caller.retry;
        let Some(pause) = retry.pause(self.failures, &error, &self.message) else {
            return State::Failed(error);
        };
        tracing::warn!(
            message = %self.message,
            kind = ?error.kind,
            detail = error.detail,
            failures = self.failures,
            ?pause,
            "the model failed before its first word; trying again"
        );
        tokio::time::sleep(pause).await;
        State::Asking
    }

    fn redacted(&self, mut error: AgentError) -> AgentError {
        for secret in &self.caller.secrets {
            error.detail = error.detail.replace(secret.expose_secret(), "<redacted>");
        }
        error.detail = quoted::without(&error.detail, &self.texts);
        error
    }
}
