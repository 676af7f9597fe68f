//! Who answers: model APIs, other gateways, coding agents, the scripted one.

use std::ops::AddAssign;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::attachment::AttachmentKind;
use crate::id::{AgentId, SessionId, SessionKey};
use crate::media_type::MediaType;
use crate::message::InboundMessage;
use crate::ports::{Choices, Inquirer, Interjections, Mode, Picture, Remark, TranscriptEntry};
use crate::quote::Author;
use crate::time::Timestamp;

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
    /// The files that came with it, the oldest first. Each may have been cleaned away meanwhile.
    pub earlier: Vec<Material>,
    /// The question.
    pub message: InboundMessage,
    /// What came with the question, in the order of its parts.
    pub materials: Vec<Material>,
    /// What the question refers to: the quoted message, what that one quoted, and so on. Said by others, so not
    /// instructions.
    pub quotes: Vec<Quoted>,
    /// What the person has chosen for this session.
    pub choices: Choices,
    /// Whether tools may be used and the run is remembered.
    pub mode: Mode,
    /// What the person says while the run goes on; to be taken before each call of the model.
    pub interjections: Interjections,
    /// The way to people in the middle of the work.
    pub inquirer: Inquirer,
    /// Cancelled when the person says stop or the gateway ends.
    pub cancel: CancellationToken,
}

/// An attachment as an agent gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// What a person sees in the chat.
    pub kind: AttachmentKind,
    /// The name that the sender gave it, made readable.
    pub name: Option<String>,
    /// What its first bytes say it is; `None` when it could not be had.
    pub media_type: Option<MediaType>,
    /// Bytes.
    pub size: Option<u64>,
    /// Where it lies; `None` when it could not be had.
    pub path: Option<PathBuf>,
    /// Its content as text or markdown.
    pub text: Option<String>,
    /// Its content to look at.
    pub pictures: Vec<Picture>,
    /// What was not read and why, in the language of the installation.
    pub remarks: Vec<String>,
}

/// A quoted message as an agent gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub written_at: Option<Timestamp>,
    /// What it says, cut to a sensible length.
    pub text: String,
    /// What came with it.
    pub materials: Vec<Material>,
    /// What is missing and why, in the language of the installation.
    pub remark: Option<String>,
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
    /// A tool has made a file, which the answer may carry.
    Made(PathBuf),
    /// What the history keeps behind the question for later runs of the same agent. People do not see it.
    Annotation(String),
    /// What the run has cost so far, all of it.
    Usage(Usage),
    /// A service was asked: it failed, or its answer begins.
    Attempt(Attempt),
    /// Something that the person should know besides; said behind the answer, and not remembered as a part of it.
    Remark(Remark),
}

/// One request to a model service, for the account of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The model, as the configuration names it.
    pub model: String,
    /// From the request to the failure, or to the first thing that the model said.
    pub elapsed: Duration,
    /// Why it failed, if it did.
    pub failure: Option<Error>,
}

/// What a run has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read by the model, those from its cache included.
    pub input_tokens: u64,
    /// Tokens of the input that it had in its cache.
    pub cached_tokens: u64,
    /// Tokens of the input that it put into its cache.
    pub cache_written_tokens: u64,
    /// Tokens written by the model, reasoning included.
    pub output_tokens: u64,
    /// The price, where the configuration tells prices.
    pub cost: Cost,
}

/// An amount of money, in billionths of the unit in which the configuration tells prices.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Cost(pub u64);

/// Sums up several calls.
impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        let add = |mine: &mut u64, other: u64| *mine = mine.saturating_add(other);
        add(&mut self.input_tokens, other.input_tokens);
        add(&mut self.cached_tokens, other.cached_tokens);
        add(&mut self.cache_written_tokens, other.cache_written_tokens);
        add(&mut self.output_tokens, other.output_tokens);
        add(&mut self.cost.0, other.cost.0);
    }
}

/// Why an agent could not answer, or not to the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// The service refused the request as wrong (bad parameter).
    InvalidRequest,
    /// The service has no model of that name, or nothing is at its address.
    UnknownModel,
    /// The service answered something that is not its protocol.
    Protocol,
    /// What the administrator allows is used up; no service was asked.
    OverBudget(BudgetScope),
}

/// Whose use of models has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetScope {
    /// A person's, on one day.
    PersonDay,
    /// An agent's, in one month.
    AgentMonth,
}
