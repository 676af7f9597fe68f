//! What happened to each message of a person, step by step; an embedding program may add steps of its own.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use crate::id::{ConversationId, MessageId};
use crate::shared::Shared;

/// Names of the steps that the emulator itself notes, and of those that a gateway is expected to add.
pub mod step {
    /// The person sent the message.
    pub const SAID: &str = "said";
    /// It was written to a WebSocket.
    pub const PUSHED: &str = "pushed";
    /// It was written to a WebSocket again.
    pub const PUSHED_AGAIN: &str = "pushedAgain";
    /// Nobody was there to take it.
    pub const LOST: &str = "lost";
    /// The gateway has read it. Added by the gateway.
    pub const RECEIVED: &str = "received";
    /// The gateway has it on disk. Added by the gateway.
    pub const STORED: &str = "stored";
    /// Its push was acknowledged.
    pub const ACKED: &str = "acked";
    /// The agent has answered. Added by the gateway.
    pub const ANSWERED: &str = "answered";
    /// An answer stands on the screen.
    pub const DELIVERED: &str = "delivered";
}

/// Messages of one conversation that wait for an answer through the Open API; older ones are not matched.
const WAITING: usize = 100;

/// One step of a message's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// One of [`step`], or a name of the embedding program.
    pub name: String,
    /// Platform time in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// The way of one message so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// `msgId`.
    pub message: MessageId,
    /// Where it was said, once that is known: a gateway may note a step before the emulator does.
    pub conversation: Option<ConversationId>,
    /// In the order in which they were noted.
    pub steps: Vec<Step>,
}

/// Notes steps from anywhere in the embedding program; made by [`Emulator::notes`](crate::Emulator::notes).
#[derive(Clone, Debug)]
pub struct Notes {
    shared: Arc<Shared>,
}

impl Notes {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Platform time in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    /// Notes that a message has made a step now.
    pub fn note(&self, message: &MessageId, step: &str) {
        self.shared
            .act(|platform| platform.note(message, step, platform.now_ms));
    }

    /// Notes that a message made a step at platform time `at_ms`.
    pub fn note_at(&self, message: &MessageId, step: &str, at_ms: i64) {
        self.shared
            .act(|platform| platform.note(message, step, at_ms));
    }
}

/// The ways of recent messages.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    ways: HashMap<MessageId, Way>,
    order: VecDeque<MessageId>,
    unanswered: HashMap<ConversationId, VecDeque<MessageId>>,
    memory: usize,
}

impl Timeline {
    pub(crate) fn remembering(memory: usize) -> Self {
        Self {
            memory,
            ..Self::default()
        }
    }

    pub(crate) fn begin(&mut self, message: &MessageId, conversation: &ConversationId) {
        self.way(message).conversation = Some(conversation.clone());
    }

    /// A bot has got the message, so that an answer may come.
    pub(crate) fn expect_answer(&mut self, message: &MessageId, conversation: &ConversationId) {
        let unanswered = self.unanswered.entry(conversation.clone()).or_default();
        unanswered.push_back(message.clone());
        if unanswered.len() > WAITING {
            unanswered.pop_front();
        }
    }

    pub(crate) fn note(&mut self, message: &MessageId, name: &str, at_ms: i64) -> &Way {
        let way = self.way(message);
        way.steps.push(Step {
            name: name.to_owned(),
            at_ms,
        });
        way
    }

    /// The message that something shown in the conversation answers: the one given, or else the oldest unanswered.
    pub(crate) fn answered(
        &mut self,
        conversation: &ConversationId,
        given: Option<&MessageId>,
    ) -> Option<MessageId> {
        let unanswered = self.unanswered.get_mut(conversation);
        let Some(given) = given else {
            return unanswered?.pop_front();
        };
        if let Some(unanswered) = unanswered {
            unanswered.retain(|message| message != given);
        }
        Some(given.clone())
    }

    pub(crate) fn get(&self, message: &MessageId) -> Option<&Way> {
        self.ways.get(message)
    }

    pub(crate) fn recent(&self) -> impl DoubleEndedIterator<Item = &Way> {
        self.order
            .iter()
            .filter_map(|message| self.ways.get(message))
    }

    fn way(&mut self, message: &MessageId) -> &mut Way {
        if !self.ways.contains_key(message) {
            self.order.push_back(message.clone());
            if self.order.len() > self.memory
                && let Some(forgotten) = self.order.pop_front()
            {
                self.ways.remove(&forgotten);
            }
        }
        self.ways.entry(message.clone()).or_insert_with(|| Way {
            message: message.clone(),
            conversation: None,
            steps: Vec::new(),
        })
    }
}
