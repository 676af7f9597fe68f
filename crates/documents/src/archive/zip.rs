//! A zip archive as text: the list of what it holds, then the members that can be read.

use super::guard::{self, Entry, Package};
use super::harmless;
use crate::extract::{self, Error};
use crate::format::Format;
use crate::job::Job;
use crate::markdown::Marker;
use crate::note::{Cause, Note, Skipped};

/// How many members are listed, and how many of those that were not read are named.
const LISTED: usize = 200;
const NAMED: usize = 100;

/// Reads an archive.
///
/// # Errors
/// When it cannot be opened, or may not.
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let mut package = guard::open(bytes, Format::Zip, job)?;
    let entries: Vec<(usize, Entry)> = (0..package.len())
        .filter_map(|index| Some((index, package.entry(index)?)))
        .filter(|(_, entry)| !entry.is_folder && !is_clutter(&entry.name))
        .collect();
    if !entries.is_empty() && entries.iter().all(|(_, entry)| entry.is_encrypted) {
        return Err(Error::Encrypted);
    }
    for (_, entry) in entries.iter().take(LISTED) {
        let line = format!("{} ({})", harmless(&entry.name), size(entry.size));
        job.markdown.item(0, Marker::Bullet, &line);
    }
    let mut skipped = Vec::new();
    for (index, entry) in &entries {
        if let Err(cause) = member(&mut package, *index, entry, job) {
            let name = harmless(&entry.name);
            skipped.push(Skipped { name, cause });
        }
    }
    tell(entries.len(), skipped, job);
    Ok(())
}

/// Remarks what was not read of an archive or a message.
pub(crate) fn tell(total: usize, mut skipped: Vec<Skipped>, job: &mut Job<'_>) {
    let count = skipped.len();
    skipped.truncate(NAMED);
    if count > 0 {
        job.note(Note::Members {
            total,
            skipped,
            count,
        });
    }
}

fn member(
    package: &mut Package<'_>,
    index: usize,
    entry: &Entry,
    job: &mut Job<'_>,
) -> Result<(), Cause> {
    if job.is_over() {
        return Err(Cause::NoRoom);
    }
    let failed = |error| Cause::Failed { error };
    if entry.is_encrypted {
        return Err(failed(Error::Encrypted));
    }
    let content = package.content(index, job.limits().bytes).map_err(failed)?;
    inner(&content, &entry.name, job)
}

/// Reads what lies inside an archive or a message, under its name.
pub(crate) fn inner(content: &[u8], name: &str, job: &mut Job<'_>) -> Result<(), Cause> {
    if job.is_over() {
        return Err(Cause::NoRoom);
    }
    if !job.may_descend() {
        return Err(Cause::Nesting);
    }
    let failed = |error| Cause::Failed { error };
    // The heading stands only over what was read.
    let before = job.markdown.len();
    job.markdown.heading(2, &harmless(name));
    let result = job.descend(|job| extract::read(content, name, job));
    if result.is_err() {
        job.markdown.cut(before);
    }
    result.map(|_format| ()).map_err(failed)
}

/// What systems leave in archives, and nobody means to send.
fn is_clutter(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/") || matches!(last, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{} MB", bytes / 1_048_576),
    }
}
