//! Everything that people read, in Chinese and English: the one place where it is written.
//!
//! Chinese comes first because it is the language of most readers; English is complete, too.

pub mod attachments;
pub mod backends;
pub mod cli;
mod codes;
pub mod demo;
pub mod diagnosis;
pub mod documents;
mod exit;
mod language;
mod notices;
mod problems;
pub mod report;
pub mod run;
pub mod state;
mod text;
pub mod tools;

pub use self::codes::{Code, Explanation};
pub use self::exit::Exit;
pub use self::language::Language;
pub use self::notices::Notices;
pub use self::problems::{hint as problem_hint, message as problem_message};
pub use self::report::{Failure, Report};
pub use self::text::{Phrase, Text};
