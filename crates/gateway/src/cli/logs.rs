//! `logs`: the end of the log file, and what comes next.

mod file;
mod line;

use std::time::Duration;

use self::file::{Follower, tail};
use self::line::Line;
use super::arguments::LogsArguments;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::{Code, Exit, Failure, cli};
use crate::config::{ConsoleStyle, Level, Logging};
use crate::state::StateDirectory;
use crate::telemetry::LogFiles;

/// How often new lines are looked for.
const INTERVAL: Duration = Duration::from_millis(250);

pub(super) fn run(context: &Context, arguments: &LogsArguments) -> Result<Exit, Failure> {
    show(context, arguments, |_| true)
}

/// `channels logs`: what is told of the bots.
pub(super) fn of_channels(context: &Context, arguments: &LogsArguments) -> Result<Exit, Failure> {
    show(context, arguments, Line::is_of_channels)
}

fn show(
    context: &Context,
    arguments: &LogsArguments,
    concerns: impl Fn(&Line) -> bool,
) -> Result<Exit, Failure> {
    let files = log_files(context)?;
    let level = arguments.level.map_or(Level::Trace, Level::from);
    let is_wanted = |text: &str| {
        let line = Line::parse(text);
        let holds = |words: &String| text.contains(words.as_str());
        line.level().is_none_or(|found| found <= level)
            && arguments.grep.as_ref().is_none_or(holds)
            && concerns(&line)
    };
    let show = |text: &str| -> Result<(), Failure> {
        if !is_wanted(text) {
            return Ok(());
        }
        let line = Line::parse(text);
        if arguments.json.json {
            context.output.line(text)
        } else {
            context.output.line(&line.render())
        }
    };
    let latest = files.latest().unwrap_or_default();
    let mut position = 0;
    match &latest {
        Some(path) => {
            if !arguments.json.json {
                context
                    .output
                    .complain(&format!("{}\n", cli::log_file(path).get(context.language)));
            }
            let (lines, end) = tail(path, arguments.lines, is_wanted).map_err(|error| {
                Failure::new(Code::NoLogs)
                    .at_file(path.clone())
                    .caused_by(&error)
            })?;
            lines.iter().try_for_each(|line| show(line))?;
            position = end;
        }
        None if arguments.follow => {}
        None => return Err(Failure::new(Code::NoLogs).message(cli::no_logs(files.directory()))),
    }
    if arguments.follow {
        let follower = Follower::new(latest, position);
        runtime(Threads::One)?.block_on(follow(context, &files, follower, show))?;
    }
    Ok(Exit::Success)
}

/// The files of the configuration; of the state directory when there is none that can be read.
pub(super) fn log_files(context: &Context) -> Result<LogFiles, Failure> {
    let usual = Logging {
        level: Level::default(),
        file: None,
        console: ConsoleStyle::default(),
    };
    let logging = context.load().map_or(usual, |loaded| loaded.config.logging);
    match &logging.file {
        Some(_) => Ok(LogFiles::of(&logging, std::path::Path::new("."))),
        None => Ok(LogFiles::of(
            &logging,
            &StateDirectory::locate(&context.environment)?.logs(),
        )),
    }
}

async fn follow(
    context: &Context,
    files: &LogFiles,
    mut follower: Follower,
    show: impl Fn(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !context.output.is_closed() {
        ticks.tick().await;
        // A file that cannot be read just now may be there again with the next look.
        for line in follower.look(files).unwrap_or_default() {
            show(&line)?;
        }
        context.output.finish()?;
    }
    Ok(())
}
