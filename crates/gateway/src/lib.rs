//! The program `chela`: command line, configuration, wiring, administration, telemetry.
//!
//! Everything is a library, so that tests and benches can reach it; `main.rs` only starts it.

pub mod admin;
pub mod alert;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
mod demo;
pub mod import;
pub mod media;
pub mod observe;
mod onboard;
pub mod outbox;
pub mod outward;
pub mod pairing;
pub mod run;
pub mod schedule;
pub mod secret;
pub mod spending;
pub mod state;
pub mod telemetry;
mod wire;
