//! The command line: what people type, and what they see.

mod agent;
mod agents;
mod arguments;
mod bugreport;
mod channels;
mod completion;
mod config;
mod cron;
mod demo;
mod doctor;
mod entry;
mod extract;
mod gateway;
mod import;
mod localise;
mod logs;
mod message;
mod models;
mod onboard;
mod outbox;
mod output;
mod pairing;
mod plugins;
mod reach;
mod remote;
mod route;
mod service;
mod sessions;
mod status;
mod tether;
mod trace;
mod usage;

pub use self::entry::main;
pub(crate) use self::output::Output;
