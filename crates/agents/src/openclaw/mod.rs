//! A running OpenClaw gateway as the agent, over its WebSocket protocol 3 or 4, or over HTTP where it refuses that.
//!
//! The way of a question: `ask` turns it into a `chat.send` in the words of the negotiated protocol, `turn` sends it and
//! hears it to its end, also over lost sockets and restarts, `run` understands what is told of it, `history` finds what
//! was missed. `link` keeps the one connection that all agents of a gateway share; `handshake` opens it as `device`.
//!
//! A question is handed over once: its idempotency key follows from account and message, and where it is not certain
//! that OpenClaw still knows the key, its history is looked at before the question is sent again.

mod agent;
mod ask;
mod device;
mod failure;
mod frame;
mod handshake;
mod history;
mod link;
mod over_http;
mod run;
mod settings;
mod socket;
mod turn;
mod wording;

pub use self::agent::OpenClaw;
pub use self::device::{Device, DeviceError};
pub use self::link::Gateway;
pub use self::settings::{
    AgentSettings, Credential, GatewaySettings, Owners, Patience, SetupError, Transport,
};
