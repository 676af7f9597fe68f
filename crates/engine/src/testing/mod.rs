//! What tests of the engine and of its adapters share. No production code uses it.

mod media;
mod samples;
pub mod store_conformance;

pub use self::media::MemoryMedia;
pub use self::samples::{direct_message, group_message, picture, request, rules_with};
