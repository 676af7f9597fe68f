//! Logs: short lines for people on the terminal, JSON lines in a file per day, and a word about every panic.
//!
//! Secrets stay out of them by type: what must not be seen has a `Debug` that shows nothing and no `Display`.

mod console;
mod files;
mod panics;

use std::io::{BufWriter, Write};
use std::path::Path;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, fmt, reload};

pub(crate) use self::console::part;
pub use self::files::LogFiles;
pub use self::panics::report_panics;
use crate::catalogue::{Code, Failure, state};
use crate::config::{Config, ConsoleStyle, Level};

/// Keeps the log alive; what is still on its way is written when it is dropped.
#[must_use = "the log ends when this is dropped"]
pub struct Guard {
    _writers: [WorkerGuard; 2],
    levels: Levels,
}

impl Guard {
    /// How to change what is logged from now on.
    pub fn levels(&self) -> Levels {
        self.levels.clone()
    }
}

/// Changes what is logged.
#[derive(Clone, Debug)]
pub struct Levels(reload::Handle<Targets, Registry>);

impl Levels {
    /// Logs as this configuration says.
    pub fn set(&self, config: &Config) {
        // Fails only when there is no log any more.
        drop(self.0.reload(filter_of(config)));
    }
}

/// Begins to log as the configuration says. Call once.
pub fn start(config: &Config, directory: &Path) -> Result<Guard, Failure> {
    let files = LogFiles::of(&config.logging, directory);
    let appender = files.appender().map_err(|error| {
        let folder = files.directory();
        Failure::new(Code::StateUnusable)
            .message(state::unusable(folder))
            .caused_by(&error)
    })?;
    let (file, file_guard) = writer(appender);
    let (terminal, terminal_guard) = writer(std::io::stdout());
    let console: Box<dyn Layer<_> + Send + Sync> = match config.logging.console {
        ConsoleStyle::Pretty => {
            let layer = fmt::layer()
                .event_format(console::ShortLine)
                .with_ansi(false);
            layer
                .with_writer(terminal)
                .log_internal_errors(false)
                .boxed()
        }
        ConsoleStyle::Json => json_lines(terminal),
    };
    let (filter, handle) = reload::Layer::new(filter_of(config));
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(json_lines(file))
        .with(console);
    // A second start, as a test may make, keeps the first log.
    drop(registry.try_init());
    Ok(Guard {
        _writers: [file_guard, terminal_guard],
        levels: Levels(handle),
    })
}

/// Lines that may wait for a slow disk or terminal; what is above it is dropped. The queue is allocated as a whole, 32
/// bytes a line; the library's default of 128,000 would be half of the memory of an idle gateway.
const LINES: usize = 8_192;

/// A thread that writes lines. Those that wait together are written together, and at once.
fn writer(target: impl Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    NonBlockingBuilder::default()
        .buffered_lines_limit(LINES)
        .finish(BufWriter::new(target))
}

/// One JSON object per line.
fn json_lines<S>(writer: NonBlocking) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let layer = fmt::layer()
        .json()
        .flatten_event(true)
        .with_timer(console::Iso);
    layer.with_writer(writer).log_internal_errors(false).boxed()
}

fn filter_of(config: &Config) -> Targets {
    filter(if config.is_debug() {
        config.logging.level.max(Level::Debug)
    } else {
        config.logging.level
    })
}

/// Ours as asked for; libraries only when they warn, since their details may hold what ours take care to hide.
fn filter(level: Level) -> Targets {
    let wanted = match level {
        Level::Silent => LevelFilter::OFF,
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let ours = [("chela", wanted), ("dingtalk", wanted)];
    Targets::new()
        .with_default(wanted.min(LevelFilter::WARN))
        .with_targets(ours)
}

#[cfg(test)]
mod tests {
    use tracing::Level as TracingLevel;

    use super::*;

    #[test]
    fn libraries_never_say_more_than_warnings() {
        let filter = filter(Level::Trace);
        assert!(filter.would_enable("chela_engine::turn", &TracingLevel::TRACE));
        assert!(filter.would_enable("dingtalk::stream", &TracingLevel::TRACE));
        assert!(filter.would_enable("hyper::client", &TracingLevel::WARN));
        assert!(!filter.would_enable("hyper::client", &TracingLevel::INFO));
        let quiet = super::filter(Level::Silent);
        assert!(!quiet.would_enable("chela_engine", &TracingLevel::ERROR));
        assert!(!quiet.would_enable("hyper", &TracingLevel::ERROR));
    }
}
