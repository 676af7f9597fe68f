//! Who answers: agents behind the engine's [`Agent`](chela_engine::ports::Agent) port.
//!
//! [`openai`] asks a model, and [`application`] whatever imitates one; [`openclaw`] asks a running gateway of OpenClaw; [`acp`] lets a coding agent work; [`Scripted`] needs nothing and shows off; [`Agents`] finds the agent that a request names.

pub mod acp;
pub mod application;
pub mod openai;
pub mod openclaw;

mod background;
mod images;
mod narration;
mod roster;
mod scripted;
mod tokens;

pub use self::background::{Background, Ending};
pub use self::roster::Agents;
pub use self::scripted::{Pace, Scripted};
