//! What was answered before somebody pressed Ctrl+C, so that the next time goes on from there. Holds no secret.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::Answers;
use crate::catalogue::{Code, Failure};
use crate::state::StateDirectory;

/// The file with unfinished answers.
pub(crate) struct Draft {
    path: PathBuf,
    /// The configuration that is being made.
    config: PathBuf,
}

#[derive(Deserialize, Serialize)]
struct Content {
    config: PathBuf,
    answers: Answers,
}

impl Draft {
    /// The one of a state directory, for a configuration.
    pub(crate) fn of(state: &StateDirectory, config: &Path) -> Self {
        Self {
            path: state.root().join("onboard.json"),
            config: config.to_path_buf(),
        }
    }

    /// What was answered for this configuration. A file that cannot be read counts as none.
    pub(crate) fn load(&self) -> Option<Answers> {
        let text = fs::read_to_string(&self.path).ok()?;
        let content: Content = serde_json::from_str(&text).ok()?;
        let is_ours = content.config == self.config && content.answers.is_begun();
        is_ours.then_some(content.answers)
    }

    /// Remembers the answers.
    pub(crate) fn save(&self, answers: &Answers) -> Result<(), Failure> {
        let content = Content {
            config: self.config.clone(),
            answers: answers.clone(),
        };
        let text = serde_json::to_string_pretty(&content).unwrap_or_default();
        self.write(&text).map_err(|error| {
            Failure::new(Code::StateUnusable)
                .at_file(self.path.clone())
                .caused_by(&error)
        })
    }

    /// Forgets them. That they cannot be removed does no harm: they are offered again.
    pub(crate) fn forget(&self) {
        drop(fs::remove_file(&self.path));
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        file.as_file()
            .set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onboard::Access;

    #[test]
    fn answers_are_found_again_for_the_same_configuration_only() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDirectory::at(folder.path().to_path_buf());
        let draft = Draft::of(&state, Path::new("/one/chela.json"));
        assert_eq!(draft.load(), None);
        let answers = Answers {
            access: Some(Access::Allowlist(vec!["小满".to_owned()])),
            ..Answers::default()
        };
        draft.save(&answers).unwrap();
        assert_eq!(draft.load(), Some(answers));
        let other = Draft::of(&state, Path::new("/two/chela.json"));
        assert_eq!(other.load(), None);
        fs::write(folder.path().join("onboard.json"), "{ half").unwrap();
        assert_eq!(draft.load(), None);
        draft.forget();
        assert!(!folder.path().join("onboard.json").exists());
    }
}
