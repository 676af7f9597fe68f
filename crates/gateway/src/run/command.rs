//! `chela gateway run`.

use std::sync::Arc;

use chela_engine::ports::Examiner;
use tokio_util::sync::CancellationToken;

use super::signals::{survive_file_size_limit, until_told_to_stop};
use super::{Gateway, Reloading, Setup};
use crate::catalogue::{Failure, Language};
use crate::config::Config;
use crate::state::{GatewayLock, StateDirectory};

/// What the gateway needs beside its configuration.
pub struct Options {
    /// Where it keeps its state; exists.
    pub state: StateDirectory,
    /// Proof that no other gateway uses the state; kept until the end.
    pub lock: GatewayLock,
    /// The language in which it speaks to people.
    pub language: Language,
    /// How changes of the configuration are followed.
    pub reloading: Reloading,
    /// Who examines a bot when its owner asks for it.
    pub examiner: Arc<dyn Examiner>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("state", &self.state)
            .field("reloading", &self.reloading)
            .finish_non_exhaustive()
    }
}

/// Runs until SIGTERM or Ctrl+C.
pub async fn gateway(config: Config, options: Options) -> Result<(), Failure> {
    let Options {
        state,
        mut lock,
        language,
        reloading,
        examiner,
    } = options;
    survive_file_size_limit()?;
    let setup = Setup {
        config,
        state,
        language,
        observers: Vec::new(),
        agent: None,
        reloading: Some(reloading),
        examiner: Some(examiner),
    };
    let gateway = Gateway::prepare(setup).await?;
    let address = gateway.admin_address()?;
    lock.publish(address)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), admin = %address, "gateway started");
    let shutdown = CancellationToken::new();
    // Whichever ends first ends the other.
    let run = async {
        let result = gateway.run(shutdown.clone()).await;
        shutdown.cancel();
        result
    };
    tokio::select! {
        result = Box::pin(run) => result?,
        told = until_told_to_stop(shutdown.clone()) => told?,
    }
    tracing::info!("gateway stopped");
    drop(lock);
    Ok(())
}
