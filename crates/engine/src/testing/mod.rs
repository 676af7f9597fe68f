//! What tests of the engine and of its adapters share. No production code uses it.

mod samples;
pub mod store_conformance;

pub use self::samples::{direct_message, group_message, rules_with};
