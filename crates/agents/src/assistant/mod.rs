//! An agent that asks a model.
//!
//! `conversation` turns a request into the messages that a model reads, `pictures` into what it sees, `instructions`
//! into what it is told; `run` asks until there is nothing more to call, `calls` makes the calls as far as they are
//! permitted, `repetition` notices circles, `files` knows what was sent before.

mod agent;
mod calls;
mod conversation;
mod files;
mod instructions;
mod limits;
mod pictures;
mod repetition;
mod run;

pub use self::agent::{Assistant, Equipment, Manner};
pub use self::conversation::conversation;
pub use self::instructions::base_prompt;
pub use self::limits::Limits;
