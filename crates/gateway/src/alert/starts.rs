//! How often the gateway was started after it had died, in a file of the state directory.

use std::path::{Path, PathBuf};

use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::state::write_private;

/// Milliseconds after which a death is forgotten.
const REMEMBERED: i64 = 10 * 60 * 1_000;

/// The starts of this gateway.
#[derive(Clone, Debug)]
pub struct Starts {
    path: PathBuf,
    deaths: Vec<Timestamp>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Noted {
    /// Whether a gateway began and has not come to its end.
    is_running: bool,
    /// When it was started after a death.
    deaths: Vec<Timestamp>,
}

impl Starts {
    /// Takes note of a start. What cannot be read or written is no reason not to start.
    pub fn begin(path: &Path, now: Timestamp) -> Self {
        let noted = std::fs::read_to_string(path).ok();
        let noted = noted.and_then(|text| serde_json::from_str(&text).ok());
        let mut noted: Noted = noted.unwrap_or_default();
        if noted.is_running {
            noted.deaths.push(now);
        }
        let starts = Self {
            path: path.to_path_buf(),
            deaths: recent(&noted.deaths, now),
        };
        starts.note(true);
        starts
    }

    /// How often within the last ten minutes.
    pub fn lately(&self, now: Timestamp) -> usize {
        recent(&self.deaths, now).len()
    }

    /// The gateway comes to its end as it should.
    pub fn end(&self) {
        self.note(false);
    }

    fn note(&self, is_running: bool) {
        let noted = Noted {
            is_running,
            deaths: self.deaths.clone(),
        };
        let text = serde_json::to_string(&noted).unwrap_or_default();
        if let Err(error) = write_private(&self.path, &text) {
            tracing::debug!(%error, "the start cannot be noted");
        }
    }
}

fn recent(deaths: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
    let from = now.0.saturating_sub(REMEMBERED);
    let is_recent = |death: &&Timestamp| (from..=now.0).contains(&death.0);
    deaths.iter().filter(is_recent).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deaths_are_counted_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("starts.json");
        let minute = |number: i64| Timestamp(number * 60_000);
        Starts::begin(&path, minute(0)).end();
        assert_eq!(Starts::begin(&path, minute(1)).lately(minute(1)), 0);
        // It is never ended from here on.
        assert_eq!(Starts::begin(&path, minute(2)).lately(minute(2)), 1);
        let third = Starts::begin(&path, minute(9));
        assert_eq!(third.lately(minute(9)), 2);
        assert_eq!(third.lately(minute(13)), 1);
        assert_eq!(third.lately(minute(20)), 0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, "{").unwrap();
        assert_eq!(Starts::begin(&path, minute(21)).lately(minute(21)), 0);
    }
}
