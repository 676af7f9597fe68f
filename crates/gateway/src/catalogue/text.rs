//! A piece of text in both languages. There is no way to write one and forget the other.

use super::Language;

/// A fixed sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Text {
    /// Pairs the two.
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }

    /// The sentence in a language.
    pub const fn get(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

/// A sentence with something filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    zh: String,
    en: String,
}

impl Phrase {
    /// Pairs the two; `phrase!` fills both in at once.
    pub fn new(zh: String, en: String) -> Self {
        Self { zh, en }
    }

    /// The sentence in a language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

impl From<Text> for Phrase {
    fn from(text: Text) -> Self {
        Self::new(text.zh.to_owned(), text.en.to_owned())
    }
}

/// Fills the same values into a Chinese and an English sentence: names in scope, or those that follow.
macro_rules! phrase {
    ($zh:literal, $en:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        $(let $name = $value;)*
        $crate::catalogue::Phrase::new(format!($zh), format!($en))
    }};
}
pub(crate) use phrase;

/// Whether a text holds a Chinese character: for the tests of the catalogue.
#[cfg(test)]
pub(super) fn is_chinese(text: &str) -> bool {
    text.chars()
        .any(|character| matches!(character, '\u{4e00}'..='\u{9fff}'))
}
