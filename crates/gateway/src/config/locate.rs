//! Where the configuration file is.

use std::path::{Path, PathBuf};

use super::{Environment, variable};
use crate::catalogue::{Code, Failure};

/// Where the configuration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In a file.
    File(PathBuf),
    /// In environment variables only.
    Environment,
}

/// Finds the configuration: `--config`, `CHELA_CONFIG`, `~/.chela/chela.json`, `~/.openclaw/openclaw.json`, and when
/// there is none, the environment. Fails when a file was named that does not exist.
pub fn locate(chosen: Option<&Path>, environment: &Environment) -> Result<Location, Failure> {
    let named = chosen
        .map(Path::to_path_buf)
        .or_else(|| environment.path(variable::CONFIG));
    if let Some(path) = named {
        return if is_absent(&path) {
            Err(Failure::new(Code::ConfigNotFound).at_file(path))
        } else {
            Ok(Location::File(path))
        };
    }
    let Some(home) = environment.path(variable::HOME) else {
        return Ok(Location::Environment);
    };
    let candidates = [
        home.join(".chela/chela.json"),
        home.join(".openclaw/openclaw.json"),
    ];
    let found = candidates.into_iter().find(|path| !is_absent(path));
    Ok(found.map_or(Location::Environment, Location::File))
}

/// A file that may not be looked at counts as present: reading it then says why it fails.
fn is_absent(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}
