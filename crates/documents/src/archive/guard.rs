//! No archive is unpacked before its directory has been walked.
//!
//! Declared sizes can lie, so what could be large is also measured, by unpacking it into nothing.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::limits::Limit;

/// Deflate makes at most this many bytes out of one.
const MOST: u64 = 1_032;
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
    let mut sizes = Sizes::default();
    for index in 0..package.len() {
        sizes.add(&mut package, index, job.limits().ratio)?;
    }
    if sizes.declared > job.may_unpack() {
        return Err(Error::TooLarge {
            limit: Limit::Unpacked,
        });
    }
    // What is so small that no lie could make it too large is not measured.
    let real = if sizes.packed.saturating_mul(MOST) <= job.may_unpack() {
        sizes.declared
    } else {
        package.measure(job.may_unpack(), job.limits().ratio)?
    };
    job.unpack(real)?;
    Ok(package)
}

#[derive(Default)]
struct Sizes {
    declared: u64,
    packed: u64,
}

impl Sizes {
    fn add(&mut self, package: &mut Package<'_>, index: usize, ratio: u64) -> Result<(), Error> {
        let format = package.format;
        let entry = package
            .archive
            .by_index_raw(index)
            .map_err(|error| failure(&error, format))?;
        if entry.encrypted() {
            // An archive of which some members can be read is read.
            return if format == Format::Zip {
                Ok(())
            } else {
                Err(Error::Encrypted)
            };
        }
        check_ratio(entry.size(), entry.compressed_size(), ratio)?;
        self.declared = self.declared.saturating_add(entry.size());
        self.packed = self.packed.saturating_add(entry.compressed_size());
        Ok(())
    }
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

    /// How many bytes it really holds.
    fn measure(&mut self, most: u64, ratio: u64) -> Result<u64, Error> {
        let mut sum = 0_u64;
        for index in 0..self.len() {
            // What cannot be unpacked takes no room; whoever wants it is told.
            let Ok(entry) = self.archive.by_index(index) else {
                continue;
            };
            let packed = entry.compressed_size();
            let mut limited = entry.take((most - sum).saturating_add(1));
            let size = count(&mut limited);
            sum += size;
            if sum > most {
                return Err(Error::TooLarge {
                    limit: Limit::Unpacked,
                });
            }
            check_ratio(size, packed, ratio)?;
        }
        Ok(sum)
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

fn count(reader: &mut impl Read) -> u64 {
    let mut buffer = [0; 64 * 1024];
    let mut sum = 0;
    // A damaged entry ends where it is damaged.
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        sum += read as u64;
    }
    sum
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
