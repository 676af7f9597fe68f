//! Texts and slides of Microsoft Office, old and new, by undoc; markitdown-core is asked where that fails.

mod lists;

use markitdown_core::{Options, StreamInfo};
use undoc::render::{self, RenderOptions};
use undoc::{Document, ResourceRole};

use crate::archive;
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;

/// Reads a document or a presentation.
///
/// # Errors
/// When it cannot be opened, or may not.
pub(crate) fn read(bytes: &[u8], format: Format, job: &mut Job<'_>) -> Result<(), Error> {
    let mut package = match format {
        Format::Docx | Format::Pptx => Some(archive::open(bytes, format, job)?),
        _ => None,
    };
    let parsed = match undoc::parse_bytes(bytes) {
        Ok(mut document) => {
            if let Some(package) = package.as_mut().filter(|_| format == Format::Docx) {
                lists::complete(&mut document, package);
            }
            pictures(&document, job);
            write(&document, job)
        }
        Err(undoc::Error::Encrypted) => return Err(Error::Encrypted),
        Err(_) => None,
    };
    // An empty document is no failure, but a document that only seems empty is worth another look.
    if parsed.is_none_or(|length| length == 0) && package.is_some() {
        return again(bytes, format, parsed.is_some(), job);
    }
    parsed.map(|_length| ()).ok_or(Error::Damaged { format })
}

/// Writes a document; the length of its markdown, or none when it cannot be written.
fn write(document: &Document, job: &mut Job<'_>) -> Option<usize> {
    let options = RenderOptions {
        max_heading_level: 6,
        // For a model, a backslash in every name and number is noise.
        escape_special_chars: false,
        // The files are not there; pictures are counted instead.
        include_images: false,
        ..RenderOptions::default()
    };
    let markdown = render::to_markdown(document, &options).ok()?;
    job.markdown.raw(&markdown);
    Some(markdown.trim().len())
}

fn pictures(document: &Document, job: &mut Job<'_>) {
    let mut names: Vec<&str> = document
        .resources
        .iter()
        .filter(|(_, resource)| resource.is_image() && resource.role == ResourceRole::Primary)
        .map(|(identifier, resource)| resource.filename.as_deref().unwrap_or(identifier))
        .collect();
    names.sort_unstable();
    for name in names {
        job.image(Some(name));
    }
}

fn again(bytes: &[u8], format: Format, is_empty: bool, job: &mut Job<'_>) -> Result<(), Error> {
    let ending = if format == Format::Docx {
        ".docx"
    } else {
        ".pptx"
    };
    let info = StreamInfo {
        extension: Some(ending.to_owned()),
        ..StreamInfo::default()
    };
    match markitdown_core::convert(bytes, &info, &Options::default()) {
        Ok(markdown) => {
            job.markdown.raw(&markdown);
            Ok(())
        }
        Err(_) if is_empty => Ok(()),
        Err(_) => Err(Error::Damaged { format }),
    }
}
