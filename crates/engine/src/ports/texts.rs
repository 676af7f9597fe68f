//! The sentences that the engine says to people. It knows the occasions, not the words.

use std::time::Duration;

use crate::command::Reply;
use crate::id::{InquiryId, PersonId};
use crate::inquiry::{Inquiry, Refusal, State};
use crate::ports::{AgentErrorKind, BudgetScope, CollectError, FetchError, Obstacle};

/// Finds the words, in the language of the installation.
pub trait Texts: Send + Sync + 'static {
    /// The sentence for an occasion. Never empty.
    fn notice(&self, notice: &Notice) -> String;

    /// The sentence about something that an agent cannot see, or a person does not get. Never empty.
    fn remark(&self, remark: &Remark) -> String;
}

/// What is missing from a question or an answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// An attachment could not be had.
    NotFetched {
        /// Why.
        error: FetchError,
    },
    /// An attachment did not come in time.
    NotInTime {
        /// What it was given.
        limit: Duration,
    },
    /// An attachment is too large to be taken.
    TooLarge {
        /// What is allowed, in bytes.
        limit: u64,
    },
    /// An attachment could not be written to disk.
    NotKept,
    /// There are more attachments than are looked at.
    TooMany {
        /// How many were left out.
        left_out: usize,
    },
    /// A quoted message is not known any more.
    QuoteUnknown,
    /// A quoted message was written by somebody who may not be heard here.
    QuoteWithheld,
    /// A quoted message was cut.
    QuoteCut,
    /// A budget comes to its end.
    BudgetLow {
        /// Which.
        scope: BudgetScope,
        /// How much of it is used, in percent.
        percent: u32,
    },
    /// A tool was not used, because what others wrote is in the conversation.
    ToolRefused {
        /// The tool.
        tool: String,
        /// Where it comes from: `quoted`, `file`, `web`, `tool`.
        sources: Vec<&'static str>,
    },
    /// A tool was not used, because it needs an approval and nobody can give one.
    NobodyToAsk {
        /// The tool.
        tool: String,
    },
    /// The agent has used its tools as often as it may, and answered with what it had.
    ToolsExhausted {
        /// How often it has.
        rounds: usize,
    },
    /// Something could not be sent to the person, or fetched for them, until an administrator changes something.
    Hint {
        /// What is in the way.
        obstacle: Obstacle,
        /// What the platform calls the app of the bot.
        app: Option<String>,
    },
    /// A file of the answer is not sent.
    NotSent {
        /// Why.
        error: CollectError,
    },
}

/// An occasion on which the engine itself speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The sender is not on the list; tells the id that an administrator needs.
    NotAllowed {
        /// The sender's own id.
        person: PersonId,
    },
    /// The sender may ask to be let in: whoever decides needs this code.
    PairingCode {
        /// The code.
        code: String,
        /// How long it holds.
        holds: Duration,
        /// The sender's own id.
        person: PersonId,
    },
    /// The sender cannot even ask: too many others wait to be let in.
    PairingFull,
    /// The person was let in.
    Paired,
    /// Too many questions wait already; this one was not taken.
    QueueFull {
        /// How many may wait.
        limit: usize,
    },
    /// The question waits behind more than the running turn.
    Queued {
        /// How many go before it, the running one included.
        ahead: usize,
    },
    /// Nobody bears the names that were called.
    UnknownAgents {
        /// What was called.
        names: Vec<String>,
        /// Who can be called.
        known: Vec<String>,
    },
    /// The question waited too long to be worth an answer.
    Stale {
        /// How long it waited.
        waited: Duration,
    },
    /// The time of a job passed while nobody was there to do it.
    JobMissed {
        /// The job.
        name: String,
        /// The time, as people read it.
        due: String,
    },
    /// A new session began because the person asked for it.
    NewSession,
    /// A new session began after silence; put before the answer.
    SessionExpired {
        /// The length of silence that ends a session.
        idle: Duration,
    },
    /// A new session began because the day was over; put before the answer.
    SessionOver,
    /// What a command came to.
    Command(Reply),
    /// The run was stopped before any text.
    StoppedEmpty {
        /// Waiting questions that were dropped with it.
        dropped: usize,
    },
    /// The run was stopped; put behind the text so far.
    StoppedPartial {
        /// Waiting questions that were dropped with it.
        dropped: usize,
    },
    /// The run was told to stop, but its agent did not come to its end in time.
    StoppedLate {
        /// Waiting questions that were dropped with it.
        dropped: usize,
    },
    /// The run was stopped because the person said something else; put behind the text so far.
    Superseded,
    /// There was nothing to stop.
    NothingToStop,
    /// The agent ended without text.
    EmptyAnswer,
    /// The agent only reasoned.
    ThinkingOnly,
    /// The agent failed before any text.
    AgentFailed {
        /// Why.
        kind: AgentErrorKind,
    },
    /// The agent failed; put behind the text so far.
    AgentFailedPartial {
        /// Why.
        kind: AgentErrorKind,
    },
    /// The turn took longer than allowed.
    TimedOut {
        /// What is allowed.
        limit: Duration,
    },
    /// The turn was interrupted by crashes so often that it was given up.
    Interrupted,
    /// Something broke inside the gateway.
    Internal,
    /// The message was empty.
    EmptyMessage,
    /// Behind the beginning of a long answer: all of it is in a file.
    InFile {
        /// What the file is called.
        name: String,
    },
    /// What an agent asks a person, with how it can be answered by typing.
    Inquiry {
        /// What.
        inquiry: Box<Inquiry>,
        /// Whether the person who reads it is who the agent works for.
        is_asker: bool,
    },
    /// Somebody else was asked; told to who waits for it.
    AskedElsewhere {
        /// How long an answer is waited for.
        patience: Duration,
    },
    /// How something that was asked has ended, in a line.
    InquiryClosed {
        /// Whether it was an approval.
        is_approval: bool,
        /// How.
        state: State,
        /// How far the clock of the installation is ahead of UTC, in seconds.
        utc_offset: i32,
    },
    /// What was typed is neither a yes nor a no.
    HowToApprove,
    /// Several things are asked of the person, and none was named.
    WhichInquiry {
        /// What people type.
        ids: Vec<InquiryId>,
    },
    /// An answer to something that was asked does not count.
    AnswerRefused {
        /// Why.
        refusal: Refusal,
    },
}
