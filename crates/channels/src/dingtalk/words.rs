//! The words that this platform's translation says to people by itself. It knows the occasions; whoever makes the channel
//! knows the language.

use std::fmt;

/// Finds the words, in the language of the installation.
pub trait Words: fmt::Debug + Send + Sync + 'static {
    /// The words for an occasion. Never empty.
    fn phrase(&self, phrase: &Phrase<'_>) -> String;

    /// The words for what the platform shows each reader in a language of their own.
    fn translations(&self, phrase: &Phrase<'_>) -> Translations;
}

/// The same words in the languages that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translations {
    /// In Chinese.
    pub chinese: String,
    /// In English.
    pub english: String,
}

/// An occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrase<'a> {
    /// At the foot of a card whose answer was stopped.
    Stopped,
    /// At the foot of a card: that an AI wrote it.
    Generated,
    /// In the list of conversations, for a card that says nothing yet.
    Answering,
    /// Below a question that an agent works on: a word.
    Thinking,
    /// On a card in a group whose answer only the asker gets to see.
    Elsewhere,
    /// Before an answer that its asker gets alone, though the question was asked in a group.
    Private {
        /// What the group is called; may be empty.
        group: &'a str,
    },
    /// In the place of a picture that is only named.
    Picture {
        /// What it is called; may be empty.
        name: &'a str,
    },
}

/// The words of our tests.
#[cfg(test)]
pub(crate) mod chinese {
    use super::{Phrase, Translations, Words};

    #[derive(Debug)]
    pub(crate) struct Chinese;

    impl Words for Chinese {
        fn phrase(&self, phrase: &Phrase<'_>) -> String {
            match phrase {
                Phrase::Stopped => "已停止".to_owned(),
                Phrase::Generated => "AI 生成".to_owned(),
                Phrase::Answering => "正在回答…".to_owned(),
                Phrase::Thinking => "思考中".to_owned(),
                Phrase::Elsewhere => "已单独答复".to_owned(),
                Phrase::Private { group } => format!("「{group}」里的提问"),
                Phrase::Picture { name: "" } => "图片".to_owned(),
                Phrase::Picture { name } => format!("图片：{name}"),
            }
        }

        fn translations(&self, phrase: &Phrase<'_>) -> Translations {
            Translations {
                chinese: self.phrase(phrase),
                english: "Answering…".to_owned(),
            }
        }
    }
}
