//! The load generator of the gateway crate: `crates/gateway/examples/bench`.
//!
//! The contract: it is called with `--binary PATH --messages N --conversations N` and perhaps `--cards`, starts that
//! binary as a child, and prints one JSON object `{figure: {value, unit}}` on standard output, everything else on standard error. The peak of
//! the child's memory is read here, because the kernel tells it to anybody.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::figures::{Figures, Unit};
use super::process::{Guard, Memory, children};
use super::run::{Binaries, Options};

/// How often the kernel is asked for the peak: often enough not to miss the end, seldom enough not to be part of the load.
const INTERVAL: Duration = Duration::from_millis(250);

/// Runs the load and adds what it measured.
///
/// # Errors
/// When the driver fails or prints anything but figures.
pub(super) fn measure(binaries: &Binaries, options: &Options, figures: &mut Figures) -> Result<()> {
    let mut command = Command::new(&binaries.driver);
    command.arg("--binary").arg(&binaries.gateway).args([
        "--messages",
        &options.messages.to_string(),
        "--conversations",
        &options.conversations.to_string(),
    ]);
    if options.cards {
        command.arg("--cards");
    }
    let run = run(command)?;
    if let Some(peak) = run.peak {
        figures.set("peak_memory", peak, Unit::Bytes);
    }
    figures.merge(
        Figures::parse(run.output.trim()).context("the load generator printed something else")?,
    );
    Ok(())
}

struct Run {
    output: String,
    /// The most memory that any child of the driver had, in bytes. None when it had no child for long enough.
    peak: Option<f64>,
}

fn run(mut command: Command) -> Result<Run> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut driver = Guard(
        command
            .spawn()
            .context("the load generator cannot be started")?,
    );
    let mut stdout = driver
        .0
        .stdout
        .take()
        .context("standard output was asked for")?;
    let (finish, finished) = channel();
    let reader = thread::spawn(move || {
        let mut output = String::new();
        let outcome = stdout.read_to_string(&mut output).map(|_| output);
        // Nobody listens any more when the measurement has failed.
        finish.send(outcome).ok();
    });
    let mut peak: Option<f64> = None;
    let output = loop {
        match finished.recv_timeout(INTERVAL) {
            Ok(output) => {
                break output.context("the load generator printed something unreadable")?;
            }
            Err(RecvTimeoutError::Timeout) => {
                peak = peak_of_children(driver.0.id())
                    .into_iter()
                    .chain(peak)
                    .reduce(f64::max);
            }
            Err(RecvTimeoutError::Disconnected) => {
                bail!("the reader of the load generator's output is gone")
            }
        }
    };
    let status = driver
        .0
        .wait()
        .context("the load generator cannot be waited for")?;
    if reader.join().is_err() || !status.success() {
        bail!("the load generator failed ({status})");
    }
    Ok(Run { output, peak })
}

/// The most memory that any child that still runs has had, in bytes.
fn peak_of_children(parent: u32) -> Option<f64> {
    children(parent)
        .into_iter()
        .filter_map(|child| Memory::of(child).ok())
        .map(|memory| memory.peak)
        .reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_output_is_read_to_its_end() {
        let run = run(shell(
            "echo '{\"throughput\":'; echo ' {\"value\": 1, \"unit\": \"messages/s\"}}'",
        ))
        .unwrap();
        let figures = Figures::parse(run.output.trim()).unwrap();
        assert_eq!(
            figures.json(),
            r#"{"throughput":{"value":1.0,"unit":"messages/s"}}"#
        );
    }

    #[test]
    fn the_memory_of_a_child_is_seen() {
        let child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let _child = Guard(child);
        assert!(peak_of_children(std::process::id()).is_some_and(|peak| peak > 0.0));
    }

    #[test]
    fn a_failed_driver_is_an_error() {
        assert!(run(shell("echo '{}'; exit 3")).is_err());
    }
}
