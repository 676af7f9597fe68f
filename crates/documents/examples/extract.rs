//! Reads documents in this process, for looking at what comes out: `cargo run --example extract FILE`.
//!
//! `--serve REQUEST` is what `chela extract` does: the tests use it as the child process. `--quiet FILE` prints only how
//! many characters there are, and has no limits: the bench measures it.

use std::io::{self, Write};
use std::process::ExitCode;

use chela_documents::{Limits, extract, serve};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--serve", request] => serve(request).map(|()| ExitCode::SUCCESS),
        ["--quiet", file] => show(file, true),
        [file] => show(file, false),
        _ => Ok(ExitCode::FAILURE),
    }
}

fn show(file: &str, is_quiet: bool) -> io::Result<ExitCode> {
    let bytes = std::fs::read(file)?;
    let limits = if is_quiet {
        Limits {
            characters: usize::MAX,
            pages: usize::MAX,
            rows: usize::MAX,
            ..Limits::default()
        }
    } else {
        Limits::default()
    };
    let mut output = io::stdout().lock();
    match extract(&bytes, file, &limits) {
        Ok(extract) if is_quiet => {
            writeln!(output, "{}", extract.markdown.chars().count())?;
        }
        Ok(extract) => {
            writeln!(output, "{}", extract.markdown)?;
            writeln!(output, "{:?} {:?}", extract.format, extract.notes)?;
        }
        Err(error) => {
            writeln!(output, "{error}")?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
