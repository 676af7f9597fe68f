//! The conversation engine: vocabulary, ports, pure machines, and the two tasks that run them.
//!
//! It opens no socket, reads no clock and touches no disk: all of that comes in through [`ports`].

pub mod attachment;
pub mod command;
mod context;
pub mod conversation;
mod dispatcher;
pub mod draft;
mod hints;
pub mod id;
pub mod inquiry;
pub mod intake;
mod marks;
pub mod media_type;
pub mod memory_store;
pub mod message;
mod outbox;
pub mod pairing;
pub mod ports;
pub mod preferences;
mod press;
pub mod question;
pub mod quote;
mod replies;
pub mod reply;
pub mod router;
pub mod schedule;
mod service;
pub mod settings;
pub mod testing;
pub mod text;
pub mod time;
pub mod turn;

pub use self::context::Ports;
pub use self::press::{Decided, InquiryPress, Pressed};
pub use self::service::{Activity, Handle, Service};
