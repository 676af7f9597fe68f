//! The conversation engine: vocabulary, ports, pure machines, and the two tasks that run them.
//!
//! It opens no socket, reads no clock and touches no disk: all of that comes in through [`ports`].

pub mod command;
pub mod id;
pub mod message;
pub mod ports;
pub mod router;
pub mod testing;
pub mod text;
pub mod time;
