//! Messages of agents to others than who asked.

use futures_util::future::BoxFuture;

use crate::id::{AccountId, ChannelId, OutboxId};
use crate::message::{Conversation, InboundMessage, OutboundMessage, Sender};
use crate::ports::{Settlement, StoreError};
use crate::time::Timestamp;

/// Puts messages into the outbox, from which they are delivered like answers.
pub trait Courier: Send + Sync + 'static {
    /// Puts a message into the outbox, once for each question and key: whoever asks again, also after a crash, is told of
    /// the first one.
    ///
    /// # Errors
    /// When the store cannot, or does not know the question.
    fn send(
        &self,
        question: &InboundMessage,
        key: String,
        message: OutboundMessage,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<OutboxId, StoreError>>;

    /// How the delivery stands; `None` before the first try.
    fn settlement(
        &self,
        id: OutboxId,
    ) -> BoxFuture<'static, Result<Option<Settlement>, StoreError>>;

    /// Who has written to a bot lately and where, the newest first.
    fn acquaintances(
        &self,
        channel: &ChannelId,
        account: &AccountId,
    ) -> BoxFuture<'static, Result<Vec<Acquaintance>, StoreError>>;
}

/// Somebody who has written to a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquaintance {
    /// Where.
    pub conversation: Conversation,
    /// Who.
    pub person: Sender,
}
