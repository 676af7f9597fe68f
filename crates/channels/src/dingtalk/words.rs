//! The words that this platform's translation says to people by itself. It knows the occasions; whoever makes the channel
//! knows the language.

use std::fmt;

/// Finds the words, in the language of the installation.
pub trait Words: fmt::Debug + Send + Sync + 'static {
    /// The words for an occasion. Never empty.
    fn phrase(&self, phrase: &Phrase<'_>) -> String;
}

/// An occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrase<'a> {
    /// At the foot of a card whose answer was stopped.
    Stopped,
    /// At the foot of a card: that an AI wrote it.
    Generated,
    /// Below a question that an agent works on: a word.
    Thinking,
    /// On the button that says yes to one call.
    Approve,
    /// On the button that says no to it.
    Deny,
    /// On the button that hands a form in.
    Submit,
    /// In the place of a picture that is only named.
    Picture {
        /// What it is called; may be empty.
        name: &'a str,
    },
}

/// The words of our tests.
#[cfg(test)]
pub(crate) mod chinese {
    use super::{Phrase, Words};

    #[derive(Debug)]
    pub(crate) struct Chinese;

    impl Words for Chinese {
        fn phrase(&self, phrase: &Phrase<'_>) -> String {
            match phrase {
                Phrase::Stopped => "已停止".to_owned(),
                Phrase::Generated => "AI 生成".to_owned(),
                Phrase::Thinking => "思考中".to_owned(),
                Phrase::Approve => "批准一次".to_owned(),
                Phrase::Deny => "拒绝".to_owned(),
                Phrase::Submit => "提交".to_owned(),
                Phrase::Picture { name: "" } => "图片".to_owned(),
                Phrase::Picture { name } => format!("图片：{name}"),
            }
        }
    }
}
