//! An agent that asks a model.
//!
//! `conversation` turns a request into the messages that a model reads, `pictures` into what it sees, `agent` calls the
//! model.

mod agent;
mod conversation;
mod pictures;

pub use self::agent::{Assistant, Manner};
pub use self::conversation::conversation;
