//! Who answers: agents behind the engine's [`Agent`](chela_engine::ports::Agent) port.
//!
//! An [`Assistant`] asks a [`model`]; [`openai`] and [`anthropic`] speak to one over HTTP, with
//! what all [`service`]s have in common. In the place of a model answer: an [`application`] that imitates one,
//! a running gateway of OpenClaw ([`openclaw`]), a coding agent ([`acp`]).
//! [`Scripted`] needs nothing and shows off; [`Agents`] finds the agent that a request names.

pub mod acp;
pub mod anthropic;
pub mod application;
pub mod builtin;
pub mod mcp;
pub mod model;
pub mod openai;
pub mod openclaw;
pub mod service;
pub mod tool;
pub mod workspace;

mod assistant;
mod background;
mod images;
mod narration;
mod roster;
mod scripted;

pub use self::assistant::{Assistant, Equipment, Limits, Manner, base_prompt, conversation};
pub use self::background::{Background, Ending};
pub use self::roster::Agents;
pub use self::scripted::{Pace, Scripted};
