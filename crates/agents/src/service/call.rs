//! One call of a model: asks until the first word comes, then reads to the end.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use chela_engine::ports::{AgentError, AgentErrorKind, Attempt};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::time::Instant;

use super::caller::Caller;
use super::exchange::{Exchange, More};
use super::failure;
use super::reader::Reader;
use crate::model::{Part, Prompt};

/// A call under way.
pub(crate) struct Call {
    caller: Arc<Caller>,
    prompt: Prompt,
    body: Bytes,
    /// Makes what reads an answer, anew for each try.
    reader: Box<dyn Fn() -> Box<dyn Reader> + Send>,
    failures: u32,
    /// When the try that runs began.
    began: Instant,
    /// Understood, not yet passed on.
    parts: VecDeque<Part>,
    state: State,
}

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

impl Call {
    /// A call with a body that was made of a prompt.
    fn new(
        caller: Arc<Caller>,
        prompt: Prompt,
        body: Bytes,
        reader: impl Fn() -> Box<dyn Reader> + Send + 'static,
    ) -> Self {
        Self {
            caller,
            prompt,
            body,
            reader: Box::new(reader),
            failures: 0,
            began: Instant::now(),
            parts: VecDeque::new(),
            state: State::Asking,
        }
    }

    /// The parts of an answer to a body that is sent as JSON.
    pub(crate) fn begin(
        caller: Arc<Caller>,
        prompt: Prompt,
        body: serde_json::Result<Vec<u8>>,
        reader: impl Fn() -> Box<dyn Reader> + Send + 'static,
    ) -> BoxStream<'static, Result<Part, AgentError>> {
        match body {
            Ok(body) => Self::new(caller, prompt, Bytes::from(body), reader).stream(),
            Err(error) => {
                let error = failure::error(AgentErrorKind::InvalidRequest, error.to_string());
                stream::iter([Err(error)]).boxed()
            }
        }
    }

    /// The parts as they come. Dropping it closes the connection.
    fn stream(self) -> BoxStream<'static, Result<Part, AgentError>> {
        stream::unfold(self, |mut call| async move {
            let part = call.next().await?;
            Some((part, call))
        })
        .boxed()
    }

    /// The next part; `None` behind the last one. Not to be called again when it was dropped half-way.
    async fn next(&mut self) -> Option<Result<Part, AgentError>> {
        loop {
            if let Some(mut part) = self.parts.pop_front() {
                if let Part::Usage(usage) = &mut part {
                    usage.cost = self.caller.prices.cost(usage);
                }
                return Some(Ok(part));
            }
            // What is taken out here goes with the future when that is dropped, the connection too.
            self.state = match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return None,
                State::Failed(error) => return Some(Err(error)),
                State::Asking => match self.ask().await {
                    Ok(exchange) => State::Listening(Box::new(exchange)),
                    Err(error) => self.recover(error).await,
                },
                State::Listening(exchange) => self.listen(exchange).await,
                State::Speaking(mut exchange) => match exchange.read(&mut self.parts).await {
                    Ok(More::No) => State::Ended,
                    Ok(More::Yes) => State::Speaking(exchange),
                    Err(error) => State::Failed(self.redacted(error)),
                },
            };
        }
    }

    async fn ask(&mut self) -> Result<Exchange, AgentError> {
        self.began = Instant::now();
        let caller = &self.caller;
        let request = caller
            .client
            .post(caller.endpoint.clone())
            .headers(caller.headers.clone())
            .body(self.body.clone());
        Exchange::begin(request, caller.silence, (self.reader)()).await
    }

    async fn listen(&mut self, mut exchange: Box<Exchange>) -> State {
        let read = exchange.read(&mut self.parts).await;
        let visible = self.parts.iter().any(Part::is_visible);
        if visible {
            self.parts.push_front(self.attempt(None));
        }
        match read {
            Ok(More::No) => State::Ended,
            Ok(More::Yes) if visible => State::Speaking(exchange),
            Ok(More::Yes) => State::Listening(exchange),
            Err(error) if visible => State::Failed(self.redacted(error)),
            Err(error) => self.recover(error).await,
        }
    }

    /// Waits before the next try, or gives up.
    async fn recover(&mut self, error: AgentError) -> State {
        let error = self.redacted(error);
        self.failures += 1;
        self.parts.clear();
        self.parts.push_back(self.attempt(Some(error.clone())));
        let retry = self.caller.retry;
        let Some(pause) = retry.pause(self.failures, &error, &self.prompt.message) else {
            return State::Failed(error);
        };
        tracing::warn!(
            message = %self.prompt.message,
            model = self.caller.name,
            kind = ?error.kind,
            detail = error.detail,
            failures = self.failures,
            ?pause,
            "the model failed before its first word; trying again"
        );
        tokio::time::sleep(pause).await;
        State::Asking
    }

    fn attempt(&self, failure: Option<AgentError>) -> Part {
        Part::Attempt(Attempt {
            model: self.caller.name.clone(),
            elapsed: self.began.elapsed(),
            failure,
        })
    }

    fn redacted(&self, error: AgentError) -> AgentError {
        self.caller.redacted(error, self.prompt.private_texts())
    }
}
