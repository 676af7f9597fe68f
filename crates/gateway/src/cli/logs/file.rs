//! Reads log files from their end, and goes on with what is written to them.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::telemetry::LogFiles;

/// How much is read at once.
const BLOCK: u64 = 64 * 1024;

/// The last lines of a file that are wanted, oldest first, and where the file ends. A line without its end is left
/// for later. Reads no more than is needed, however large the file is.
pub(super) fn tail(
    path: &Path,
    count: usize,
    wanted: impl Fn(&str) -> bool,
) -> io::Result<(Vec<String>, u64)> {
    let mut file = File::open(path)?;
    let mut start = file.seek(SeekFrom::End(0))?;
    let mut end = start;
    let mut is_whole = false;
    // What was read and is not yet cut into lines: it begins in the middle of one.
    let mut pending: Vec<u8> = Vec::new();
    let mut lines = Vec::new();
    while lines.len() < count && !(start == 0 && pending.is_empty()) {
        let from = start.saturating_sub(BLOCK);
        let mut block = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        Read::by_ref(&mut file)
            .take(start - from)
            .read_to_end(&mut block)?;
        block.append(&mut pending);
        pending = block;
        start = from;
        if !is_whole {
            let kept = pending
                .iter()
                .rposition(|&byte| byte == b'\n')
                .map_or(0, |newline| newline + 1);
            if kept == 0 && start > 0 {
                continue;
            }
            end = start + kept as u64;
            pending.truncate(kept);
            is_whole = true;
        }
        take_lines(&mut pending, start == 0, |line| {
            if lines.len() < count && wanted(&line) {
                lines.push(line);
            }
        });
    }
    lines.reverse();
    Ok((lines, end))
}

/// Cuts whole lines off the end, the last one first. What is left is the end of a line that begins earlier.
fn take_lines(bytes: &mut Vec<u8>, is_beginning: bool, mut take: impl FnMut(String)) {
    loop {
        let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        match body.iter().rposition(|&byte| byte == b'\n') {
            Some(newline) => {
                take(text(body.get(newline + 1..).unwrap_or_default()));
                bytes.truncate(newline + 1);
            }
            None if is_beginning && !bytes.is_empty() => {
                take(text(body));
                bytes.clear();
                return;
            }
            None => return,
        }
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line)
        .trim_end_matches('\r')
        .to_owned()
}

/// Goes on where [`tail`] ended, over truncation, replacement and the change of day.
pub(super) struct Follower {
    path: Option<PathBuf>,
    position: u64,
    identity: Option<u64>,
    /// The beginning of a line whose end is not written yet.
    partial: Vec<u8>,
}

impl Follower {
    pub(super) fn new(path: Option<PathBuf>, position: u64) -> Self {
        let identity = path
            .as_ref()
            .and_then(|path| path.metadata().ok())
            .map(|metadata| identity(&metadata));
        Self {
            path,
            position,
            identity,
            partial: Vec::new(),
        }
    }

    /// What was written since the last look.
    pub(super) fn look(&mut self, files: &LogFiles) -> io::Result<Vec<String>> {
        let mut lines = self.read()?;
        let latest = files.latest()?;
        if latest != self.path {
            // A new day has begun; the last lines of the old one have just been read.
            *self = Self::new(latest, 0);
            lines.append(&mut self.read()?);
        }
        Ok(lines)
    }

    fn read(&mut self) -> io::Result<Vec<String>> {
        let Some(path) = &self.path else {
            return Ok(Vec::new());
        };
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let is_other = self.identity != Some(identity(&metadata));
        if is_other || metadata.len() < self.position {
            self.position = 0;
            self.partial.clear();
            self.identity = Some(identity(&metadata));
        }
        file.seek(SeekFrom::Start(self.position))?;
        let read = file.read_to_end(&mut self.partial)?;
        self.position += read as u64;
        let Some(newline) = self.partial.iter().rposition(|&byte| byte == b'\n') else {
            return Ok(Vec::new());
        };
        let rest = self.partial.split_off(newline + 1);
        let whole = std::mem::replace(&mut self.partial, rest);
        let body = whole.strip_suffix(b"\n").unwrap_or(&whole);
        Ok(body.split(|&byte| byte == b'\n').map(text).collect())
    }
}

/// Tells a file from another that took its name.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.ino()
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;
    use crate::config::{ConsoleStyle, Level, Logging};

    fn files(folder: &Path) -> LogFiles {
        let logging = Logging {
            level: Level::Info,
            file: None,
            console: ConsoleStyle::Pretty,
        };
        LogFiles::of(&logging, folder)
    }

    #[test]
    fn the_last_lines_are_found_across_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let all: Vec<String> = (0..5_000)
            .map(|number| format!("{number} 一行日志 {}", "x".repeat(number % 90)))
            .collect();
        fs::write(&path, format!("{}\nunfinished", all.join("\n"))).unwrap();
        let (lines, end) = tail(&path, 3, |_| true).unwrap();
        assert_eq!(lines, all[4_997..]);
        assert_eq!(
            end,
            fs::metadata(&path).unwrap().len() - "unfinished".len() as u64
        );
        let (lines, _) = tail(&path, 2, |line| {
            line.starts_with("7 ") || line.starts_with("0 ")
        })
        .unwrap();
        assert_eq!(lines, [all[0].clone(), all[7].clone()]);
        let (lines, _) = tail(&path, 9_000, |_| true).unwrap();
        assert_eq!(lines, all);
        fs::write(&path, "").unwrap();
        assert_eq!(tail(&path, 3, |_| true).unwrap(), (Vec::new(), 0));
    }

    #[test]
    fn following_survives_partial_lines_truncation_and_midnight() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let path = folder.path().join("chela.2026-11-23.log");
        let mut file = File::create(&path).unwrap();
        writeln!(file, "old").unwrap();
        let mut follower = Follower::new(Some(path.clone()), 4);
        let mut look = || follower.look(&files).unwrap();
        assert!(look().is_empty());
        write!(file, "first\nsec").unwrap();
        assert_eq!(look(), ["first"]);
        writeln!(file, "ond").unwrap();
        assert_eq!(look(), ["second"]);
        fs::write(&path, "cut\n").unwrap();
        assert_eq!(look(), ["cut"]);
        fs::write(&path, "cut\nlast of the day\n").unwrap();
        fs::write(folder.path().join("chela.2026-11-24.log"), "next day\n").unwrap();
        assert_eq!(look(), ["last of the day", "next day"]);
    }
}
