//! What all targets share.

mod read;

pub use self::read::read;
