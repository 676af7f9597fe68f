//! What can be examined on this machine: configuration, state directory, disk, database.

use std::path::Path;

use jsonc_parser::JsonValue;

use super::examination::{Examination, skipped};
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure, cli, run};
use crate::cli::config::origin;
use crate::config::{Origin, Severity};
use crate::media::{FFMPEG, Ffmpeg};
use crate::state::{Occupancy, StateDirectory};

/// Less than this is soon used up by logs and messages, in MB.
const LITTLE_SPACE: u64 = 200;

pub(super) async fn configuration(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Configuration;
    let remarks = match examination.reading.borrow_mut().take() {
        Some(Err(failure)) => return vec![Finding::of(check, Outcome::Bad(failure))],
        Some(Ok(remarks)) => remarks,
        None => Vec::new(),
    };
    let Some(config) = &examination.config else {
        return Vec::new();
    };
    let words = cli::valid(
        &origin(examination.context, &config.origin),
        config.accounts.len(),
        config.agents.len(),
    );
    let mut findings = vec![Finding::of(check, Outcome::Good(words))];
    let warnings = remarks
        .into_iter()
        .filter(|remark| remark.severity() == Severity::Warning);
    if let Some(warnings) = Failure::of_reports(warnings.collect()) {
        findings.push(Finding::of(check, Outcome::Doubtful(warnings)));
    }
    findings
}

pub(super) async fn account(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Account;
    match &examination.config {
        None => vec![Finding::depending(check, None, Check::Configuration)],
        Some(config) if !config.incomplete.is_empty() => {
            let lacks = config.incomplete.iter().map(|account| {
                let failure = Failure::new(Code::AccountIncomplete);
                let failure = failure.message(run::lacks(account.missing));
                let subject = Some(account.id.as_str().to_owned());
                Finding::new(check, subject, Outcome::Bad(failure))
            });
            lacks.collect()
        }
        Some(config) if config.accounts.is_empty() => {
            vec![Finding::of(
                check,
                Outcome::Bad(Failure::new(Code::NoAccount)),
            )]
        }
        Some(_) => vec![Finding::of(check, Outcome::Good(diagnosis::FINE.into()))],
    }
}

/// Which of OpenClaw's two forms the file has.
pub(super) async fn dialect(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Dialect;
    let path = examination.config.as_ref().map(|config| &config.origin);
    let Some(Origin::File(path)) = path else {
        return skipped(check, diagnosis::NOT_NEEDED);
    };
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let value = jsonc_parser::parse_to_value(text, &jsonc_parser::ParseOptions::default());
    let value = value.ok().flatten();
    let has = |section: &str, name: &str| match &value {
        Some(JsonValue::Object(root)) => root
            .get_object(section)
            .is_some_and(|section| section.get(name).is_some()),
        _ => false,
    };
    let newer = has("agents", "entries") || has("env", "vars") || has("meta", "migrations");
    let older = has("agents", "list") || has("messages", "tts") || has("meta", "lastTouchedAt");
    let words = diagnosis::dialect(newer, older);
    let outcome = if newer && older {
        Outcome::Doubtful(
            Failure::warning(Code::ConfigDuplicateKey)
                .message(words)
                .at_file(path.clone()),
        )
    } else {
        Outcome::Good(words)
    };
    vec![Finding::of(check, outcome)]
}

pub(super) async fn state(examination: &Examination<'_>) -> Vec<Finding> {
    let outcome = match examination.state() {
        Ok(state) => directory(&state),
        Err(failure) => Outcome::Bad(failure),
    };
    vec![Finding::of(Check::State, outcome)]
}

pub(super) async fn disk(examination: &Examination<'_>) -> Vec<Finding> {
    let finding = match examination.state() {
        Ok(state) => Finding::of(Check::Disk, room(state.root())),
        Err(_) => Finding::depending(Check::Disk, None, Check::State),
    };
    vec![finding]
}

pub(super) async fn store(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Store;
    let is_usable = examination.troubles_among(&[Check::State]).is_empty();
    let finding = match examination.state() {
        Ok(state) if is_usable => Finding::of(check, database(&state).await),
        _ => Finding::depending(check, None, Check::State),
    };
    vec![finding]
}

pub(super) async fn ffmpeg(_: &Examination<'_>) -> Vec<Finding> {
    let outcome = match Ffmpeg::find(FFMPEG).await {
        Some(_) => Outcome::Good(diagnosis::ffmpeg_runs()),
        None => Outcome::Doubtful(Failure::warning(Code::FfmpegMissing)),
    };
    vec![Finding::of(Check::Ffmpeg, outcome)]
}

fn directory(state: &StateDirectory) -> Outcome {
    let root = state.root();
    if !root.exists() {
        return Outcome::Good(diagnosis::will_be_created(root));
    }
    // Creating what the gateway would create is the only honest test of permissions.
    if let Err(failure) = state.create() {
        return Outcome::Bad(failure);
    }
    if let Err(error) = write_in(root) {
        let code = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Code::StoreFull,
            _ => Code::StateUnusable,
        };
        return Outcome::Bad(
            Failure::new(code)
                .at_file(root.to_path_buf())
                .caused_by(&error),
        );
    }
    Outcome::Good(diagnosis::usable(root))
}

/// Writes and removes a small file.
fn write_in(root: &Path) -> std::io::Result<()> {
    let path = root.join(format!("doctor-{}.tmp", std::process::id()));
    std::fs::write(&path, "ok")?;
    std::fs::remove_file(&path)
}

fn room(root: &Path) -> Outcome {
    let existing = root.ancestors().find(|path| path.exists()).unwrap_or(root);
    enough(free_megabytes(existing))
}

fn enough(free: Option<u64>) -> Outcome {
    match free {
        Some(free) if free < LITTLE_SPACE => {
            Outcome::Doubtful(Failure::warning(Code::DiskLow).message(diagnosis::free(free)))
        }
        Some(free) => Outcome::Good(diagnosis::free(free)),
        None => Outcome::Skipped(diagnosis::not_told()),
    }
}

#[cfg(unix)]
fn free_megabytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize) / (1024 * 1024))
}

#[cfg(not(unix))]
fn free_megabytes(_: &Path) -> Option<u64> {
    None
}

async fn database(state: &StateDirectory) -> Outcome {
    let path = state.database();
    if state.occupancy() != Occupancy::Free {
        return Outcome::Skipped(diagnosis::in_use());
    }
    if !path.exists() {
        return Outcome::Good(diagnosis::will_be_created(&path));
    }
    match chela_store::SqliteStore::open(&path) {
        Ok(store) => {
            let sound = store.examine().await;
            store.close();
            match sound {
                Ok(()) => Outcome::Good(diagnosis::store_opens(&path)),
                Err(error) => Outcome::Bad(
                    Failure::new(Code::of_store(error.kind))
                        .at_file(path)
                        .caused_by(&error),
                ),
            }
        }
        Err(error) => Outcome::Bad(Failure::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_is_told() {
        assert_eq!(Check::Disk.name(), "disk");
        assert!(matches!(enough(Some(LITTLE_SPACE)), Outcome::Good(_)));
        assert!(matches!(
            enough(Some(LITTLE_SPACE - 1)),
            Outcome::Doubtful(_)
        ));
        assert!(matches!(enough(None), Outcome::Skipped(_)));
    }
}
