//! Starting other programs, always at the root of the repository and always said aloud.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::{output, workspace};

/// A `cargo` command that behaves as if its line had been typed. Arguments with blanks are added by the caller.
///
/// `cargo run` tells its program about the package it runs. Build scripts (ring's is one) watch these variables, so a
/// cargo that inherits them builds half the tree again, and the next cargo from a shell builds it back.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = program("cargo", line.split_whitespace());
    for (name, _) in env::vars_os() {
        if is_told_by_cargo_run(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// Any other program.
pub(crate) fn program<'a>(name: &str, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(workspace::root());
    command
}

/// Runs a command in the open.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let text = describe(command);
    output::command(&text);
    let status = command
        .status()
        .with_context(|| format!("`{text}` cannot be started"))?;
    if !status.success() {
        bail!("`{text}` failed ({status})");
    }
    Ok(())
}

/// Runs a command in the open and shows every line of one of its two outputs to `read` as well.
///
/// # Errors
/// When it cannot be started or its output cannot be read. How it ended is for the caller to judge.
pub(crate) fn run_reading(
    command: &mut Command,
    from: Output,
    read: impl FnMut(&str),
) -> Result<ExitStatus> {
    let text = describe(command);
    output::command(&text);
    match from {
        Output::Standard => command.stdout(Stdio::piped()),
        Output::Error => command.stderr(Stdio::piped()),
    };
    let mut child = command
        .spawn()
        .with_context(|| format!("`{text}` cannot be started"))?;
    match from {
        Output::Standard => {
            let stream = child
                .stdout
                .take()
                .context("standard output was asked for")?;
            copy_lines(stream, std::io::stdout(), read)
        }
        Output::Error => {
            let stream = child
                .stderr
                .take()
                .context("standard error was asked for")?;
            copy_lines(stream, std::io::stderr(), read)
        }
    }
    .with_context(|| format!("the output of `{text}` cannot be read"))?;
    child
        .wait()
        .with_context(|| format!("`{text}` cannot be waited for"))
}

/// Asks a program something in silence. Its standard output when it exists and succeeds.
pub(crate) fn ask<'a>(name: &str, arguments: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let answer = program(name, arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    answer
        .status
        .success()
        .then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// The output of a program that the caller wants to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Output {
    Standard,
    Error,
}

fn is_told_by_cargo_run(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        name.starts_with("CARGO_PKG_")
            || [
                "CARGO_MANIFEST_DIR",
                "CARGO_MANIFEST_PATH",
                "CARGO_BIN_NAME",
            ]
            .contains(&name)
    })
}

fn describe(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| {
            let word = word.to_string_lossy();
            if word.contains(' ') {
                format!("'{word}'")
            } else {
                word.into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn copy_lines(
    from: impl Read,
    mut to: impl Write,
    mut read: impl FnMut(&str),
) -> std::io::Result<()> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        // Nobody reading ours is no reason to stop reading theirs.
        to.write_all(&line).and_then(|()| to.flush()).ok();
        read(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let command = program("cargo", ["test", "--filter", "two words"]);
        assert_eq!(describe(&command), "cargo test --filter 'two words'");
    }

    #[test]
    fn what_cargo_run_tells_is_not_passed_on() {
        assert!(is_told_by_cargo_run(OsStr::new("CARGO_PKG_NAME")));
        assert!(is_told_by_cargo_run(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!is_told_by_cargo_run(OsStr::new("CARGO_HOME")));
        assert!(!is_told_by_cargo_run(OsStr::new("CARGO_TARGET_DIR")));
    }

    #[test]
    fn lines_are_copied_as_they_are_and_read_without_their_end() {
        let mut copy = Vec::new();
        let mut lines = Vec::new();
        copy_lines("一\r\ntwo\nlast".as_bytes(), &mut copy, |line| {
            lines.push(line.to_owned())
        })
        .unwrap();
        assert_eq!(copy, "一\r\ntwo\nlast".as_bytes());
        assert_eq!(lines, ["一", "two", "last"]);
    }

    #[test]
    fn an_absent_program_has_no_answer() {
        assert_eq!(ask("chela-no-such-program", ["--version"]), None);
    }
}
