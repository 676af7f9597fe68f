//! Who else can read secrets, change what the gateway does, or use the bot. The ids are those of OpenClaw's audit.

use std::path::Path;

use chela_engine::router;

use super::examination::{Examination, fine, skipped};
use super::files::{config_file, files_in, mode, secret_files, secrets};
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::secret::SecretSource;

const OTHERS_READ: u32 = 0o004;
const GROUP_READS: u32 = 0o040;
const OTHERS_WRITE: u32 = 0o022;

/// OpenClaw's own limit.
const SHORTEST_TOKEN: usize = 24;

fn warning(check: Check, failure: Failure) -> Vec<Finding> {
    vec![Finding::of(check, Outcome::Doubtful(failure))]
}

/// Whether a file has none of these bits.
fn has_not(check: Check, code: Code, path: Option<&Path>, bits: u32) -> Vec<Finding> {
    let Some(path) = path.filter(|path| path.exists()) else {
        return skipped(check, diagnosis::NOT_NEEDED);
    };
    match mode(path) {
        Some(mode) if mode & bits != 0 => warning(
            check,
            Failure::warning(code).message(diagnosis::mode(path, mode)),
        ),
        _ => vec![Finding::of(check, Outcome::Good(diagnosis::PRIVATE.into()))],
    }
}

/// The configuration file, if it holds a secret.
fn secret_config<'a>(examination: &'a Examination<'_>) -> Option<&'a Path> {
    let config = examination.config.as_ref()?;
    let holds = secrets(config).any(|source| matches!(source, SecretSource::Given(_)));
    config_file(config).filter(|_| holds)
}

pub(super) async fn config_exposed(examination: &Examination<'_>) -> Vec<Finding> {
    let path = secret_config(examination);
    has_not(Check::ConfigExposed, Code::ConfigExposed, path, OTHERS_READ)
}

pub(super) async fn config_group_readable(examination: &Examination<'_>) -> Vec<Finding> {
    let path = secret_config(examination);
    has_not(
        Check::ConfigGroupReadable,
        Code::ConfigExposed,
        path,
        GROUP_READS,
    )
}

pub(super) async fn config_writable(examination: &Examination<'_>) -> Vec<Finding> {
    let path = examination.config.as_ref().and_then(config_file);
    has_not(
        Check::ConfigWritable,
        Code::ConfigExposed,
        path,
        OTHERS_WRITE,
    )
}

pub(super) async fn secret_in_file(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::SecretInFile;
    match secret_config(examination) {
        Some(path) if stands_in(path) => warning(
            check,
            Failure::warning(Code::SecretInFile).at_file(path.to_path_buf()),
        ),
        _ => fine(check),
    }
}

/// Whether a client secret stands in the file itself: a reference to a variable reads alike once it is resolved.
fn stands_in(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.split(['\n', ',', '{', '}']);
    lines.any(|line| {
        let Some((name, value)) = line.split_once(':') else {
            return false;
        };
        let name = name.trim().trim_matches(['"', '\'']);
        let value = value.trim();
        name == "clientSecret"
            && value.starts_with(['"', '\''])
            && !value.trim_matches(['"', '\'']).is_empty()
            && !value.contains("${")
    })
}

pub(super) async fn secrets_exposed(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::SecretsExposed;
    let files = examination
        .config
        .as_ref()
        .map(secret_files)
        .unwrap_or_default();
    let exposed = files
        .iter()
        .find(|path| mode(path).is_some_and(|mode| mode & 0o077 != 0));
    has_not(
        check,
        Code::ConfigExposed,
        exposed.or(files.first()).copied(),
        0o077,
    )
}

pub(super) async fn token_short(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::TokenShort;
    match given_token(examination) {
        Some(token) if token.chars().count() < SHORTEST_TOKEN => {
            warning(check, Failure::warning(Code::TokenWeak))
        }
        _ => fine(check),
    }
}

