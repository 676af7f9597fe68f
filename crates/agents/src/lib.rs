//! Who answers: agents behind the engine's [`Agent`](chela_engine::ports::Agent) port.
//!
//! An [`Assistant`] asks a [`model`]; [`openai`] and [`anthropic`] speak to one over HTTP, with
//! what all [`service`]s have in common;
//! [`Scripted`] needs nothing and shows off; [`Agents`] finds the agent that a request names.

pub mod anthropic;
pub mod builtin;
pub mod mcp;
pub mod model;
pub mod openai;
pub mod service;
pub mod tool;
pub mod workspace;

mod assistant;
mod roster;
mod scripted;

pub use self::assistant::{Assistant, Equipment, Limits, Manner, base_prompt, conversation};
pub use self::roster::Agents;
pub use self::scripted::{Pace, Scripted};
