//! Bytes of an attachment in, markdown that a model reads well out.
//!
//! Documents come from strangers, and parsers are large: [`Worker`] lets a child process of the same program read one
//! document with little memory and little time, so that a bomb, a panic or an endless loop costs one attachment. The
//! child calls [`serve`], which calls [`extract`].
//!
//! What was read and what was not is typed ([`Note`], [`Error`]): the words for people are somebody else's.

mod archive;
mod email;
mod extract;
mod format;
mod job;
mod layout;
mod limits;
mod markdown;
mod note;
mod ofd;
mod office;
mod opendocument;
mod pdf;
mod rtf;
mod sheet;
mod text;
mod web;
mod worker;
mod xml;

pub use self::extract::{Error, Extract, extract};
pub use self::format::Format;
pub use self::limits::{Limit, Limits};
pub use self::note::{Cause, Note, Skipped};
pub use self::worker::{Worker, serve};
