//! The memory of the engine: inbox, sessions with transcript, outbox. The inbox and outbox rows that stay
//! behind are the journal.
//!
//! Every method takes effect in the order of the calls, also when the futures are awaited in another order: the
//! work is handed over before the future is returned. A future that is dropped does not undo it. A returned `Ok`
//! of a writing method means that the effect survives `kill -9` and power loss (the memory store excepted).

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::id::{AgentId, CardId, MessageId, OutboxId, PersonId, Sequence, SessionId, SessionKey};
use crate::message::{InboundMessage, OutboundMessage};
use crate::ports::{
    Hints, Inquiries, Origin, Pairing, Receipt, Sessions, SpendingLine, SpendingQuery, Spent,
};
use crate::time::Timestamp;

/// A future of a store.
type Reply<T> = BoxFuture<'static, Result<T, Error>>;

/// Keeps what must not be forgotten.
pub trait Store: Sessions + Hints + Inquiries + Pairing + Send + Sync + 'static {
    /// Takes a message into the inbox, unless (channel, account, message id) is already there.
    fn accept(&self, message: InboundMessage, received_at: Timestamp) -> Reply<Accepted>;

    /// Messages behind `after` without an answer, by sequence, at most `limit`.
    fn unfinished(&self, after: Sequence, limit: usize) -> Reply<Vec<StoredMessage>>;

    /// Opens the session of a message and counts the attempt. [`Begun::Finished`] when it was answered meanwhile. The
    /// message that began a session is told the same continuity when it is begun again.
    /// When only the history cannot be read, the call fails although the attempt is counted.
    fn begin(&self, begin: Begin) -> Reply<Begun>;

    /// Takes the last attempt of a message back: its turn was let go, it did not break. Changes nothing when the message
    /// has ended or no turn has begun on it.
    fn abandon(&self, sequence: Sequence) -> Reply<()>;

    /// Ends a message: transcript, replies and the end of the inbox row, all or nothing, and only once.
    fn finish(&self, finish: Finish) -> Reply<Finished>;

    /// Says something to a message that has not ended yet. Changes nothing when it has.
    fn say(&self, sequence: Sequence, replies: Vec<OutboundMessage>, at: Timestamp) -> Reply<()>;

    /// Ends the session that a key has now, so that the next message begins another.
    fn reset_session(&self, key: SessionKey, at: Timestamp) -> Reply<()>;

    /// Replies behind `after` that have neither receipt nor failure, by id, at most `limit`.
    fn undelivered(&self, after: OutboxId, limit: usize) -> Reply<Vec<Delivery>>;

    /// Writes down how the delivery of a reply went. Delivered and failed are the last word: what comes behind them, or
    /// is about a reply that is no longer there, changes nothing.
    fn settle(&self, id: OutboxId, settlement: Settlement, at: Timestamp) -> Reply<()>;

    /// Replies that are on their way or were given up, by id, at most `limit`; with how the last try went.
    fn stuck(&self, limit: usize) -> Reply<Vec<(Delivery, Option<Settlement>)>>;

    /// Puts a reply that was given up into the outbox again, under a new id and as if it were written now; tells the id, or
    /// `None` when there is no such reply or it was not given up.
    fn resend(&self, id: OutboxId, at: Timestamp) -> Reply<Option<OutboxId>>;

    /// Gives a reply up for good, whether it is on its way or was given up before: nobody lists it any more. `false` when
    /// there is no such reply or it was delivered.
    fn discard(&self, id: OutboxId, reason: String, at: Timestamp) -> Reply<bool>;

    /// Whether a reply is still on its way.
    fn is_undelivered(&self, id: OutboxId) -> Reply<bool>;

    /// Remembers what a person thinks of the answer on a card. The last word of each person counts.
    fn rate(&self, card: CardId, person: PersonId, rating: Rating, at: Timestamp) -> Reply<()>;

    /// Remembers which reaction a message bears, before it is shown; tells what was remembered until now. A message that
    /// is not there has none.
    fn mark(&self, sequence: Sequence, reaction: Option<String>) -> Reply<Option<String>>;

    /// Messages that have ended and still bear a reaction, by sequence, at most `limit`.
    fn marked(&self, limit: usize) -> Reply<Vec<(StoredMessage, String)>>;

    /// What is known of the message with this id, or of the message that was answered with this receipt key.
    fn journal(&self, key: String) -> Reply<Vec<JournalEntry>>;

    /// Replies that the platform took within `within` before or after `at`, in no particular order.
    fn delivered_near(&self, at: Timestamp, within: Duration) -> Reply<Vec<Delivery>>;

    /// What turns have used of models, summed up by agent, person and model, in this order.
    fn spending(&self, query: SpendingQuery) -> Reply<Vec<SpendingLine>>;

    /// How much there is of everything.
    fn counts(&self) -> Reply<Counts>;

    /// Forgets messages that ended before `before` and have no reply on its way, with their replies, and sessions that
    /// ended before it; tells how many messages. The dedup memory shrinks with them. What turns have used of models is kept
    /// for 400 days longer.
    fn prune(&self, before: Timestamp) -> Reply<u64>;
}

/// What became of a message that was handed to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is new and safe.
    New(Sequence),
    /// It is already there.
    Duplicate,
}

