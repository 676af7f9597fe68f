//! Secrets: what they are, where they come from, and that they stay unseen.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncReadExt;

/// A secret in memory. Has neither `Display` nor serialisation; `Debug` shows nothing; wiped when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The secret itself, for the request that needs it; never for a log or an error.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Whether a setting has changed; not for comparing with what a stranger sends.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(<redacted>)")
    }
}

/// Where a secret comes from. It is fetched when it is needed and not before, so that `config validate` runs no
/// command and needs no access to key files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// It stands in the configuration or in the environment.
    Given(Secret),
    /// An environment variable names it, and it is not set.
    MissingVariable(String),
    /// A file holds it.
    File {
        /// The file.
        path: PathBuf,
        /// A JSON pointer into it; without one, the whole file is the secret, less white space around it.
        pointer: Option<String>,
    },
    /// A program prints it.
    Command {
        /// The program; no shell is involved.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// How long it may take.
        timeout: Duration,
    },
}

/// Why a secret cannot be had. Never holds any part of the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("environment variable {0} is not set")]
    MissingVariable(String),
    /// The file cannot be read.
    #[error("secret file {path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not JSON, or the pointer leads nowhere in it.
    #[error("secret file {path} has no text at {pointer}")]
    NotInFile {
        /// The file.
        path: PathBuf,
        /// The place that was looked at.
        pointer: String,
    },
    /// The program cannot be started or its output cannot be read.
    #[error("secret command {program} cannot be run")]
    NotRun {
        /// The program.
        program: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The program ended badly.
    #[error("secret command {program} failed: {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// The program took too long and was ended.
    #[error("secret command {program} took longer than {} s", timeout.as_secs())]
    TimedOut {
        /// The program.
        program: String,
        /// What was allowed.
        timeout: Duration,
    },
    /// There is nothing, too much (64 kB is the limit) or no text.
    #[error("secret is empty, longer than 64 kB, or not text")]
    Unusable,
}

/// No key is longer; a file or command that gives more is the wrong one.
const MAXIMUM_LENGTH: u64 = 64 * 1024;

impl SecretSource {
    /// Fetches the secret. Dropping the future ends a running command.
    pub async fn resolve(&self) -> Result<Secret, SecretError> {
        let value = match self {
            Self::Given(secret) => return Ok(secret.clone()),
            Self::MissingVariable(name) => return Err(SecretError::MissingVariable(name.clone())),
            Self::File { path, pointer } => read_file(path, pointer.as_deref()).await?,
            Self::Command {
                program,
                arguments,
                timeout,
            } => run(program, arguments, *timeout).await?,
        };
        match value.trim() {
            "" => Err(SecretError::Unusable),
            trimmed => Ok(Secret::new(trimmed)),
        }
    }
}

async fn read_file(path: &PathBuf, pointer: Option<&str>) -> Result<String, SecretError> {
    let unreadable = |source| SecretError::Unreadable {
        path: path.clone(),
        source,
    };
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let text = match read_text(file).await {
        Ok(text) => text.ok_or(SecretError::Unusable)?,
        Err(source) => return Err(unreadable(source)),
    };
    let Some(pointer) = pointer else {
        return Ok(text);
    };
    let found = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|value| Some(value.pointer(pointer)?.as_str()?.to_owned()));
    found.ok_or_else(|| SecretError::NotInFile {
        path: path.clone(),
        pointer: pointer.to_owned(),
    })
}

async fn run(
    program: &str,
    arguments: &[String],
    timeout: Duration,
) -> Result<String, SecretError> {
    let not_run = |source| SecretError::NotRun {
        program: program.to_owned(),
        source,
    };
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(not_run)?;
    let output = child.stdout.take();
    let work = async {
        let text = match output {
            Some(output) => read_text(output).await?,
            None => None,
        };
        Ok((text, child.wait().await?))
    };
    match tokio::time::timeout(timeout, work).await {
        Ok(Ok((text, status))) if status.success() => text.ok_or(SecretError::Unusable),
        Ok(Ok((_, status))) => Err(SecretError::Failed {
            program: program.to_owned(),
            status,
        }),
        Ok(Err(source)) => Err(not_run(source)),
        Err(_elapsed) => Err(SecretError::TimedOut {
            program: program.to_owned(),
            timeout,
        }),
    }
}

/// Reads at most [`MAXIMUM_LENGTH`] bytes; `None` when there is more or it is no text.
async fn read_text(source: impl tokio::io::AsyncRead + Unpin) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut limited = source.take(MAXIMUM_LENGTH + 1);
    limited.read_to_end(&mut bytes).await?;
    let fits = bytes.len() as u64 <= MAXIMUM_LENGTH;
    Ok(String::from_utf8(bytes).ok().filter(|_| fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(program: &str, arguments: &[&str]) -> SecretSource {
        SecretSource::Command {
            program: program.to_owned(),
            arguments: arguments
                .iter()
                .map(|&argument| argument.to_owned())
                .collect(),
            timeout: Duration::from_millis(300),
        }
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        let source = SecretSource::Given(Secret::new("hunter2"));
        assert_eq!(format!("{source:?}"), "Given(Secret(<redacted>))");
    }

    #[tokio::test]
    async fn files_give_secrets_whole_or_by_pointer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        std::fs::write(&path, r#"{"dingtalk":{"secret":"inside"}}"#).unwrap();
        let file = |pointer: Option<&str>| SecretSource::File {
            path: path.clone(),
            pointer: pointer.map(str::to_owned),
        };
        let found = file(Some("/dingtalk/secret")).resolve().await.unwrap();
        assert_eq!(found.expose(), "inside");
        let missing = file(Some("/nowhere")).resolve().await.unwrap_err();
        assert!(matches!(missing, SecretError::NotInFile { .. }));
        std::fs::write(&path, "  whole\n").unwrap();
        assert_eq!(file(None).resolve().await.unwrap().expose(), "whole");
        std::fs::write(&path, vec![b'a'; 70_000]).unwrap();
        let long = file(None).resolve().await.unwrap_err();
        assert!(matches!(long, SecretError::Unusable));
    }

    #[tokio::test]
    async fn commands_give_secrets_within_their_time() {
        let printed = command("printf", &["%s\\n", "from a program"])
            .resolve()
            .await;
        assert_eq!(printed.unwrap().expose(), "from a program");
        let failed = command("false", &[]).resolve().await.unwrap_err();
        assert!(matches!(failed, SecretError::Failed { .. }));
        let absent = command("/nonexistent/program", &[])
            .resolve()
            .await
            .unwrap_err();
        assert!(matches!(absent, SecretError::NotRun { .. }));
        let slow = command("sleep", &["30"]).resolve().await.unwrap_err();
        assert!(matches!(slow, SecretError::TimedOut { .. }));
    }
}
