//! Servers of tools that speak the Model Context Protocol, over standard input and output or over HTTP.
//!
//! `settings` is what an operator says about a server; `keeper` starts it, keeps it running and tells how it is; `process`
//! is the child process of a local one, which goes with all its descendants; `tool` makes one of its tools ours. The
//! protocol itself is the business of `rmcp`.

mod content;
mod doubt;
mod keeper;
mod naming;
mod process;
mod servers;
mod settings;
mod tool;
mod transport;

pub use self::servers::{Condition, Servers, State, Status};
pub use self::settings::{Endpoint, Settings};
