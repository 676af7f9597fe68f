//! No archive is unpacked before its directory has been walked.
//!
//! Declared sizes can lie, but not harmfully: zip 9 ends an entry that is larger than its declared size with an error, for
//! us and for the parsers that unpack by themselves. A test holds it to that.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::limits::Limit;

/// Entries below this size may have any ratio.
const SMALL: u64 = 1024 * 1024;

/// An archive that may be unpacked.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    format: Format,
}

/// Opens an archive and takes what it holds from what may be unpacked.
///
/// # Errors
/// When it cannot be opened, holds too much, or needs a password.
pub(crate) fn open<'a>(
    bytes: &'a [u8],
    format: Format,
    job: &mut Job<'_>,
) -> Result<Package<'a>, Error> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| failure(&error, format))?;
    let mut package = Package { archive, format };
    if package.len() > job.limits().entries {
        return Err(Error::TooLarge {
            limit: Limit::Entries,
        });
    }
    let mut sum = 0_u64;
    for index in 0..package.len() {
        sum = sum.saturating_add(package.size(index, job.limits().ratio)?);
    }
    job.unpack(sum)?;
    Ok(package)
}

fn check_ratio(size: u64, packed: u64, ratio: u64) -> Result<(), Error> {
    if size > SMALL && size / packed.max(1) > ratio {
        return Err(Error::TooLarge {
            limit: Limit::Ratio,
        });
    }
    Ok(())
}

impl Package<'_> {
    /// How many entries it has.
    pub(crate) fn len(&self) -> usize {
        self.archive.len()
    }

    /// The raw name of an entry, whether it is a folder, and how large it says it is.
    pub(crate) fn entry(&mut self, index: usize) -> Option<Entry> {
        let entry = self.archive.by_index_raw(index).ok()?;
        Some(Entry {
            name: super::name::decode(entry.name_raw()),
            is_folder: entry.is_dir(),
            is_encrypted: entry.encrypted(),
            size: entry.size(),
        })
    }

    /// Unpacks an entry, up to a number of bytes.
    pub(crate) fn content(&mut self, index: usize, most: u64) -> Result<Vec<u8>, Error> {
        let format = self.format;
        let entry = self
            .archive
            .by_index(index)
            .map_err(|error| failure(&error, format))?;
        read(entry, most, format)
    }

    /// Unpacks an entry by its name, up to a number of bytes; none when there is no such entry.
    pub(crate) fn part(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Error> {
        let format = self.format;
        match self.archive.by_name(name) {
            Ok(entry) => read(entry, most, format).map(Some),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(error) => Err(failure(&error, format)),
        }
    }

    /// The declared size of an entry, if it may be unpacked.
    fn size(&mut self, index: usize, ratio: u64) -> Result<u64, Error> {
        let format = self.format;
        let entry = self
            .archive
            .by_index_raw(index)
            .map_err(|error| failure(&error, format))?;
        if entry.encrypted() {
            // Of an archive, the members that are not encrypted are read.
            return match format {
                Format::Zip => Ok(0),
                _ => Err(Error::Encrypted),
            };
        }
        check_ratio(entry.size(), entry.compressed_size(), ratio)?;
        Ok(entry.size())
    }
}

/// An entry of the directory.
pub(crate) struct Entry {
    /// As it stands there: see [`super::harmless`].
    pub(crate) name: String,
    pub(crate) is_folder: bool,
    pub(crate) is_encrypted: bool,
    /// The declared size in bytes.
    pub(crate) size: u64,
}

fn read(entry: impl Read, most: u64, format: Format) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    entry
        .take(most.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|_error| Error::Damaged { format })?;
    if content.len() as u64 > most {
        return Err(Error::TooLarge {
            limit: Limit::Unpacked,
        });
    }
    Ok(content)
}

fn failure(error: &ZipError, format: Format) -> Error {
    match error {
        ZipError::InvalidPassword => Error::Encrypted,
        ZipError::UnsupportedArchive(reason) if reason.contains("assword") => Error::Encrypted,
        _ => Error::Damaged { format },
    }
}
