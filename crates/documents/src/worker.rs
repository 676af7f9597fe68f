//! One document, one process.
//!
//! The parent hands the open file over as the standard input, so that its bytes never enter the parent, and reads one
//! line of JSON. The child first takes everything away from itself that it does not need.

mod child;
mod parent;
mod request;

pub use self::child::serve;
pub use self::parent::Worker;
