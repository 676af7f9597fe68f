//! The end of a message as what goes out: the card, the messages that hold what it has no room for, and the files.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;

use crate::attachment::{AttachmentKind, OutboundAttachment};
use crate::context::Context;
use crate::draft::Draft;
use crate::id::CardId;
use crate::message::{Ending, FinalCard, Footer, InboundMessage, OutboundMessage};
use crate::ports::Notice;
use crate::reply::{self, Limits, Page, Piece};
use crate::router::Privacy;
use crate::text::readable;

/// What the end of a message says.
#[derive(Default)]
pub(crate) struct Replies {
    pub(crate) text: String,
    /// The card that is ended with the text.
    pub(crate) card: Option<FinalCard>,
    pub(crate) attachments: Vec<OutboundAttachment>,
    /// Whether it only says that something went wrong.
    pub(crate) is_error: bool,
}

/// One message of an answer.
struct Content {
    title: String,
    body: String,
    attachment: Option<OutboundAttachment>,
    card: Option<FinalCard>,
    /// Whether only the person may see it.
    private: bool,
}

/// An answer, cut.
struct Cut {
    /// What stands on the card, with its marks.
    card: Option<String>,
    /// What goes out in messages.
    pages: Vec<Page>,
}

impl Context {
    /// The messages that say it. Nothing is left out: what takes more messages than are wished goes into one file.
    pub(crate) async fn replies(
        &self,
        message: &InboundMessage,
        replies: Replies,
    ) -> Vec<OutboundMessage> {
        let text = readable(&replies.text);
        let (mut card, mut files) = (replies.card, replies.attachments);
        let mut contents = Vec::new();
        let is_private_error = replies.is_error && self.rules.privacy(message) == Privacy::Errors;
        let private = is_private_error || self.rules.privacy(message) == Privacy::All;
        if let Some(card) = card.as_mut().filter(|_| is_private_error) {
            // Everybody sees the card on which the answer was awaited; who may see a card cannot be changed.
            let id = CardId::new(format!("{}_private", card.id));
            let seen = std::mem::replace(&mut card.id, id);
            contents.push(Content::withdraw(seen));
        }
        let mut cut = self.cut(message, &text, card.is_some());
        let most = self.rules.most_messages(message);
        if most > 0
            && cut.pages.len() > most
            && let Some(file) = self.as_file(&text).await
        {
            let note = self.ports.texts.notice(&Notice::InFile {
                name: file.name.clone(),
            });
            cut = self.beginning(message, &text, card.is_some(), &note);
            files.insert(0, file);
        }
        if let Some((mut card, page)) = card.zip(cut.card) {
            let (draft, body) = reply::arrange(&card.draft, &page);
            card.draft = draft;
            files.splice(0..0, left_over(&card.pictures, &body));
            contents.push(Content {
                title: reply::title(&reply::with_pictures(&body, |_| None)),
                body,
                attachment: None,
                card: Some(card),
                private,
            });
        }
        contents.extend(cut.pages.into_iter().map(|page| Content {
            title: page.title,
            body: page.body,
            attachment: None,
            card: None,
            private,
        }));
        contents.extend(files.into_iter().map(|file| Content {
            title: file.name.clone(),
            body: file.name.clone(),
            attachment: Some(file),
            card: None,
            private,
        }));
        self.addressed(message, contents)
    }

    fn addressed(&self, message: &InboundMessage, contents: Vec<Content>) -> Vec<OutboundMessage> {
        let format = self.rules.format(message);
        let parts = u32::try_from(contents.len()).unwrap_or(u32::MAX);
        let address = |(part, content): (u32, Content)| {
            let mut destination = self.destination(message);
            destination.private = content.private;
            OutboundMessage {
                destination,
                in_reply_to: message.id.clone(),
                part,
                parts,
                format,
                title: content.title,
                body: content.body,
                attachment: content.attachment,
                card: content.card,
                inquiry: None,
            }
        };
        (1..=parts).zip(contents).map(address).collect()
    }

    /// All of a text: what a card holds, and what follows in messages.
    fn cut(&self, message: &InboundMessage, text: &str, has_card: bool) -> Cut {
        let (card, rest) = if has_card {
            // The channel renders it, for the card or for a message in its place.
            let (page, rest) = reply::first_page(text, self.settings.card);
            (Some(page), plain(&rest))
        } else {
            (None, text.to_owned())
        };
        let pages = self.pages(message, &rest, self.settings.page);
        Cut { card, pages }
    }

    /// As much of a text as fits where it begins, and behind it where the rest is.
    fn beginning(&self, message: &InboundMessage, text: &str, has_card: bool, note: &str) -> Cut {
        let room = |limits: Limits| Limits {
            characters: limits.characters.saturating_sub(note.chars().count() + 2),
            bytes: limits.bytes.saturating_sub(note.len() + 8),
        };
        if has_card {
            let (page, _) = reply::first_page(text, room(self.settings.card));
            return Cut {
                card: Some(format!("{page}\n\n{note}")),
                pages: Vec::new(),
            };
        }
        let mut pages = self.pages(message, text, room(self.settings.page));
        pages.truncate(1);
        for page in &mut pages {
            page.title = reply::title(text);
            page.body = format!("{}\n\n{note}", page.body);
        }
        Cut { card: None, pages }
    }

    fn pages(&self, message: &InboundMessage, text: &str, limits: Limits) -> Vec<Page> {
        let format = self.rules.format(message);
        let text = match self.ports.channels.get(&message.channel) {
            Some(channel) => channel.render(text, format),
            None => text.to_owned(),
        };
        reply::pages(&text, format, limits)
    }

    /// All of an answer as a file. `None` when it cannot be kept: messages need no disk.
    async fn as_file(&self, text: &str) -> Option<OutboundAttachment> {
        let text = plain(text);
        let name = reply::title(&text);
        let name = name.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '.'], "-");
        let bytes = stream::iter([Ok(Bytes::from(text))]).boxed();
        match self.ports.media.keep(bytes, u64::MAX).await {
            Ok(file) => Some(OutboundAttachment {
                kind: AttachmentKind::File,
                name: format!("{}.md", name.trim()),
                file,
                duration_ms: None,
                cover: None,
            }),
            Err(error) => {
                tracing::warn!(%error, "a long answer cannot be kept as a file; it goes as messages");
                None
            }
        }
    }
}

impl Content {
    /// Takes away a card that others see.
    fn withdraw(card: CardId) -> Self {
        Self {
            title: card.to_string(),
            body: String::new(),
            attachment: None,
            card: Some(FinalCard {
                id: card,
                ending: Ending::Withdrawn,
                draft: Draft::default(),
                footer: Footer::default(),
                pictures: Vec::new(),
            }),
            private: false,
        }
    }
}

/// A text without any marks.
fn plain(text: &str) -> String {
    reply::with_pictures(&reply::without_stretches(text), |_| None)
}

/// The pictures that do not stand in the text of the card: they follow as messages.
fn left_over(pictures: &[OutboundAttachment], body: &str) -> Vec<OutboundAttachment> {
    let pieces = reply::pieces(body);
    let left = pictures.iter().enumerate();
    let left = left.filter(|(index, _)| !pieces.contains(&Piece::Picture(*index)));
    left.map(|(_, picture)| picture.clone()).collect()
}
