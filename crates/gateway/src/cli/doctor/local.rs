//! What can be examined on this machine: configuration, state directory, disk, database.

use std::path::Path;

use super::Report;
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure, cli};
use crate::cli::config::origin;
use crate::cli::entry::Context;
use crate::config::{Config, Origin, Severity};
use crate::media::{FFMPEG, Ffmpeg};
use crate::secret::SecretSource;
use crate::state::{Occupancy, StateDirectory};

/// Less than this is soon used up by logs and messages, in MB.
const LITTLE_SPACE: u64 = 200;

pub(super) fn configuration(
    context: &Context,
    report: &mut Report<'_>,
) -> Result<Option<Config>, Failure> {
    let check = Check::Configuration;
    let loaded = match context.load() {
        Ok(loaded) => loaded,
        Err(failure) => {
            report.add(Finding::of(check, Outcome::Bad(failure)))?;
            return Ok(None);
        }
    };
    let config = loaded.config;
    let words = cli::valid(
        &origin(context, &config.origin),
        config.accounts.len(),
        config.agents.len(),
    );
    report.add(Finding::of(check, Outcome::Good(words)))?;
    let warnings = loaded
        .remarks
        .into_iter()
        .filter(|remark| remark.severity() == Severity::Warning);
    if let Some(warnings) = Failure::of_reports(warnings.collect()) {
        report.add(Finding::of(check, Outcome::Doubtful(warnings)))?;
    }
    if let Some(failure) = exposed(&config) {
        report.add(Finding::of(check, Outcome::Doubtful(failure)))?;
    }
    if config.accounts.is_empty() {
        report.add(Finding::of(
            check,
            Outcome::Bad(Failure::new(Code::NoAccount)),
        ))?;
    }
    Ok(Some(config))
}

/// Whether others can read secrets that stand in the file.
fn exposed(config: &Config) -> Option<Failure> {
    let Origin::File(path) = &config.origin else {
        return None;
    };
    let secrets = config.accounts.iter().map(|account| &account.client_secret);
    let keys = config
        .providers
        .values()
        .filter_map(|provider| provider.api_key.as_ref());
    let mut all = secrets.chain(keys).chain(config.admin.token.as_ref());
    let mode = mode(path).filter(|mode| mode & 0o077 != 0)?;
    let stands_there = all.any(|source| matches!(source, SecretSource::Given(_)));
    let failure = || Failure::warning(Code::ConfigExposed).message(diagnosis::mode(path, mode));
    stands_there.then(failure)
}

pub(super) async fn state(context: &Context, report: &mut Report<'_>) -> Result<(), Failure> {
    let state = match StateDirectory::locate(&context.environment) {
        Ok(state) => state,
        Err(failure) => {
            report.add(Finding::of(Check::State, Outcome::Bad(failure)))?;
            report.add(Finding::depending(Check::Disk, None, Check::State))?;
            return report.add(Finding::depending(Check::Store, None, Check::State));
        }
    };
    let outcome = directory(&state);
    let is_usable = !matches!(outcome, Outcome::Bad(_));
    report.add(Finding::of(Check::State, outcome))?;
    report.add(Finding::of(Check::Disk, disk(state.root())))?;
    report.add(if is_usable {
        Finding::of(Check::Store, store(&state).await)
    } else {
        Finding::depending(Check::Store, None, Check::State)
    })
}

pub(super) async fn ffmpeg(report: &mut Report<'_>) -> Result<(), Failure> {
    let outcome = match Ffmpeg::find(FFMPEG).await {
        Some(_) => Outcome::Good(diagnosis::ffmpeg_runs()),
        None => Outcome::Doubtful(Failure::warning(Code::FfmpegMissing)),
    };
    report.add(Finding::of(Check::Ffmpeg, outcome))
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
    match mode(root) {
        Some(mode) if mode & 0o077 != 0 => Outcome::Doubtful(
            Failure::warning(Code::StateExposed).message(diagnosis::mode(root, mode)),
        ),
        _ => Outcome::Good(diagnosis::usable(root)),
    }
}

/// Writes and removes a small file.
fn write_in(root: &Path) -> std::io::Result<()> {
    let path = root.join(format!("doctor-{}.tmp", std::process::id()));
    std::fs::write(&path, "ok")?;
    std::fs::remove_file(&path)
}

fn disk(root: &Path) -> Outcome {
    let existing = root.ancestors().find(|path| path.exists()).unwrap_or(root);
    match free_megabytes(existing) {
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

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(path.metadata().ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

async fn store(state: &StateDirectory) -> Outcome {
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
