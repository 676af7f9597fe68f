//! The directory of an archive, for a first look.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// How many bytes a member may have to be read at a first look.
const SMALL: u64 = 1024;

/// An archive whose directory can be read.
pub(crate) struct Members<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Members<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Self> {
        ZipArchive::new(Cursor::new(bytes)).ok().map(Self)
    }

    /// Whether there is a member of that name. Some programs write the names with another case, or with a slash in front.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0
            .file_names()
            .filter_map(Result::ok)
            .any(|member| member.trim_start_matches('/').eq_ignore_ascii_case(name))
    }

    /// The first bytes of a member.
    pub(crate) fn small(&self, name: &str) -> Option<Vec<u8>> {
        let mut archive = self.0.clone();
        let member = archive.by_name(name).ok()?;
        let mut content = Vec::new();
        member.take(SMALL).read_to_end(&mut content).ok()?;
        Some(content)
    }
}
