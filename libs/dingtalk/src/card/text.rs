//! What a card says.

use std::fmt;

/// What a card says. People read it; it is not for logs.
#[derive(Default, PartialEq)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first characters, and the rest.
    pub(super) fn cut(&self, characters: usize) -> (&str, &str) {
        let end = self.0.char_indices().nth(characters);
        self.0.split_at(end.map_or(self.0.len(), |(end, _)| end))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Text({} bytes)", self.0.len())
    }
}
