//! Forgets what is old, and the oldest of the rest when there is too much.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chela_engine::time::Timestamp;
use tokio::task::spawn_blocking;

use super::disk::{ARRIVING, DIGITS, DiskMedia};

/// How long and how much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// What is older is removed. Must be far above the time for which a reply is tried: its file lies here.
    pub age: Duration,
    /// Bytes of all files together; more is removed, the oldest first.
    pub bytes: u64,
    /// What is younger stays, however much there is: a reply that waits for its delivery may need it.
    pub young: Duration,
}

impl Default for Retention {
    /// A week, 2 GiB, and a day for what is young.
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            age: 7 * DAY,
            bytes: 2 * 1024 * 1024 * 1024,
            young: DAY,
        }
    }
}

/// What a cleaning came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Files that were removed.
    pub removed: usize,
    /// Bytes that are left.
    pub bytes: u64,
    /// Whether that is still too much, because all of it is young.
    pub is_over: bool,
}

/// A download takes seconds; a file that has been arriving for longer was left by a crash.
const ARRIVES_WITHIN: Duration = Duration::from_secs(60 * 60);

impl DiskMedia {
    /// Removes what need not be kept any longer. Links are removed themselves, not what they lead to; files with names
    /// of another kind are not ours and stay.
    ///
    /// # Errors
    /// When the folder cannot be read. A file that cannot be removed is left for the next time.
    pub async fn clean(&self, retention: Retention, now: Timestamp) -> io::Result<Cleaned> {
        let folder = self.folder.clone();
        let millis = u64::try_from(now.0).unwrap_or_default();
        let now = UNIX_EPOCH + Duration::from_millis(millis);
        spawn_blocking(move || clean(&folder, retention, now))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

struct Entry {
    path: PathBuf,
    age: Duration,
    bytes: u64,
}

fn clean(folder: &Path, retention: Retention, now: SystemTime) -> io::Result<Cleaned> {
    let mut cleaned = Cleaned::default();
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_arriving = name.starts_with(ARRIVING);
        if !is_arriving && name.len() != DIGITS {
            continue;
        }
        // Does not follow links. What has gone meanwhile is not there to be removed.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let age = metadata
            .modified()
            .ok()
            .and_then(|modified| now.duration_since(modified).ok())
            .unwrap_or_default();
        let longest = if is_arriving {
            ARRIVES_WITHIN
        } else {
            retention.age
        };
        let path = entry.path();
        if metadata.is_dir() {
            continue;
        }
        if age > longest || metadata.is_symlink() {
            cleaned.removed += usize::from(remove(&path));
        } else if !is_arriving {
            cleaned.bytes += metadata.len();
            kept.push(Entry {
                path,
                age,
                bytes: metadata.len(),
            });
        }
    }
    kept.sort_by_key(|entry| std::cmp::Reverse(entry.age));
    for entry in kept {
        if cleaned.bytes <= retention.bytes || entry.age < retention.young {
            break;
        }
        if remove(&entry.path) {
            cleaned.removed += 1;
            cleaned.bytes -= entry.bytes;
        }
    }
    cleaned.is_over = cleaned.bytes > retention.bytes;
    Ok(cleaned)
}

fn remove(path: &Path) -> bool {
    match fs::remove_file(path) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "a kept file cannot be removed");
            false
        }
    }
}
