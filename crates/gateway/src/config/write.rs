//! Writes a configuration file so that at no moment there is half of it, and keeps the ones before.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Copies of what was there before, beside the file itself: `.bak`, `.bak.1` … (reference of OpenClaw core §1.2).
const BACKUPS: usize = 5;

/// Puts a text in the place of a file, in one step. The file before becomes `.bak`; whoever may read it stays the same, and
/// a new file is private. A link is followed.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&path) {
        file.as_file().set_permissions(metadata.permissions())?;
        back_up(&path)?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Remembers a file as the last one that worked.
pub fn keep_last_good(path: &Path) -> io::Result<()> {
    copy(path, &beside(path, ".last-good"))
}

fn back_up(path: &Path) -> io::Result<()> {
    let name = |number: usize| match number {
        0 => beside(path, ".bak"),
        number => beside(path, &format!(".bak.{number}")),
    };
    for number in (1..BACKUPS).rev() {
        match fs::rename(name(number - 1), name(number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    copy(path, &name(0))
}

/// Copies as a whole or not at all, with the same permissions.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(&fs::read(from)?)?;
    file.as_file()
        .set_permissions(fs::metadata(from)?.permissions())?;
    file.persist(to).map(drop).map_err(|error| error.error)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ones_before_are_kept_as_far_as_five() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chela.json");
        for number in 0..8 {
            write(&path, &format!("{{ /* {number} */ }}")).unwrap();
        }
        let read = |ending: &str| fs::read_to_string(beside(&path, ending)).unwrap();
        assert!(read("").contains('7'));
        assert!(read(".bak").contains('6'));
        assert!(read(".bak.4").contains('2'));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1 + BACKUPS);
        keep_last_good(&path).unwrap();
        assert!(read(".last-good").contains('7'));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (
            folder.path().join("real.json"),
            folder.path().join("link.json"),
        );
        write(&real, "{}").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&real), 0o600);
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        write(&link, "{ }").unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "{ }");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!((mode(&real), mode(&beside(&real, ".bak"))), (0o640, 0o640));
    }
}
