//! Opens files of this machine for answers: only where that is allowed, and exactly the file that was checked.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use chela_engine::ports::CollectError;
use percent_encoding::percent_decode_str;
use rustix::fs::{Mode, OFlags};

/// From where answers may send files.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Folders whose files may be sent.
    pub roots: Vec<PathBuf>,
    /// Folders whose files may not, though they lie in one of those.
    pub never: Vec<PathBuf>,
    /// The user's folder, which `~` means.
    pub home: Option<PathBuf>,
}

impl Places {
    /// Opens the file that an answer names, if it may be sent: one below the roots, or one that was made in this turn.
    /// Links are followed before that is decided. That it is not there and that it may not be sent are the same answer.
    pub(super) fn open(
        &self,
        reference: &str,
        made: &[PathBuf],
    ) -> Result<(PathBuf, File), CollectError> {
        let path = self
            .candidates(reference)
            .into_iter()
            .find_map(|path| fs::canonicalize(path).ok())
            .filter(|path| self.may_send(path, made))
            .ok_or(CollectError::NotAllowed)?;
        let file = open_exactly(&path).ok_or(CollectError::NotAllowed)?;
        Ok((path, file))
    }

    /// The paths that a reference may mean; a relative one is meant as seen from a root.
    fn candidates(&self, reference: &str) -> Vec<PathBuf> {
        let decoded;
        let path = match reference.strip_prefix("file://") {
            Some(path) => {
                let path = path.strip_prefix("localhost").unwrap_or(path);
                decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
                decoded.as_str()
            }
            None => reference,
        };
        if path.contains('\0') {
            return Vec::new();
        }
        match (path.strip_prefix("~/"), &self.home) {
            (Some(path), Some(home)) => vec![home.join(path)],
            (Some(_), None) => Vec::new(),
            (None, _) if Path::new(path).is_absolute() => vec![PathBuf::from(path)],
            (None, _) => self.roots.iter().map(|root| root.join(path)).collect(),
        }
    }

    fn may_send(&self, path: &Path, made: &[PathBuf]) -> bool {
        let is_in = |folder: &PathBuf| {
            fs::canonicalize(folder).is_ok_and(|folder| path != folder && path.starts_with(folder))
        };
        let is_made = |file: &PathBuf| fs::canonicalize(file).is_ok_and(|file| file == path);
        made.iter().any(is_made)
            || depth(path, &self.roots, is_in) > depth(path, &self.never, is_in)
    }
}

/// How specific the folder is that holds a path: the inner one decides.
fn depth(path: &Path, folders: &[PathBuf], is_in: impl Fn(&PathBuf) -> bool) -> usize {
    let holding = folders.iter().filter(|folder| is_in(folder));
    let longest = holding.filter_map(|folder| fs::canonicalize(folder).ok());
    longest
        .map(|folder| folder.components().count().min(path.components().count()))
        .max()
        .unwrap_or_default()
}

/// Opens a path without links; `None` when it is no regular file, or was changed between the check and now.
fn open_exactly(path: &Path) -> Option<File> {
    // A pipe would wait for its other end.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    let opened = file.metadata().ok()?;
    // A folder on the way may have become a link meanwhile: what is there now must be what was opened.
    let there = fs::symlink_metadata(path).ok()?;
    let same = (opened.dev(), opened.ino()) == (there.dev(), there.ino());
    let is_itself = fs::canonicalize(path).is_ok_and(|found| found == path);
    (opened.is_file() && same && is_itself).then_some(file)
}
