//! Coding agents as child processes, over the Agent Client Protocol: Claude Code, Codex, Gemini CLI, Qwen Code, …
//!
//! One child serves all conversations of an agent. `keeper` starts it when the first question comes, watches it and ends
//! it with everything that it has started (`process`); `wire` reads what it writes, whatever that is; `agent` opens
//! sessions and asks; `update` understands what it does, `permission` what it may.
//!
//! # Why this is not the `agent-client-protocol` crate
//!
//! It had four major versions in five months, and its types refuse a whole message for one word that they do not know.
//! Here a dozen fields are read, from an agent that may be of any version, hang, or print what is no message at all.

mod agent;
mod keeper;
mod permission;
mod process;
mod settings;
mod update;
mod wire;

pub use self::agent::Acp;
pub use self::settings::{Patience, Permissions, Refused, Settings};
