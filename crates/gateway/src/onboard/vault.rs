//! The file of secrets beside the configuration: readable by its owner only, so that the configuration itself can be shown.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::catalogue::{Code, Failure, onboard as words};
use crate::config::{Environment, variable};
use crate::secret::Secret;

/// `secrets.json` beside a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    path: PathBuf,
    /// As the configuration names it.
    shown: String,
}

impl Vault {
    /// The one that belongs to a configuration file.
    pub(crate) fn beside(config: &Path, environment: &Environment) -> Self {
        let folder = config.parent().unwrap_or(Path::new(""));
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        let path = folder.join("secrets.json");
        let home = environment.path(variable::HOME);
        let below = home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_path_buf));
        let shown = below.map_or_else(
            || path.display().to_string(),
            |below| format!("~/{}", below.display()),
        );
        Self { path, shown }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How the configuration refers to a secret.
    pub(crate) fn reference(&self, way: &[&str]) -> Value {
        json!({ "source": "file", "path": self.shown, "id": pointer(way) })
    }

    /// Keeps a secret, in one step and beside those that are there.
    ///
    /// # Errors
    /// When the file cannot be written, or is something else than this program writes.
    pub(crate) fn put(&self, way: &[&str], secret: &Secret) -> Result<(), Failure> {
        let failed = |error: &io::Error| {
            Failure::new(Code::ConfigNotWritten)
                .at_file(self.path.clone())
                .caused_by(error)
        };
        let mut whole = match fs::read_to_string(&self.path) {
            Ok(text) => serde_json::from_str(&text).map_err(|_| self.strange())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Value::Object(Map::new()),
            Err(error) => return Err(failed(&error)),
        };
        let mut place = &mut whole;
        for name in way {
            let entries = place.as_object_mut().ok_or_else(|| self.strange())?;
            let entry = entries.entry(*name);
            place = entry.or_insert_with(|| Value::Object(Map::new()));
        }
        *place = secret.expose().into();
        self.write(&format!("{whole:#}\n"))
            .map_err(|error| failed(&error))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.as_file()
            .set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }

    fn strange(&self) -> Failure {
        Failure::new(Code::ConfigNotWritten)
            .at_file(self.path.clone())
            .message(words::strange_vault(&self.path.display().to_string()))
    }
}

/// A JSON pointer (RFC 6901).
fn pointer(way: &[&str]) -> String {
    let escaped = way
        .iter()
        .map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1")));
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretSource;

    async fn read(vault: &Vault, way: &[&str]) -> String {
        let source = SecretSource::File {
            path: vault.path().to_path_buf(),
            pointer: Some(pointer(way)),
        };
        source.resolve().await.unwrap().expose().to_owned()
    }

    #[tokio::test]
    async fn secrets_are_kept_beside_each_other_and_only_their_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().display().to_string();
        let environment = Environment::of([("HOME", home.as_str())]);
        let vault = Vault::beside(&folder.path().join(".chela/chela.json"), &environment);
        let odd = ["dingtalk", "a/b~c 钉", "clientSecret"];
        vault.put(&odd, &Secret::new("one-demo")).unwrap();
        vault
            .put(&["models", "x", "apiKey"], &Secret::new("two-demo"))
            .unwrap();
        vault.put(&odd, &Secret::new("three-demo")).unwrap();
        let mode = fs::metadata(vault.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(read(&vault, &odd).await, "three-demo");
        assert_eq!(read(&vault, &["models", "x", "apiKey"]).await, "two-demo");
        assert_eq!(vault.reference(&odd)["path"], "~/.chela/secrets.json");
        fs::write(vault.path(), "not ours").unwrap();
        let refused = vault.put(&odd, &Secret::new("four-demo")).unwrap_err();
        assert_eq!(refused.code(), Code::ConfigNotWritten);
        assert_eq!(fs::read_to_string(vault.path()).unwrap(), "not ours");
    }
}
