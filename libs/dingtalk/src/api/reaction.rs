//! `POST /v1.0/robot/emotion/reply` and `…/recall`: a small answer below a message (protocol reference §7.1).

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::id::{ConversationId, MessageId, RobotCode};

/// What a robot shows below a message, alone or in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Who reacts.
    pub robot: RobotCode,
    /// The chat of the message; both kinds.
    pub conversation: ConversationId,
    /// The message, which a person wrote.
    pub message: MessageId,
    /// A few characters, such as `👀` or `🤔思考中`.
    pub text: String,
}

/// Shows a reaction. Only people's messages can have one; for those of robots, and cards, the platform answers
/// `system.error`, which is [`crate::ErrorKind::Unknown`] because passing trouble looks the same: two more tries are enough.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct AddReaction(pub Reaction);

/// Takes a reaction away; its text must be the same as when it was shown. Fails like [`AddReaction`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct RemoveReaction(pub Reaction);

impl Request for AddReaction {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let answer = caller.authorized("v1.0/robot/emotion/reply", self.0.body()?);
            answer::done(&answer.await?)
        })
    }
}

impl Request for RemoveReaction {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let answer = caller.authorized("v1.0/robot/emotion/recall", self.0.body()?);
            answer::done(&answer.await?)
        })
    }
}

impl Reaction {
    fn body(&self) -> Result<Value, Error> {
        let text = &self.text;
        if text.trim().is_empty() {
            return Err(Error::invalid("empty", "a reaction has a text"));
        }
        Ok(json!({
            "robotCode": self.robot, "openConversationId": self.conversation, "openMsgId": self.message,
            // A text of our own, in the frame that goes with any text.
            "emotionType": 2, "emotionName": text,
            "textEmotion": {"emotionId": "2659900", "emotionName": text, "text": text, "backgroundId": "im_bg_1"},
        }))
    }
}
