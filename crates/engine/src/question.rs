//! What one turn answers: a message, or several that a person sent as one.

use crate::attachment::AttachmentKind;
use crate::id::{PersonId, Sequence};
use crate::message::ConversationKind;
use crate::ports::StoredMessage;

/// A question on its way to its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The message; of several the last, whose way back lives longest, with the parts of all.
    pub message: StoredMessage,
    /// The others, which end with it.
    pub joined: Vec<Sequence>,
}

impl From<StoredMessage> for Question {
    fn from(message: StoredMessage) -> Self {
        Self {
            message,
            joined: Vec::new(),
        }
    }
}

impl Question {
    /// Puts what came later behind what came before.
    #[must_use]
    pub fn join(mut self, mut later: Self) -> Self {
        self.joined.push(self.message.sequence);
        self.joined.append(&mut later.joined);
        let (earlier, message) = (self.message.message, &mut later.message.message);
        let parts = std::mem::take(&mut message.parts);
        message.parts = earlier.parts.into_iter().chain(parts).collect();
        message.quote = message.quote.take().or(earlier.quote);
        Self {
            message: later.message,
            joined: self.joined,
        }
    }

    /// Who asks.
    pub fn person(&self) -> &PersonId {
        &self.message.message.sender.id
    }

    /// Whether the person writes to the bot alone.
    pub fn is_direct(&self) -> bool {
        self.message.message.conversation.kind == ConversationKind::Direct
    }

    /// Whether there is something in it that a question may be about. What was spoken is a question itself.
    pub fn has_files(&self) -> bool {
        let mut attachments = self.message.message.attachments();
        attachments.any(|attachment| attachment.kind != AttachmentKind::Voice)
    }
}
