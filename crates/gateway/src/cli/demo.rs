//! `demo`: hands over to the demo with whatever model the configuration has.

use super::arguments::DemoArguments;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::{Exit, Failure};
use crate::config::{Config, variable};
use crate::demo;

pub(super) fn run(context: &Context, arguments: DemoArguments) -> Result<Exit, Failure> {
    let has_desktop = variable::DESKTOPS
        .iter()
        .any(|name| context.environment.get(name).is_some());
    let options = demo::Options {
        once: arguments.once,
        port: arguments.port,
        open_browser: !arguments.no_open
            && (has_desktop || cfg!(any(target_os = "macos", windows))),
        language: context.language,
        config: config(context)?,
    };
    let runtime = runtime(Threads::All)?;
    runtime.block_on(demo::run(options, &context.output))?;
    Ok(Exit::Success)
}

/// The configuration is only asked for a model. One that nobody named and that has faults must not spoil the demo.
fn config(context: &Context) -> Result<Option<Config>, Failure> {
    match context.load() {
        Ok(loaded) => Ok(Some(loaded.config)),
        Err(failure) if context.names_config() => Err(failure),
        Err(failure) => {
            context
                .output
                .complain(&format!("{}\n", failure.render(context.language)));
            Ok(None)
        }
    }
}
