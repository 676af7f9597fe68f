//! What people see: every conversation, in the order in which its messages appeared. Tests assert on it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use crate::id::{ConversationId, MessageId, PersonId, ProcessQueryKey, RobotCode};

/// One message as it stands on the screen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Shown {
    /// Counts all messages of the platform, from 1.
    pub sequence: u64,
    /// Where it stands.
    pub conversation: ConversationId,
    /// `msgId`.
    pub id: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// How it is displayed.
    pub format: Format,
    /// Title of a markdown message or card-like message.
    pub title: Option<String>,
    /// The text exactly as it was sent; for other formats than text and markdown the content as JSON.
    pub text: String,
    /// People who are really mentioned: their id is in `at` and `@id` is in the text (O3).
    pub mentions: Vec<PersonId>,
    /// Whether everybody in the group is notified.
    pub mentions_everybody: bool,
    /// Platform time in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// By which way it came.
    pub via: Via,
    /// The message whose session webhook was used.
    pub answers: Option<MessageId>,
    /// The receipt of a message sent through the Open API.
    pub receipt: Option<ProcessQueryKey>,
    /// True for markdown beyond 3,800 characters, which clients may show unrendered (O5).
    pub may_not_render: bool,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "id")]
pub enum Author {
    /// A person.
    Person(PersonId),
    /// A bot.
    Bot(RobotCode),
}

impl Author {
    /// Whether a bot wrote it.
    pub fn is_bot(&self) -> bool {
        matches!(self, Self::Bot(_))
    }
}

/// How a message is displayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    /// Plain text.
    Text,
    /// DingTalk's markdown.
    Markdown,
    /// Text and pictures of a person.
    RichText,
    /// Anything else, by its `msgtype` or `msgKey`.
    Other(String),
}

/// The way a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// Typed by a person.
    Typed,
    /// Sent by `sessionWebhook`.
    SessionWebhook,
    /// Sent by `oToMessages/batchSend`.
    BatchSend,
    /// Sent by `groupMessages/send`.
    GroupSend,
}

/// All conversations.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    conversations: HashMap<ConversationId, VecDeque<Arc<Shown>>>,
    sequence: u64,
    memory: usize,
}

impl Screen {
    pub(crate) fn remembering(memory: usize) -> Self {
        Self {
            memory,
            ..Self::default()
        }
    }

    /// Numbers a message and puts it at the end of its conversation.
    pub(crate) fn show(&mut self, mut shown: Shown) -> Arc<Shown> {
        self.sequence += 1;
        shown.sequence = self.sequence;
        let shown = Arc::new(shown);
        let conversation = self
            .conversations
            .entry(shown.conversation.clone())
            .or_default();
        if conversation.len() >= self.memory {
            conversation.pop_front();
        }
        conversation.push_back(shown.clone());
        shown
    }

    pub(crate) fn conversation<'a>(
        &'a self,
        id: &ConversationId,
    ) -> impl DoubleEndedIterator<Item = &'a Shown> + use<'a> {
        self.conversations
            .get(id)
            .into_iter()
            .flatten()
            .map(Arc::as_ref)
    }
}
