//! How long documents take to be read, and how much memory: ours beside Python's markitdown and poppler's pdftotext, as
//! whole processes on the same files.
//!
//! The files are those of `crates/documents/samples/generate.py --bench FOLDER`. A program that is not installed is left
//! out.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::figures::{Figures, Unit};
use super::process::{Guard, Memory};
use crate::command;
use crate::stopwatch::Stopwatch;

/// How often each is run; the fastest counts.
const RUNS: usize = 3;
/// A run that takes longer than this is not repeated.
const SLOW: Duration = Duration::from_secs(4);
/// A run that takes longer than this is given up.
const LONGEST: Duration = Duration::from_secs(180);
/// How often the kernel is asked for the peak of memory, which it keeps until the process ends.
const INTERVAL: Duration = Duration::from_micros(500);

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reader {
    Ours,
    Markitdown,
    Pdftotext,
}

/// Measures every file of a folder; a table for people beside the figures.
///
/// # Errors
/// When the folder cannot be read, or our own reader fails on a file.
pub(super) fn measure(ours: &Path, folder: &Path, figures: &mut Figures) -> Result<String> {
    let readers: Vec<Reader> = [Reader::Ours, Reader::Markitdown, Reader::Pdftotext]
        .into_iter()
        .filter(|reader| reader.is_installed())
        .collect();
    let mut table = format!("{:<24} {:>9}", "document", "size");
    for reader in &readers {
        write!(table, " {:>24}", reader.name()).context("a string takes any text")?;
    }
    table.push('\n');
    for file in files(folder)? {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let size = fs::metadata(&file)?.len() / 1024;
        write!(table, "{name:<24} {size:>6} KB")?;
        for reader in &readers {
            let measured = reader.measure(ours, &file);
            let shown = match measured {
                Ok(Some((took, peak))) => {
                    let label = format!("{}_{}", name.replace('.', "_"), reader.name());
                    let milliseconds = took.as_secs_f64() * 1_000.0;
                    figures.set(&format!("{label}_time"), milliseconds, Unit::Milliseconds);
                    figures.set(&format!("{label}_memory"), peak, Unit::Bytes);
                    format!("{milliseconds:.0} ms {:.0} MB", peak / 1e6)
                }
                Ok(None) => "-".to_owned(),
                Err(error) if *reader == Reader::Ours => return Err(error),
                Err(_) => "failed".to_owned(),
            };
            write!(table, " {shown:>24}")?;
        }
        table.push('\n');
    }
    Ok(table)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    if files.is_empty() {
        bail!(
            "{} is empty: see crates/documents/samples/generate.py",
            folder.display()
        );
    }
    Ok(files)
}

impl Reader {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Markitdown => "markitdown",
            Self::Pdftotext => "pdftotext",
        }
    }

    fn is_installed(self) -> bool {
        match self {
            Self::Ours => true,
            Self::Markitdown => command::ask("markitdown", ["--version"]).is_some(),
            Self::Pdftotext => command::ask("pdftotext", ["-v"]).is_some(),
        }
    }

    /// The time and the peak of memory; none when it does not read such files.
    fn measure(self, ours: &Path, file: &Path) -> Result<Option<(Duration, f64)>> {
        if self == Self::Pdftotext && file.extension().is_none_or(|ending| ending != "pdf") {
            return Ok(None);
        }
        let mut best: Option<(Duration, f64)> = None;
        for _ in 0..RUNS {
            let mut command = match self {
                Self::Ours => Command::new(ours),
                Self::Markitdown => Command::new("markitdown"),
                Self::Pdftotext => Command::new("pdftotext"),
            };
            match self {
                Self::Ours => command.arg("--quiet").arg(file),
                Self::Markitdown => command.arg(file),
                Self::Pdftotext => command.arg(file).arg("-"),
            };
            let (took, peak) = run(&mut command)?;
            best = match best {
                Some((before, most)) => Some((before.min(took), most.max(peak))),
                None => Some((took, peak)),
            };
            if took > SLOW {
                break;
            }
        }
        Ok(best)
    }
}

fn run(command: &mut Command) -> Result<(Duration, f64)> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let watch = Stopwatch::start();
    let mut child = Guard(command.spawn().context("a reader cannot be started")?);
    let mut peak = 0.0_f64;
    loop {
        if let Ok(memory) = Memory::of(child.0.id()) {
            peak = peak.max(memory.peak);
        }
        if let Some(status) = child.0.try_wait()? {
            let took = watch.elapsed();
            if !status.success() {
                bail!("a reader failed ({status})");
            }
            return Ok((took, peak));
        }
        if watch.elapsed() > LONGEST {
            bail!("a reader takes too long");
        }
        thread::park_timeout(INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_memory_of_a_process_are_seen() {
        let (took, peak) = run(Command::new("sh").args(["-c", "read nothing; exit 0"])).unwrap();
        assert!(took < LONGEST);
        assert!(peak >= 0.0);
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
    }
}
