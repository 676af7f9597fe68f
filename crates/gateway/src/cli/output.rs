//! What is printed. The only place that writes to the terminal.

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write};

use serde_json::Value;

use crate::catalogue::{Code, Failure};

/// The standard output. A reader who has seen enough (`chela config schema | head`) is no failure.
#[derive(Default)]
pub(crate) struct Output {
    closed: Cell<bool>,
}

impl Output {
    /// Prints a line.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.survive(writeln!(io::stdout(), "{text}"))
    }

    /// Prints a text that ends its lines by itself.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        self.survive(write!(io::stdout(), "{text}"))
    }

    /// Prints JSON so that people can read it, too.
    pub(crate) fn json(&self, value: &Value) -> Result<(), Failure> {
        self.line(&format!("{value:#}"))
    }

    /// Prints to the standard error. Nothing can be done when that fails.
    pub(crate) fn complain(&self, text: &str) {
        drop(write!(io::stderr(), "{text}"));
    }

    /// Writes out what is still waiting.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        self.survive(io::stdout().flush())
    }

    /// Whether a person reads.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether the reader has gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    fn survive(&self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.set(true);
                Ok(())
            }
            Err(error) => Err(Failure::new(Code::OutputFailed).caused_by(&error)),
        }
    }
}

/// A text in one cell of a line that programs read.
pub(super) fn plain(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}
