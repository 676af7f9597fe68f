//! How an answer becomes messages: pages that a phone can show, each with a title.

mod fence;
mod pages;
mod title;

pub use self::fence::open_fence;
pub use self::pages::{Limits, Page, pages};
pub use self::title::title;

#[cfg(test)]
mod tests;
