//! How lines of the log look.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::registry::LookupSpan;

/// The moment with date and offset, for the file.
pub(super) struct Iso;

impl FormatTime for Iso {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(
            writer,
            "{}",
            jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
        )
    }
}

/// One short line for people: time, level, part of the program, message with its fields.
pub(super) struct ShortLine;

impl<S, N> FormatEvent<S, N> for ShortLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let time = jiff::Zoned::now().strftime("%H:%M:%S%.3f").to_string();
        let metadata = event.metadata();
        write!(
            writer,
            "{time} {} {}: ",
            name(*metadata.level()),
            part(metadata.target())
        )?;
        context
            .field_format()
            .format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// All of one width, so that messages stand below each other.
pub(crate) fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn ",
        Level::INFO => "info ",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// `engine` for `chela_engine::turn::driver`: the crate is what tells a reader where to look.
pub(crate) fn part(target: &str) -> &str {
    let name = target.split("::").next().unwrap_or(target);
    name.strip_prefix("chela_").unwrap_or(name)
}
