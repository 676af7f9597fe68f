//! `gateway run`: everything that must be in order before the gateway itself starts.

use std::sync::Arc;

use super::arguments::RunArguments;
use super::doctor::Surgery;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::{Exit, Failure};
use crate::run;
use crate::state::StateDirectory;
use crate::telemetry;

pub(super) fn run(context: &Context, arguments: &RunArguments) -> Result<Exit, Failure> {
    let loaded = context.load()?;
    context.remark(&loaded);
    loaded.require_bots()?;
    let mut config = loaded.config;
    if let Some(port) = arguments.port {
        config.admin.port = port;
    }
    let state = StateDirectory::locate(&context.environment)?;
    state.create()?;
    let lock = state.lock()?;
    let log = telemetry::start(&config, &state.logs())?;
    let options = run::Options {
        state,
        lock,
        language: context.language,
        reloading: run::Reloading {
            location: context.location()?,
            environment: context.environment.clone(),
            port: arguments.port,
            values: loaded.values,
            files: loaded.files,
            levels: log.levels(),
        },
        examiner: Arc::new(Surgery::new(context)),
    };
    let runtime = runtime(Threads::All)?;
    runtime.block_on(run::gateway(config, options))?;
    Ok(Exit::Success)
}
