//! Where approvals and questions of agents are kept until they are answered, and for as long as their message is.

use futures_util::future::BoxFuture;

use super::StoreError;
use crate::id::{CardId, InquiryId, Sequence};
use crate::inquiry::{Inquiry, State};
use crate::message::OutboundMessage;
use crate::time::Timestamp;

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

/// The part of the store that keeps inquiries. The order of calls is kept as with [`super::Store`].
pub trait Inquiries: Send + Sync + 'static {
    /// Writes an inquiry down together with the messages that put it before people, all or nothing. `false`, and nothing
    /// is written, when its message has ended or has one with this ordinal already.
    fn inquire(&self, inquiry: Inquiry, messages: Vec<OutboundMessage>) -> Reply<bool>;

    /// The inquiry that people know by this id, or that is shown on this card.
    fn inquiry(&self, key: InquiryKey) -> Reply<Option<Inquiry>>;

    /// The inquiries of one message, by ordinal.
    fn inquiries_of(&self, sequence: Sequence) -> Reply<Vec<Inquiry>>;

    /// All that are pending, by message and ordinal.
    fn pending_inquiries(&self) -> Reply<Vec<Inquiry>>;

    /// Ends a pending inquiry together with the messages that say so, all or nothing. `false`, and nothing is written,
    /// when it is not pending: of two that come at the same time one is told so.
    fn decide(
        &self,
        id: InquiryId,
        state: State,
        messages: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> Reply<bool>;

    /// Uses an approval up. `false` when it was used before, or is none: what it was given for must not be done.
    fn use_up(&self, id: InquiryId, at: Timestamp) -> Reply<bool>;
}

/// How an inquiry is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InquiryKey {
    /// By what people type.
    Id(InquiryId),
    /// By the card that it is shown on.
    Card(CardId),
}
