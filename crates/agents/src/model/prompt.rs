//! What a model is given.

use bytes::Bytes;
use chela_engine::id::MessageId;
use chela_engine::media_type::MediaType;
use chela_engine::ports::Thinking;
use serde_json::Value;

use super::Answer;

/// What a model is given in one call.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The message from a person that all of this is about, for logs, and so that pauses between tries differ.
    pub message: MessageId,
    /// What the model is told before the conversation, in sections. What changes from call to call stands last: a
    /// service may keep the beginning.
    pub system: Vec<String>,
    /// The conversation, oldest first. What stands in it never appears in an error.
    pub messages: Vec<Message>,
    /// The tools that the model may call.
    pub tools: Vec<ToolDefinition>,
    /// How hard the model should think; `None` leaves it to the service.
    pub thinking: Option<Thinking>,
}

/// One utterance of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A person.
    User(Vec<Content>),
    /// The model.
    Assistant(Answer),
    /// A tool. The results of one answer's calls follow it directly, one for each call.
    ToolResult {
        /// The id of the call.
        call: String,
        /// What the tool said.
        content: String,
        /// Whether it failed.
        failed: bool,
    },
}

/// A piece of what a person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Words.
    Text(String),
    /// Something to look at, for models that see.
    Image(Image),
}

/// A picture as it is sent. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// PNG, JPEG, GIF or WebP.
    pub media_type: MediaType,
    /// The file.
    pub bytes: Bytes,
}

/// Pictures are nobody's business.
impl std::fmt::Debug for Image {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (media_type, length) = (self.media_type.as_str(), self.bytes.len());
        write!(formatter, "Image({media_type}, {length} bytes)")
    }
}

/// A tool that a model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolDefinition {
    /// Letters, digits, `_` and `-`, at most 64: what all services take.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON schema of its arguments, which are an object.
    pub schema: Value,
}

impl Prompt {
    /// A prompt about a message, with nothing in it.
    pub fn new(message: MessageId) -> Self {
        Self {
            message,
            system: Vec::new(),
            messages: Vec::new(),
            tools: Vec::new(),
            thinking: None,
        }
    }

    /// What people, models and tools wrote, which no error may repeat.
    pub(crate) fn private_texts(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().flat_map(Message::texts)
    }
}

impl Message {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::User(contents) => contents
                .iter()
                .filter_map(|content| match content {
                    Content::Text(text) => Some(text.as_str()),
                    Content::Image(_) => None,
                })
                .collect(),
            Self::Assistant(answer) => {
                let calls = answer.calls.iter().map(|call| call.json.as_str());
                let reasoning = answer.reasoning.iter().map(|stretch| stretch.text.as_str());
                calls
                    .chain(reasoning)
                    .chain([answer.text.as_str()])
                    .collect()
            }
            Self::ToolResult { content, .. } => vec![content],
        }
    }
}
