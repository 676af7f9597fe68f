//! What arrives, and what is answered to it.

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::id::PushId;

/// Takes what arrives.
pub trait Handler: Send + Sync + 'static {
    /// Takes one push and says, in time, what to answer.
    ///
    /// The call itself is made in the order of arrival, from the task that reads the socket: what must stay in order has
    /// to happen before the future is returned, and nothing slow may. The futures run side by side, at most 1,024 of
    /// one connection; then reading pauses. The platform repeats a message that is not answered within about 60 s
    /// (protocol reference §2.6) and shows a failed click after 2 s (§3.6).
    ///
    /// A future may be dropped when its connection ends: the platform then repeats the push.
    fn push(&self, push: Push) -> BoxFuture<'static, Ack>;
}

/// Something that was pushed.
#[derive(Clone)]
pub struct Push {
    /// What it is about.
    pub topic: Topic,
    /// The id of this push; a repetition has another.
    pub id: PushId,
    /// JSON. Holds what people wrote, and session webhooks: not for logs.
    pub data: String,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Push");
        shown
            .field("topic", &self.topic)
            .field("id", &self.id)
            .field("bytes", &self.data.len());
        shown.finish_non_exhaustive()
    }
}

/// What a push is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A message to the robot: [`crate::Message::parse`].
    RobotMessage,
    /// A click on a card: [`crate::card::Click::parse`].
    CardCallback,
    /// An event, by its type.
    Event(String),
}

/// What to answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Ack {
    /// It is taken: safe, or not worth keeping.
    Taken,
    /// It is taken, and the platform shall do this with it: for clicks on cards, see [`crate::card::ClickAnswer`].
    TakenWith(Value),
    /// It is no use to send it again.
    Malformed,
    /// Send it again later. A message is left unanswered, which makes the platform repeat it.
    Later,
}
