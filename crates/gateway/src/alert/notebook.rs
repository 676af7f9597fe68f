//! What has been told, in a file of the state directory, so that a restart tells nothing twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::state::write_private;

/// What has been told and is not over, by name.
pub(super) type Told = BTreeMap<String, Entry>;

/// One incident that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// How bad it was when it was last told.
    pub(super) level: u8,
    /// Its code.
    pub(super) code: String,
}

/// The file.
#[derive(Clone, Debug)]
pub(super) struct Notebook(PathBuf);

impl Notebook {
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    /// What was told before. A file that is missing or damaged tells nothing: an alert too many is better than one too
    /// few.
    pub(super) async fn read(&self) -> Told {
        match tokio::fs::read_to_string(&self.0).await {
            Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
            Err(_) => Told::new(),
        }
    }

    pub(super) async fn write(&self, told: &Told) {
        let (path, text) = (
            self.0.clone(),
            serde_json::to_string(told).unwrap_or_default(),
        );
        let written = tokio::task::spawn_blocking(move || write_private(&path, &text)).await;
        // A disk that takes nothing is itself an incident.
        if !matches!(written, Ok(Ok(()))) {
            tracing::debug!(?written, "what was told cannot be noted");
        }
    }
}