/// A message in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its place.
    pub sequence: Sequence,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// How many turns have begun on it and were not let go.
    pub attempts: u32,
    /// The message.
    pub message: InboundMessage,
}

/// What is needed to open a turn.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The message.
    pub sequence: Sequence,
    /// Who answers.
    pub agent: AgentId,
    /// The history to open.
    pub session_key: SessionKey,
    /// Where the message came from, for whoever wants to send something there later.
    pub origin: Origin,
    /// A session that was last used before this has ended by itself. `None`: sessions do not end by themselves.
    pub expired_before: Option<Timestamp>,
    /// How many entries of history to read at most, the newest.
    pub history: usize,
    /// The card on which the answer will be written, if it will.
    pub card: Option<CardId>,
    /// Now.
    pub at: Timestamp,
}

/// An opened turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The turn may go on.
    Open {
        /// How many turns have begun on the message and were not let go, this one included.
        attempt: u32,
        /// The session.
        session: SessionId,
        /// How the session stands to the one before.
        continuity: Continuity,
        /// What was said in it since it was last summed up, oldest first.
        history: Vec<TranscriptEntry>,
        /// What stands for what was said before that, when it was summed up.
        summary: Option<String>,
        /// The card of this turn, or that of an earlier one on the message, which may be waiting for its end.
        card: Option<CardId>,
    },
    /// The message has its answer already.
    Finished,
}

/// How a session stands to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// There was none, or the person had ended it.
    Fresh,
    /// It is the same.
    Continued,
    /// The one before ended by itself.
    Expired,
}

/// One utterance in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptEntry {
    /// Who spoke.
    pub role: TranscriptRole,
    /// What was said.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// Who spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptRole {
    /// The person.
    User,
    /// The agent.
    Assistant,
}

/// The end of a message.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The message.
    pub sequence: Sequence,
    /// Messages that were answered together with it, and end with it.
    pub joined: Vec<Sequence>,
    /// How it ended: a stable word for logs and the journal.
    pub outcome: &'static str,
    /// What to add to which session.
    pub transcript: Option<(SessionId, Vec<TranscriptEntry>)>,
    /// What the turn has used of models, if it asked any; added to the session of the transcript, too.
    pub spent: Option<Spent>,
    /// Messages that take the place of this one in the inbox, so that several agents answer it. They count as accepted
    /// when it was.
    pub follow_ups: Vec<InboundMessage>,
    /// What to send, in this order.
    pub replies: Vec<OutboundMessage>,
    /// Now.
    pub at: Timestamp,
}

/// What became of a [`Finish`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is written.
    Now,
    /// The message had ended before; nothing was written.
    Before,
}

/// A reply in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its place.
    pub id: OutboxId,
    /// The message.
    pub message: OutboundMessage,
    /// When the message that it answers was accepted.
    pub received_at: Timestamp,
    /// When the reply was written.
    pub created_at: Timestamp,
    /// How many tries have failed.
    pub attempts: u32,
    /// Whether one of them may have been shown all the same.
    pub uncertain: bool,
}

/// How a delivery went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The platform has it.
    Delivered(Receipt),
    /// A try failed; there will be another.
    Retry {
        /// What was said.
        reason: String,
        /// Whether the try may have been shown all the same.
        uncertain: bool,
    },
    /// There will be no other try.
    Failed {
        /// Why, for a person.
        reason: String,
    },
}

impl Settlement {
    /// The platform's key of the message, if it was taken and given one.
    pub fn key(&self) -> Option<&String> {
        match self {
            Self::Delivered(receipt) => receipt.key.as_ref(),
            Self::Retry { .. } | Self::Failed { .. } => None,
        }
    }
}

/// One message from a person and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The message.
    pub message: StoredMessage,
    /// How it ended; `None` while it has not.
    pub outcome: Option<String>,
    /// The replies with receipt or reason.
    pub replies: Vec<(Delivery, Option<Settlement>)>,
    /// What the turn has used of models, if it asked any.
    pub spent: Option<Spent>,
    /// What people think of the answer.
    pub ratings: Vec<(PersonId, Rating)>,
}

impl JournalEntry {
    /// The platform's id of the message.
    pub fn message_id(&self) -> &MessageId {
        &self.message.message.id
    }
}

/// What a person thinks of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Good.
    Good,
    /// Bad.
    Bad,
}

/// How much there is of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Messages in the inbox, ended ones included.
    pub messages: u64,
    /// Messages without an answer.
    pub unfinished: u64,
    /// Replies on their way.
    pub undelivered: u64,
    /// Replies that were given up.
    pub failed: u64,
    /// Open sessions.
    pub sessions: u64,
    /// When the longest waiting message without an answer was accepted.
    pub oldest_unfinished: Option<Timestamp>,
}

/// Why the store could not do it. Nothing of the call has happened then.
#[derive(Debug, thiserror::Error)]
#[error("store failed ({kind:?})")]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What the database said.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of store failure that an operator acts on differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No space is left.
    Full,
    /// Somebody else holds the lock for too long.
    Locked,
    /// The file is damaged.
    Corrupt,
    /// The file was written by a newer version.
    Newer,
    /// The file cannot be opened or written.
    Unreachable,
    /// A row cannot be read back.
    Malformed,
    /// Anything else, a closed store included.
    Other,
}
