//! How an answer becomes messages: pages that a phone can show, each with a title, and the files that it names.

mod fence;
mod files;
mod marks;
mod pages;
mod title;

pub use self::fence::open_fence;
pub use self::files::{Answer, FileReference, take_files};
pub use self::marks::{Piece, pieces, with_pictures};
pub(crate) use self::marks::{arrange, mark_stretches, picture, unmarked, without_stretches};
pub use self::pages::{Limits, Page, first_page, pages};
pub use self::title::title;

#[cfg(test)]
mod tests;
