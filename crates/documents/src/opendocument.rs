//! OpenDocument: texts, sheets and slides of LibreOffice and WPS.
//!
//! The content of all three is the same vocabulary in one part, read in one go.

mod list;
mod reader;
mod styles;
mod table;

use self::reader::Reader;
use self::styles::Styles;
use crate::archive::{self, Package};
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::xml::{self, Xml};

/// Reads a text, a workbook or a presentation.
///
/// # Errors
/// When it cannot be opened, or may not.
pub(crate) fn read(bytes: &[u8], format: Format, job: &mut Job<'_>) -> Result<(), Error> {
    let mut package = archive::open(bytes, format, job)?;
    if is_encrypted(&mut package) {
        return Err(Error::Encrypted);
    }
    let most = job.limits().unpacked;
    let content = package.part("content.xml", most)?;
    let content = content.ok_or(Error::Damaged { format })?;
    let content = xml::decode(&content);
    let mut styles = Styles::default();
    if let Some(part) = package.part("styles.xml", most)? {
        styles.add(Xml::new(&xml::decode(&part)));
    }
    styles.add(Xml::new(&content));
    let mut events = Xml::new(&content);
    let mut reader = Reader::new(&styles, format, job);
    for event in events.by_ref() {
        reader.take(event);
        if reader.is_over() {
            break;
        }
    }
    reader.finish();
    if events.is_damaged() {
        job.damaged();
    }
    Ok(())
}

/// The parts of an encrypted document look like damaged ones; the manifest says what they are.
fn is_encrypted(package: &mut Package<'_>) -> bool {
    const MOST: u64 = 4 * 1024 * 1024;
    let manifest = package.part("META-INF/manifest.xml", MOST);
    matches!(manifest, Ok(Some(manifest)) if xml::decode(&manifest).contains("encryption-data"))
}
