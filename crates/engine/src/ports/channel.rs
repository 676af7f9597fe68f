//! A platform on which people are answered.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::id::ChannelId;
use crate::message::{Format, OutboundMessage};

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
    },
}
