//! Who answers: model APIs, other gateways, coding agents, the scripted one.

use std::time::Duration;

use futures_util::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use crate::id::{AgentId, SessionId, SessionKey};
use crate::message::InboundMessage;
use crate::ports::TranscriptEntry;

/// Turns a question and its history into a stream of events.
pub trait Agent: Send + Sync + 'static {
    /// Begins to answer.
    ///
    /// The stream ends by itself after the last event; an `Err` is always the last item. Whoever drops it
    /// cancels the run; `request.cancel` tells the same to tools and child processes, which must be gone
    /// within two seconds.
    fn run(&self, request: Request) -> BoxStream<'static, Result<Event, Error>>;
}

/// What an agent is given.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which agent is meant; one implementation may serve several.
    pub agent: AgentId,
    /// The conversation's key, for agents that keep a history of their own.
    pub session_key: SessionKey,
    /// The stretch of conversation since the last reset.
    pub session: SessionId,
    /// What was said before in this session, oldest first.
    pub history: Vec<TranscriptEntry>,
    /// The question.
    pub message: InboundMessage,
    /// Cancelled when the person says stop or the gateway ends.
    pub cancel: CancellationToken,
}

/// Something that an agent did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// More of the answer.
    Text(String),
    /// More of the reasoning, which is not part of the answer.
    Reasoning(String),
    /// A tool began to work.
    ToolStarted {
        /// Ties the end to the start.
        call: String,
        /// What people know the tool by.
        name: String,
    },
    /// A tool ended.
    ToolEnded {
        /// The call that ended.
        call: String,
        /// Whether it did what was asked.
        succeeded: bool,
    },
    /// What the run has cost so far.
    Usage(Usage),
}

/// What a run has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read by the model.
    pub input_tokens: u64,
    /// Tokens written by the model.
    pub output_tokens: u64,
}

/// Why an agent could not answer, or not to the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("agent failed ({kind:?}): {detail}")]
pub struct Error {
    /// What went wrong, for the person and for the decision to try again.
    pub kind: ErrorKind,
    /// What the other side said, without secrets; for logs, not for the person.
    pub detail: String,
    /// When another try makes sense, if the other side said so.
    pub retry_after: Option<Duration>,
}

/// The kinds of agent failure that a person or an operator acts on differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// No agent or model is set up.
    NotConfigured,
    /// The key is missing or refused.
    Auth,
    /// Too many requests for now.
    RateLimited,
    /// The account has no money or quota left.
    QuotaExhausted,
    /// The service cannot be reached or answers 5xx.
    Unavailable,
    /// It took too long or fell silent.
    Timeout,
    /// The conversation is too long for the model.
    ContextTooLong,
    /// The content was refused by a filter.
    Refused,
    /// The service refused the request as wrong (unknown model, bad parameter).
    InvalidRequest,
    /// The service answered something that is not its protocol.
    Protocol,
}
