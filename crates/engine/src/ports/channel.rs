//! A platform on which people are answered.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::sync::watch;

use crate::attachment::AttachmentSource;
use crate::draft::Draft;
use crate::id::{AccountId, CardId, ChannelId};
use crate::message::{Destination, Format, InboundMessage, OutboundMessage};
use crate::ports::{Change, Obstacle, Phase};

/// Delivers messages to one platform.
pub trait Channel: Send + Sync + 'static {
    /// The platform.
    fn id(&self) -> ChannelId;

    /// Rewrites an answer in common markdown as the platform shows it best. Pure. Called once for each answer, before
    /// it is cut into messages.
    fn render(&self, markdown: &str, format: Format) -> String;

    /// Delivers one message, once, by the best way that is open for the given attempt (from 1).
    ///
    /// Retries are the caller's business. The error tells whether, and how soon, another try makes sense.
    fn deliver(
        &self,
        message: OutboundMessage,
        attempt: u32,
    ) -> BoxFuture<'static, Result<Receipt, DeliveryError>>;

    /// The card on which the answer to a message may be written; `None` when the platform has no cards, or for now none
    /// can be had. The same for each try on one message.
    fn card(&self, _message: &InboundMessage) -> Option<CardId> {
        None
    }

    /// The card on which an agent may ask something for the answer to a message: its `ordinal`th question, at its `place`th
    /// place. `None` when the platform has no cards, or for now none can be had. The same for each try.
    fn inquiry_card(
        &self,
        _message: &InboundMessage,
        _ordinal: u32,
        _place: u32,
    ) -> Option<CardId> {
        None
    }

    /// Shows an answer while it is being written, until the sender of the drafts is dropped; then lets the call in flight
    /// come to its end. The last word is not its business: that is a message with the card in it.
    fn show(
        &self,
        _card: CardId,
        _destination: Destination,
        _drafts: watch::Receiver<Draft>,
    ) -> BoxFuture<'static, Shown> {
        Box::pin(std::future::ready(Shown::Nothing))
    }

    /// How many more questions a bot can answer before its month is used up; `None` where nobody counts.
    fn answers_left(&self, _account: &AccountId) -> Option<u64> {
        None
    }

    /// What the platform calls the app of a bot, for links into its console; `None` where it has none.
    fn app(&self, _account: &AccountId) -> Option<String> {
        None
    }

    /// The sign that a question in this phase bears; `None`: the one that it has. Without one for [`Phase::Waiting`], which
    /// is also right when calls are scarce, it never gets any. Pure.
    fn reaction(&self, _message: &InboundMessage, _phase: &Phase) -> Option<String> {
        None
    }

    /// Shows a sign below a person's message or takes it away, in one try. Taking away what is not there harms nobody.
    fn react(
        &self,
        _message: &InboundMessage,
        _reaction: String,
        _change: Change,
    ) -> BoxFuture<'static, Result<(), DeliveryError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Opens an attachment that came to a bot of this platform.
    fn open(
        &self,
        account: &AccountId,
        source: &AttachmentSource,
    ) -> BoxFuture<'static, Result<Download, FetchError>>;
}

/// The bytes of an attachment as they arrive.
pub type ByteStream = BoxStream<'static, Result<Bytes, FetchError>>;

/// An attachment that is about to arrive.
pub struct Download {
    /// The name, where only the place it is kept in knew it.
    pub name: Option<String>,
    /// How many bytes are said to come. May lie.
    pub size: Option<u64>,
    /// The bytes. After an error nothing comes.
    pub bytes: ByteStream,
}

/// Why an attachment cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is not there any more, or never was.
    #[error("gone: {reason}")]
    Gone {
        /// What the platform said.
        reason: String,
    },
    /// The bot may not get at it.
    #[error("permission missing: {reason}")]
    Forbidden {
        /// The permissions that an administrator must grant, by the platform's names.
        permissions: Vec<String>,
        /// What the platform said.
        reason: String,
    },
    /// It leads to a place from which nothing may be fetched.
    #[error("refused: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// The network failed, or the platform for now.
    #[error("unreachable: {reason}")]
    Unreachable {
        /// What happened.
        reason: String,
    },
}

/// What people see of an answer that was shown while it was being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// A card, which must come to an end.
    Card,
}

/// Proof that the platform took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The way that it took, such as `session_webhook`.
    pub transport: String,
    /// The platform's key of the message, where it gives one.
    pub key: Option<String>,
}

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Surely not delivered; another try may succeed.
    #[error("not delivered, can be tried again: {reason}")]
    Retry {
        /// What the platform said.
        reason: String,
        /// How long the platform wants to be left alone.
        after: Option<Duration>,
    },
    /// Perhaps delivered: the answer to the request was lost.
    #[error("perhaps delivered: {reason}")]
    Unknown {
        /// How the connection ended.
        reason: String,
    },
    /// Not delivered, and no other try will change that.
    #[error("cannot be delivered: {reason}")]
    Permanent {
        /// What a person can read and act on.
        reason: String,
        /// What an administrator can change about it, if that is known: the person is told when they write next.
        obstacle: Option<Obstacle>,
    },
}

impl DeliveryError {
    /// A refusal that nobody's permission changes.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent {
            reason: reason.into(),
            obstacle: None,
        }
    }
}
