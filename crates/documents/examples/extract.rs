//! Reads one document and prints what comes out of it: `cargo run --example extract FILE`.
//!
//! With `--quiet` it prints nothing; the bench measures it so.

use std::io::{self, Write};
use std::process::ExitCode;

use chela_documents::{Limits, extract};

fn main() -> io::Result<ExitCode> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_quiet = arguments
        .first()
        .is_some_and(|argument| argument == "--quiet");
    let file = arguments.pop().unwrap_or_default();
    let bytes = std::fs::read(&file)?;
    let limits = Limits {
        characters: usize::MAX,
        pages: usize::MAX,
        rows: usize::MAX,
        ..Limits::default()
    };
    let result = extract(&bytes, &file, &limits);
    let mut output = io::stdout().lock();
    match result {
        Ok(_) if is_quiet => Ok(ExitCode::SUCCESS),
        Ok(extract) => {
            writeln!(output, "{}", extract.markdown)?;
            writeln!(output, "{:?} {:?}", extract.format, extract.notes)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            writeln!(output, "{error}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}
