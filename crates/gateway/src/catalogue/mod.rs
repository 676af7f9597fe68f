//! Everything that people read, in Chinese and English: the one place where it is written.
//!
//! Chinese comes first because it is the language of most readers; English is complete, too.

pub mod alerts;
pub mod attachments;
pub mod backends;
pub mod cli;
mod codes;
mod commands;
pub mod conversations;
pub mod cron;
pub mod demo;
pub mod diagnosis;
mod dingtalk;
pub mod documents;
mod exit;
mod help;
mod hints;
pub mod import;
mod inquiries;
mod language;
mod notices;
pub mod onboard;
pub mod operation;
pub mod outward;
pub mod pairing;
pub mod plugins;
mod problems;
pub mod report;
pub mod run;
pub mod service;
pub mod state;
mod text;
pub mod tools;
pub mod trace;

pub use self::codes::{Code, Explanation};
pub(crate) use self::commands::money;
pub use self::dingtalk::{DingtalkWords, card_trouble};
pub use self::exit::Exit;
pub use self::language::Language;
pub use self::notices::Notices;
pub use self::problems::{hint as problem_hint, message as problem_message, to_utf8};
pub use self::report::{Failure, Report};
pub use self::text::{Phrase, Text};
