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
    /// In a message that came, for something that is no text.
    Inbound(StandIn<'a>),
}

/// What stands in a message that came in the place of something that is no text. Agents read it, and people where it is
/// quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandIn<'a> {
    /// The platform has not told what it holds.
    NotTold(Thing),
    /// The same of a file, of which only the name is known.
    FileNotTold {
        /// What it is called.
        name: &'a str,
    },
    /// The platform keeps its kind from robots: stickers, places, business cards.
    Withheld,
    /// The organisation's month is used up, so that it was not told.
    QuotaExhausted,
    /// A sticker.
    Emoji,
    /// A kind that nobody knows here.
    Unsupported {
        /// What the platform calls it.
        kind: &'a str,
    },
    /// A skill that was called.
    Skill {
        /// Which.
        name: Option<&'a str>,
    },
    /// An address below a card.
    Link {
        /// Where it leads.
        url: &'a str,
    },
    /// A document that was shared.
    SharedDocument {
        /// What it is called.
        title: Option<&'a str>,
    },
    /// Messages that were forwarded together: the heading.
    Record {
        /// What they are called.
        title: Option<&'a str>,
    },
    /// The heading of their summary.
    RecordSummary,
    /// The heading of what they say.
    RecordContents,
    /// There is nothing but the summary.
    RecordIsSummary,
    /// Only the first of them are listed.
    RecordCut {
        /// How many are.
        shown: usize,
        /// How many are not.
        left_out: usize,
    },
    /// A file, in a line.
    Attached {
        /// What it is.
        thing: Thing,
        /// What is said in it, or what it is called.
        words: Option<&'a str>,
    },
}

/// Something in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A picture.
    Picture,
    /// A recording.
    Voice,
    /// A video.
    Video,
    /// A file of another kind.
    File,
    /// A card.
    Card,
    /// Messages that were forwarded together.
    ChatRecord,
    /// The message that another one quotes.
    Quoted,
    /// A message of a record.
    Entry,
    /// A message of which not even the kind is known.
    Message,
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
                Phrase::Approve => "批准一次".to_owned(),
                Phrase::Deny => "拒绝".to_owned(),
                Phrase::Submit => "提交".to_owned(),
                Phrase::Picture { name: "" } => "图片".to_owned(),
                Phrase::Picture { name } => format!("图片：{name}"),
                Phrase::Inbound(stand_in) => format!("[{stand_in:?}]"),
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
