//! Who answers: agents behind the engine's [`Agent`](chela_engine::ports::Agent) port.
//!
//! [`openai`] asks a model; [`Scripted`] needs nothing and shows off; [`Agents`] finds the agent that a request names.

pub mod openai;

mod roster;
mod scripted;
mod tokens;

pub use self::roster::Agents;
pub use self::scripted::{Pace, Scripted};
