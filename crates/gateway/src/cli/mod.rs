//! The command line: what people type, and what they see.

mod arguments;
mod config;
mod demo;
mod doctor;
mod entry;
mod extract;
mod gateway;
mod localise;
mod logs;
mod outbox;
mod output;
mod remote;
mod status;

pub use self::entry::main;
pub(crate) use self::output::Output;
