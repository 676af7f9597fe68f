//! The command line: what people type, and what they see.

mod arguments;
mod config;
mod demo;
mod doctor;
mod entry;
mod extract;
mod gateway;
mod import;
mod localise;
mod logs;
mod output;
mod plugins;
mod status;

pub use self::entry::main;
pub(crate) use self::output::Output;
