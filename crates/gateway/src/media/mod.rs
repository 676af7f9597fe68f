//! Attachments: from where they may be fetched, how they are read for agents, and which files an answer may carry.

mod address;
mod allowlist;
mod collect;
mod convert;
mod documents;
mod fetch;
mod ffmpeg;
mod guard;
mod kind;
mod local;
mod pages;
mod picture;
mod reader;
mod sound;
mod store;
#[cfg(test)]
mod tests;
mod upkeep;

pub use self::allowlist::Allowlist;
pub(crate) use self::allowlist::Listed;
pub use self::collect::Collector;
pub use self::documents::Documents;
pub use self::ffmpeg::{FFMPEG, Ffmpeg};
pub use self::guard::{Bound, Guard, Lookup, Refused, Unbound};
pub use self::local::Places;
pub use self::pages::Pages;
pub use self::reader::{Document, DocumentReader, Reader, Transcribe};
pub use self::upkeep::keep_tidy;
