//! The only place that prints.
//!
//! Everything goes to standard output except errors. A closed pipe (`cargo xtask tidy | head`) is not an error: who
//! closed it does not want to read on.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Prints one line, or several if the text has them.
pub(crate) fn line(text: &str) {
    write_line(&mut io::stdout().lock(), text);
}

/// Prints a line that says what is about to be run, as one would type it.
pub(crate) fn command(text: &str) {
    line(&format!("$ {text}"));
}

/// Prints how a step ended and what it took.
pub(crate) fn step(name: &str, verdict: Verdict, took: Duration) {
    let verdict = match verdict {
        Verdict::Passed => "ok",
        Verdict::Failed => "FAILED",
    };
    line(&format!("== {name}: {verdict} ({})\n", seconds(took)));
}

/// Prints to standard error why the task could not be done.
pub(crate) fn error(text: &str) {
    write_line(&mut io::stderr().lock(), &format!("error: {text}"));
}

/// Whether colours would be seen by a person.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// A duration as a person reads it: `0.4 s`, `12.0 s`, `3 min 07 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// How a task or a step of one ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is nothing to mend.
    Passed,
    /// There is, and it has been printed.
    Failed,
}

impl Verdict {
    /// Passed if there are no problems.
    pub(crate) fn of<T>(problems: &[T]) -> Self {
        if problems.is_empty() {
            Self::Passed
        } else {
            Self::Failed
        }
    }
}

fn write_line(stream: &mut impl Write, text: &str) {
    // The error is the closed pipe of the module's doc.
    writeln!(stream, "{text}")
        .and_then(|()| stream.flush())
        .ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(430)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(12)), "12.0 s");
        assert_eq!(seconds(Duration::from_secs(187)), "3 min 07 s");
    }
}
