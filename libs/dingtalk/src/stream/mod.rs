//! Stream mode: messages, events and card clicks over an outbound WebSocket, without a public address
//! (protocol reference §2).
//!
//! [`Stream::run`] keeps one connection open for ever and replaces it before it breaks. What arrives goes to one
//! [`Handler`], also while two connections overlap.

mod backoff;
mod client;
mod connection;
mod frame;
mod handler;
mod health;
mod session;

pub use self::client::{Options, Stream, WallClock};
pub use self::handler::{Ack, Handler, Push, Topic};
pub use self::health::{Health, State};
pub use self::session::Reason;