pub(super) async fn token_placeholder(examination: &Examination<'_>) -> Vec<Finding> {
    const PLACEHOLDERS: [&str; 6] = [
        "change-me",
        "changeme",
        "your-token",
        "token",
        "secret",
        "replace-me",
    ];
    let check = Check::TokenPlaceholder;
    match given_token(examination) {
        Some(token) if PLACEHOLDERS.contains(&token.to_ascii_lowercase().as_str()) => {
            warning(check, Failure::warning(Code::TokenWeak))
        }
        _ => fine(check),
    }
}

fn given_token<'a>(examination: &'a Examination<'_>) -> Option<&'a str> {
    match examination.config.as_ref()?.admin.token.as_ref()? {
        SecretSource::Given(token) => Some(token.expose()),
        _ => None,
    }
}

/// The interface always wants a token; one that is reachable from elsewhere and weak is told here, too.
pub(super) async fn bind(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Bind;
    let Some(config) = &examination.config else {
        return skipped(check, diagnosis::depends(Check::Configuration));
    };
    let is_weak =
        given_token(examination).is_some_and(|token| token.chars().count() < SHORTEST_TOKEN);
    if !config.admin.address.is_loopback() && is_weak {
        return vec![Finding::of(
            check,
            Outcome::Bad(Failure::new(Code::TokenWeak)),
        )];
    }
    fine(check)
}

pub(super) async fn direct_open(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::DirectOpen;
    let rules = examination
        .config
        .iter()
        .flat_map(|config| &config.rules.accounts);
    let open: Vec<Finding> = rules
        .filter(|(_, rules)| rules.direct == router::DirectPolicy::Open)
        .map(|((_, account), _)| {
            let subject = Some(account.as_str().to_owned());
            let failure = Failure::warning(Code::OpenToAll);
            Finding::new(check, subject, Outcome::Doubtful(failure))
        })
        .collect();
    if open.is_empty() { fine(check) } else { open }
}

pub(super) async fn state_exposed(examination: &Examination<'_>) -> Vec<Finding> {
    let state = examination.state().ok();
    let root = state.as_ref().map(|state| state.root());
    has_not(Check::StateExposed, Code::StateExposed, root, 0o055)
}

pub(super) async fn state_writable(examination: &Examination<'_>) -> Vec<Finding> {
    let state = examination.state().ok();
    let root = state.as_ref().map(|state| state.root());
    has_not(Check::StateWritable, Code::StateExposed, root, 0o022)
}

pub(super) async fn logs_exposed(examination: &Examination<'_>) -> Vec<Finding> {
    let logs = examination.state().map(|state| files_in(&state.logs()));
    let logs = logs.unwrap_or_default();
    let exposed = logs
        .iter()
        .find(|path| mode(path).is_some_and(|mode| mode & 0o077 != 0));
    let path = exposed.or(logs.first()).map(|path| path.as_path());
    has_not(Check::LogsExposed, Code::StateExposed, path, 0o077)
}

/// A folder that is copied elsewhere: databases break there, and secrets leave the machine.
pub(super) async fn synced(examination: &Examination<'_>) -> Vec<Finding> {
    const FOLDERS: [&str; 8] = [
        "dropbox",
        "onedrive",
        "icloud",
        "google drive",
        "坚果云",
        "nutstore",
        "百度网盘",
        "baidusyncdisk",
    ];
    let check = Check::Synced;
    let Ok(state) = examination.state() else {
        return skipped(check, diagnosis::depends(Check::State));
    };
    let is_synced = |part: std::path::Component<'_>| {
        let part = part.as_os_str().to_string_lossy().to_lowercase();
        FOLDERS.iter().any(|folder| part.contains(folder))
    };
    if state.root().components().any(is_synced) {
        let failure = Failure::warning(Code::StateExposed).message(diagnosis::path(state.root()));
        return warning(check, failure);
    }
    fine(check)
}
