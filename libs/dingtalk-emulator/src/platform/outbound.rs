//! What all ways of answering have in common: the message appears on the screen.

use serde_json::Value;

use crate::id::{ConversationId, MessageId, PersonId, ProcessQueryKey};
use crate::platform::Platform;
use crate::screen::{Attachment, AttachmentKind, Author, Format, Shown, Via};
use crate::timeline::step;

/// Beyond this number of characters clients were seen to show markdown unrendered (O5).
const RENDERED_CHARACTERS: usize = 3800;

/// A bot's message that passed every check.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) author: Author,
    pub(crate) conversation: ConversationId,
    pub(crate) via: Via,
    pub(crate) content: Content,
    pub(crate) mentions: Vec<PersonId>,
    pub(crate) mentions_everybody: bool,
    pub(crate) answers: Option<MessageId>,
    pub(crate) receipt: Option<ProcessQueryKey>,
}

/// What a message shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    pub(crate) format: Format,
    pub(crate) title: Option<String>,
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
}

impl Content {
    pub(crate) fn plain(text: &str) -> Self {
        Self {
            format: Format::Text,
            title: None,
            text: text.to_owned(),
            attachments: Vec::new(),
        }
    }

    /// Pictures, voice, videos and files.
    pub(crate) fn media(
        format: Format,
        content: &Value,
        attachments: impl IntoIterator<Item = Attachment>,
    ) -> Self {
        Self {
            format,
            title: None,
            text: content.to_string(),
            attachments: attachments.into_iter().collect(),
        }
    }

    pub(crate) fn markdown(title: &str, text: &str) -> Self {
        Self {
            format: Format::Markdown,
            title: Some(title.to_owned()),
            text: text.to_owned(),
            attachments: Vec::new(),
        }
    }

    pub(crate) fn other(kind: &str, title: &str, content: &Value) -> Self {
        Self {
            format: Format::Other(kind.to_owned()),
            title: (!title.is_empty()).then(|| title.to_owned()),
            text: content.to_string(),
            attachments: Vec::new(),
        }
    }
}

impl Platform {
    /// Shows a message; returns its id.
    pub(crate) fn deliver(&mut self, reply: Reply) -> MessageId {
        let Content {
            format,
            title,
            text,
            mut attachments,
        } = reply.content;
        if format == Format::Markdown {
            attachments.extend(self.pictures_in(&text));
        }
        let id = self.chance.message_id();
        let may_not_render =
            format == Format::Markdown && text.chars().count() > RENDERED_CHARACTERS;
        // A custom robot hears nothing, so it answers nobody.
        let answered = match &reply.author {
            Author::CustomRobot(_) => None,
            _ => self
                .timeline
                .answered(&reply.conversation, reply.answers.as_ref()),
        };
        let shown = Shown {
            sequence: 0,
            conversation: reply.conversation,
            id: id.clone(),
            author: reply.author,
            format,
            title,
            text,
            mentions: reply.mentions,
            mentions_everybody: reply.mentions_everybody,
            at_ms: self.now_ms,
            via: reply.via,
            answers: reply.answers,
            receipt: reply.receipt,
            may_not_render,
            attachments,
            quotes: None,
            recalled: false,
            card: None,
            visible_to: None,
            reactions: Vec::new(),
            said: None,
        };
        self.record.counters.answers += 1;
        self.show(shown);
        if let Some(message) = answered {
            self.note(&message, step::DELIVERED, self.now_ms);
        }
        id
    }

    /// Pictures of markdown that were uploaded: `![](@lADP…)`, each once.
    pub(crate) fn pictures_in(&self, markdown: &str) -> Vec<Attachment> {
        let mut seen = Vec::new();
        for part in markdown.split("](").skip(1) {
            let target = part.split([')', ' ']).next().unwrap_or_default();
            if target.starts_with('@') && !seen.contains(&target) {
                seen.push(target);
            }
        }
        seen.into_iter()
            .filter_map(|id| self.media.uploaded_attachment(id, AttachmentKind::Picture))
            .collect()
    }
}
