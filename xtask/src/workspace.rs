//! Where the repository is.

use std::path::PathBuf;

/// The root of the repository, whatever directory `cargo xtask` was called in.
pub(crate) fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
