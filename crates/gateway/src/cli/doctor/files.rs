//! Who can use a file, and how that is tightened.

use std::path::{Path, PathBuf};

use super::examination::Examination;
use crate::config::{Config, Origin};
use crate::secret::SecretSource;

/// The permission bits of a file; `None` where there are none.
#[cfg(unix)]
pub(super) fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(path.metadata().ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
pub(super) fn mode(_: &Path) -> Option<u32> {
    None
}

/// The configuration file.
pub(super) fn config_file(config: &Config) -> Option<&Path> {
    match &config.origin {
        Origin::File(path) => Some(path),
        Origin::Environment => None,
    }
}

/// Every secret of the configuration.
pub(super) fn secrets(config: &Config) -> impl Iterator<Item = &SecretSource> {
    let bots = config.accounts.iter().map(|account| &account.client_secret);
    let keys = config
        .providers
        .values()
        .filter_map(|provider| provider.api_key.as_ref());
    bots.chain(keys).chain(config.admin.token.as_ref())
}

/// The files that secrets are kept in.
pub(super) fn secret_files(config: &Config) -> Vec<&Path> {
    let files = secrets(config).filter_map(|source| match source {
        SecretSource::File { path, .. } => Some(path.as_path()),
        _ => None,
    });
    files.collect()
}

/// The files in a directory.
pub(super) fn files_in(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect()
}

/// Takes everybody else's permissions from what is private; gives back what was changed.
pub(super) fn mend(examination: &Examination<'_>) -> Vec<PathBuf> {
    let mut private: Vec<PathBuf> = Vec::new();
    if let Some(config) = &examination.config {
        private.extend(config_file(config).map(Path::to_path_buf));
        private.extend(secret_files(config).into_iter().map(Path::to_path_buf));
    }
    if let Ok(state) = examination.state() {
        private.extend(files_in(&state.logs()));
        private.push(state.logs());
        private.push(state.root().to_path_buf());
    }
    private.retain(|path| tighten(path));
    private
}

#[cfg(unix)]
fn tighten(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(mode) = mode(path).filter(|mode| mode & 0o077 != 0) else {
        return false;
    };
    let permissions = std::fs::Permissions::from_mode(mode & 0o700);
    std::fs::set_permissions(path, permissions).is_ok()
}

#[cfg(not(unix))]
fn tighten(_: &Path) -> bool {
    false
}
