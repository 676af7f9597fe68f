//! Where the log files are: one per day, named after it, two weeks of them.

use std::io;
use std::path::{Path, PathBuf};

use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};

use crate::config::Logging;

/// How many days are kept.
const DAYS: usize = 14;

/// The log files of a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFiles {
    directory: PathBuf,
    prefix: String,
    suffix: String,
}

impl LogFiles {
    /// `chela.<date>.log` in the given directory, unless the configuration names another file.
    pub fn of(logging: &Logging, directory: &Path) -> Self {
        let text =
            |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
        match &logging.file {
            Some(file) => Self {
                directory: file
                    .parent()
                    .map_or_else(|| PathBuf::from("."), Path::to_path_buf),
                prefix: text(file.file_stem()).unwrap_or_else(|| "chela".to_owned()),
                suffix: text(file.extension()).unwrap_or_else(|| "log".to_owned()),
            },
            None => Self {
                directory: directory.to_path_buf(),
                prefix: "chela".to_owned(),
                suffix: "log".to_owned(),
            },
        }
    }

    /// The directory that holds them.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The youngest file; `None` when there is none.
    pub fn latest(&self) -> io::Result<Option<PathBuf>> {
        let mut latest: Option<String> = None;
        for entry in self.directory.read_dir()? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            // Dates are written so that the order of names is the order of days.
            if self.is_ours(&name) && latest.as_ref().is_none_or(|latest| name > *latest) {
                latest = Some(name);
            }
        }
        Ok(latest.map(|name| self.directory.join(name)))
    }

    /// All that are kept, the oldest first.
    pub fn all(&self) -> io::Result<Vec<PathBuf>> {
        let mut names = Vec::new();
        for entry in self.directory.read_dir()? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if self.is_ours(&name) {
                names.push(name);
            }
        }
        names.sort();
        let path = |name| self.directory.join(name);
        Ok(names.into_iter().map(path).collect())
    }

    pub(super) fn appender(&self) -> Result<RollingFileAppender, InitError> {
        RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix(&self.prefix)
            .filename_suffix(&self.suffix)
            .max_log_files(DAYS)
            .build(&self.directory)
    }

    fn is_ours(&self, name: &str) -> bool {
        let date = name
            .strip_prefix(self.prefix.as_str())
            .and_then(|rest| rest.strip_suffix(self.suffix.as_str()))
            .and_then(|rest| rest.strip_prefix('.')?.strip_suffix('.'));
        date.is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConsoleStyle, Level};

    #[test]
    fn the_latest_day_is_found_among_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let logging = Logging {
            level: Level::Info,
            file: None,
            console: ConsoleStyle::Pretty,
        };
        let files = LogFiles::of(&logging, folder.path());
        assert_eq!(files.latest().unwrap(), None);
        for name in [
            "chela.2026-11-09.log",
            "chela.2026-11-23.log",
            "chela.zzz.log",
            "other.2027-01-01.log",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let latest = files.latest().unwrap().unwrap();
        assert_eq!(latest.file_name().unwrap(), "chela.2026-11-23.log");
    }
}
