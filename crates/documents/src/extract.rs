//! The one way in: what is it, may it be opened, who reads it.

use serde::{Deserialize, Serialize};

use crate::format::{self, Format};
use crate::job::Job;
use crate::limits::{Limit, Limits};
use crate::note::Note;
use crate::{archive, email, ofd, office, opendocument, pdf, rtf, sheet, text, web};

/// A document as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extract {
    /// What the file is.
    pub format: Format,
    /// Its text.
    pub markdown: String,
    /// What is not in the text.
    pub notes: Vec<Note>,
}

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum Error {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is nothing that is read here: a picture, a program, a film.
    #[error("files of this kind are not read: {found}")]
    Unsupported {
        /// What it seems to be: a format, or `binary`.
        found: String,
    },
    /// A password is needed.
    #[error("the file is encrypted")]
    Encrypted,
    /// It breaks off, or is not what it says.
    #[error("the file is damaged")]
    Damaged {
        /// What it should have been.
        format: Format,
    },
    /// It costs more than it may.
    #[error("the file is over the limit of {limit:?}")]
    TooLarge {
        /// Which limit.
        limit: Limit,
    },
    /// The reader had to be killed because the time was over.
    #[error("the file takes too long to read")]
    TimedOut,
    /// The reader died on this file.
    #[error("the reader died of the file")]
    WorkerDied,
    /// The reader cannot be started, or the file cannot be handed to it: not the fault of the file.
    #[error("the reader cannot be started")]
    WorkerUnavailable,
}

/// Reads a document in this process.
///
/// The name only helps where the bytes do not say what they are; it may be anything. Parsers can abort the process on
/// hostile bytes: call this where that harms nobody, as [`crate::serve`] does.
///
/// # Errors
/// See [`Error`].
pub fn extract(bytes: &[u8], name: &str, limits: &Limits) -> Result<Extract, Error> {
    let mut job = Job::new(limits);
    let format = read(bytes, name, &mut job)?;
    let (markdown, notes) = job.finish();
    Ok(Extract {
        format,
        markdown,
        notes,
    })
}

/// Reads a document, or a member of one, to the end of what the job has.
pub(crate) fn read(bytes: &[u8], name: &str, job: &mut Job<'_>) -> Result<Format, Error> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    if bytes.len() as u64 > job.limits().bytes {
        return Err(Error::TooLarge {
            limit: Limit::Bytes,
        });
    }
    let found = format::detect(bytes, name)?;
    if found.is_mislabelled {
        job.note(Note::Mislabelled {
            found: found.format,
        });
    }
    let format = found.format;
    match format {
        Format::Pdf => pdf::read(bytes, job),
        Format::Docx | Format::Pptx | Format::Doc | Format::Ppt => office::read(bytes, format, job),
        Format::Xlsx | Format::Xlsb | Format::Xls | Format::Ods => sheet::read(bytes, format, job),
        Format::Odt | Format::Odp => opendocument::read(bytes, format, job),
        Format::Ofd => ofd::read(bytes, job),
        Format::Rtf => rtf::read(bytes, job),
        Format::Eml => email::read(bytes, job),
        Format::Zip => archive::read(bytes, job),
        Format::Html => web::read(bytes, job),
        Format::Csv => text::csv::read(bytes, name, job),
        Format::Json => text::json::read(bytes, job),
        Format::Markdown | Format::Text => text::plain::read(bytes, job),
        Format::Xml | Format::Yaml | Format::Code => text::code::read(bytes, name, format, job),
    }?;
    Ok(format)
}
