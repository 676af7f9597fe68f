//! What one turn answers: a message, or several that a person sent as one.

use crate::attachment::AttachmentKind;
use crate::id::{PersonId, Sequence};
use crate::intake::Shared;
use crate::message::{ConversationKind, InboundMessage};
use crate::ports::{Chat, StoredMessage};

/// A question on its way to its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The message; of several the last, whose way back lives longest, with the parts of all.
    pub message: StoredMessage,
    /// The others, which end with it.
    pub joined: Vec<Sequence>,
    /// Whether it is the first of a new session, because the person said so.
    pub fresh: bool,
    /// What came with it, where other agents answer it, too.
    pub(crate) shared: Option<Shared>,
}

/// A person in a chat: the same person elsewhere is somebody else, as an answer must not be seen there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asker {
    /// The chat.
    pub chat: Chat,
    /// Who it is.
    pub person: PersonId,
}

impl Asker {
    /// Who wrote a message, and where.
    pub fn of(message: &InboundMessage) -> Self {
        Self {
            chat: Chat::of(message),
            person: message.sender.id.clone(),
        }
    }
}

impl From<StoredMessage> for Question {
    fn from(message: StoredMessage) -> Self {
        Self {
            message,
            joined: Vec::new(),
            fresh: false,
            shared: None,
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
            fresh: self.fresh || later.fresh,
            // Its files are no longer those of one message.
            shared: None,
        }
    }

    /// Who asks, and where.
    pub fn asker(&self) -> Asker {
        Asker::of(&self.message.message)
    }

    /// Whether what came later can be answered together with this.
    pub fn goes_with(&self, later: &Self) -> bool {
        let by_a_person = |question: &Self| question.message.message.scheduled.is_none();
        self.asker() == later.asker() && !later.fresh && by_a_person(self) && by_a_person(later)
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

    /// Whether its words are all of it, so that it can be said into a running turn.
    pub fn is_plain(&self) -> bool {
        let message = &self.message.message;
        !self.fresh
            && message.scheduled.is_none()
            && self.joined.is_empty()
            && message.quote.is_none()
            && message.attachments().next().is_none()
            && !message.text().is_empty()
    }
}
