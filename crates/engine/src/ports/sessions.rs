//! Sessions from outside of a turn: what is set for them, what is known of them, and how they are shortened.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{StoreError, TranscriptEntry};
use crate::id::{AccountId, AgentId, ChannelId, ConversationId, SessionId, SessionKey};
use crate::message::{Conversation, InboundMessage, Sender};
use crate::preferences::Preferences;
use crate::time::Timestamp;

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

/// The part of the store that commands and operators use. The order of calls is kept as with [`super::Store`].
pub trait Sessions: Send + Sync + 'static {
    /// All that people have set.
    fn settings(&self) -> Reply<Remembered>;

    /// Remembers what is set for a session; empty preferences are forgotten.
    fn prefer(&self, key: SessionKey, preferences: Preferences) -> Reply<()>;

    /// Gives a chat the session of an alias, or its own again.
    fn alias(&self, chat: Chat, alias: Option<String>) -> Reply<()>;

    /// Sessions that are open, or all that are not yet forgotten; the one used last comes first.
    fn sessions(&self, ended: bool) -> Reply<Vec<SessionRecord>>;

    /// The session that a key has now.
    fn session(&self, key: SessionKey) -> Reply<Option<SessionRecord>>;

    /// Everything that was said in a session, oldest first, what was summed up included.
    fn transcript(&self, session: SessionId) -> Reply<Vec<TranscriptEntry>>;

    /// Puts a summary in the place of the first `entries` entries of a session's history. The transcript keeps them. A
    /// session that does not exist is left alone.
    fn compact(&self, session: SessionId, summary: Summary) -> Reply<()>;
}

/// All that people have set by commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// For sessions.
    pub preferences: Vec<(SessionKey, Preferences)>,
    /// Chats that have the session of an alias.
    pub aliases: Vec<(Chat, String)>,
}

/// One chat of one bot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chat {
    /// The platform.
    pub channel: ChannelId,
    /// The bot.
    pub account: AccountId,
    /// The chat.
    pub conversation: ConversationId,
}

impl Chat {
    /// The chat that a message was written in.
    pub fn of(message: &InboundMessage) -> Self {
        Self {
            channel: message.channel.clone(),
            account: message.account.clone(),
            conversation: message.conversation.id.clone(),
        }
    }
}

/// Where a session was used last: ids in their original case, so that something can be sent there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The platform.
    pub channel: ChannelId,
    /// The bot.
    pub account: AccountId,
    /// The chat.
    pub conversation: Conversation,
    /// Who spoke last.
    pub person: Sender,
}

impl Origin {
    /// Where a message came from.
    pub fn of(message: &InboundMessage) -> Self {
        Self {
            channel: message.channel.clone(),
            account: message.account.clone(),
            conversation: message.conversation.clone(),
            person: message.sender.clone(),
        }
    }
}

/// What is known of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Which it is.
    pub id: SessionId,
    /// Its key.
    pub key: SessionKey,
    /// Who answers in it.
    pub agent: AgentId,
    /// Where it was used last. `None` for sessions that are older than this note.
    pub origin: Option<Origin>,
    /// When it began.
    pub opened_at: Timestamp,
    /// When something was said last.
    pub used_at: Timestamp,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
    /// Entries of the transcript.
    pub entries: usize,
    /// Tokens that models have read and written for it.
    pub tokens: (u64, u64),
    /// What stands for its beginning.
    pub summary: Option<Summary>,
}

/// What stands for the beginning of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The words.
    pub text: String,
    /// For how many entries it stands, from the first.
    pub entries: usize,
}
