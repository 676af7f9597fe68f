//! What people see: every conversation, in the order in which its messages appeared. Tests assert on it.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use serde::Serialize;

use crate::card::ShownCard;
use crate::id::{ConversationId, MediaId, MessageId, PersonId, ProcessQueryKey, RobotCode};
use crate::platform::Spoken;

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
    /// The text exactly as it was sent; of a card what people read on it; for other formats than these and markdown the
    /// content as JSON.
    pub text: String,
    /// People who are really mentioned: their id is in `at` and `@id` is in the text (O3); of a card those in
    /// `atUserIds` and `cardAtUserIds` who see it.
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
    /// True for markdown beyond 3,800 characters, which clients may show unrendered (O5), and for a card with a part
    /// beyond 3,000, which may stay blank.
    pub may_not_render: bool,
    /// Pictures, voice, videos and files in it, in their order; of a bot's markdown the pictures that were uploaded.
    pub attachments: Vec<Attachment>,
    /// The message that it quotes.
    pub quotes: Option<MessageId>,
    /// Taken back by the bot: people do not see it any more.
    pub recalled: bool,
    /// The card, if it is one.
    pub card: Option<Box<ShownCard>>,
    /// The only people in the group who see it; `None` when everybody does.
    pub visible_to: Option<Vec<PersonId>>,
    /// What bots attached to it.
    pub reactions: Vec<Reaction>,
    /// What a person said, to be quoted and forwarded.
    #[serde(skip)]
    pub(crate) said: Option<Arc<Spoken>>,
}

impl Shown {
    /// Whether somebody who is in the conversation sees it.
    pub fn is_visible_to(&self, person: &PersonId) -> bool {
        self.visible_to
            .as_ref()
            .is_none_or(|people| people.contains(person))
    }
}

/// A reaction (表情回应) on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Who attached it.
    pub bot: RobotCode,
    /// What it says, for example 「🤔思考中」.
    pub text: String,
}

/// Something with bytes in a message on the screen.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Attachment {
    /// How it is shown.
    pub kind: AttachmentKind,
    /// Its name.
    pub file_name: String,
    /// MIME type by its first bytes, else by its name.
    pub content_type: &'static str,
    /// Bytes in it.
    pub size: usize,
    /// What is in it.
    #[serde(skip)]
    pub bytes: Bytes,
    /// Length of audio and video in milliseconds.
    pub duration_ms: Option<u64>,
    /// What was recognised in a voice message.
    pub recognition: Option<String>,
    /// Its `media_id`, if a bot uploaded it.
    pub media: Option<MediaId>,
    /// Where the control API has the bytes, as long as the emulator remembers them.
    pub path: String,
    #[serde(skip)]
    pub(crate) number: u64,
}

impl fmt::Debug for Attachment {
    /// Without the bytes.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Attachment")
            .field("kind", &self.kind)
            .field("file_name", &self.file_name)
            .field("size", &self.size)
            .field("duration_ms", &self.duration_ms)
            .finish_non_exhaustive()
    }
}

/// How an attachment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AttachmentKind {
    /// Inline.
    Picture,
    /// With a button that plays it.
    Audio,
    /// With a button that plays it.
    Video,
    /// By its name.
    File,
    /// The still picture of a video, which follows it.
    Cover,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "id")]
pub enum Author {
    /// A person.
    Person(PersonId),
    /// A bot.
    Bot(RobotCode),
    /// A custom robot, by its name.
    CustomRobot(String),
}

impl Author {
    /// Whether a bot wrote it.
    pub fn is_bot(&self) -> bool {
        matches!(self, Self::Bot(_) | Self::CustomRobot(_))
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
    /// A picture.
    Picture,
    /// A voice message; its text is what was recognised.
    Audio,
    /// A video.
    Video,
    /// A file; its text is its name.
    File,
    /// Several messages forwarded as one; its text is the summary.
    ChatRecord,
    /// A card that changes.
    Card,
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
    /// Delivered as a card.
    Card,
    /// Sent by a custom robot.
    CustomRobot,
}

/// All conversations.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    conversations: HashMap<ConversationId, VecDeque<Arc<Shown>>>,
    /// Where each message stands.
    places: HashMap<MessageId, ConversationId>,
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
        if conversation.len() >= self.memory
            && let Some(forgotten) = conversation.pop_front()
        {
            self.places.remove(&forgotten.id);
        }
        conversation.push_back(shown.clone());
        self.places
            .insert(shown.id.clone(), shown.conversation.clone());
        shown
    }

    /// A message that people can see.
    pub(crate) fn find(&self, message: &MessageId) -> Option<&Arc<Shown>> {
        let conversation = self.conversations.get(self.places.get(message)?)?;
        let mut latest = conversation.iter().rev();
        latest.find(|shown| shown.id == *message && !shown.recalled)
    }

    /// A message, also one that was taken back.
    pub(crate) fn get(&self, message: &MessageId) -> Option<&Shown> {
        let conversation = self.conversations.get(self.places.get(message)?)?;
        let mut latest = conversation.iter().rev();
        latest.find(|shown| shown.id == *message).map(Arc::as_ref)
    }

    pub(crate) fn everything(&self) -> impl Iterator<Item = &Shown> {
        self.conversations.values().flatten().map(Arc::as_ref)
    }

    /// Takes a message back; `None` when it is forgotten or was taken back already.
    pub(crate) fn recall(&mut self, message: &MessageId) -> Option<Arc<Shown>> {
        self.find(message)?;
        self.change(message, |shown| shown.recalled = true)
    }

    /// Changes a message, also one that was taken back; `None` when it is forgotten.
    pub(crate) fn change(
        &mut self,
        message: &MessageId,
        change: impl FnOnce(&mut Shown),
    ) -> Option<Arc<Shown>> {
        let place = self.places.get(message)?;
        let conversation = self.conversations.get_mut(place)?;
        let mut latest = conversation.iter_mut().rev();
        let shown = latest.find(|shown| shown.id == *message)?;
        change(Arc::make_mut(shown));
        Some(shown.clone())
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
