//! The pictures of an answer on a card.

use chela_engine::reply::with_pictures;
use dingtalk::id::MediaId;

use super::text::readable_name;
use crate::dingtalk::words::{Phrase, Words};

/// The pictures of an answer, by the marks in its text.
#[derive(Clone, Debug, Default)]
pub(in crate::dingtalk) struct Pictures(pub(in crate::dingtalk) Vec<Picture>);

/// A picture.
#[derive(Clone, Debug)]
pub(in crate::dingtalk) struct Picture {
    /// What its file is called.
    pub(in crate::dingtalk) name: String,
    /// What the platform knows it by; `None` when it could not be uploaded.
    pub(in crate::dingtalk) media: Option<MediaId>,
}

impl Pictures {
    /// The name and the id of a picture that can be shown.
    pub(super) fn shown(&self, index: usize) -> Option<(String, &MediaId)> {
        let picture = self.0.get(index)?;
        let media = picture.media.as_ref()?;
        Some((alternative(&picture.name), media))
    }

    /// The line of common markdown that shows a picture, or says what it would be; `None` for one that there is not.
    pub(super) fn line(&self, index: usize, words: &dyn Words) -> Option<String> {
        let picture = self.0.get(index)?;
        let name = alternative(&picture.name);
        Some(match &picture.media {
            Some(media) => format!("\n![{name}]({media})\n"),
            None => words.phrase(&Phrase::Picture { name: &name }),
        })
    }

    /// An answer in common markdown with its pictures in it.
    pub(in crate::dingtalk) fn within(&self, answer: &str, words: &dyn Words) -> String {
        with_pictures(answer, |index| self.line(index, words))
    }
}

/// A name that ends no link.
fn alternative(name: &str) -> String {
    readable_name(name).replace(['[', ']', '(', ')', '\\', '<', '>'], " ")
}
