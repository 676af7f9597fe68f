//! What a reader of the markdown must know about what is not in it.

use serde::{Deserialize, Serialize};

use crate::extract::Error;
use crate::format::Format;

/// One thing that was not read, or not as it stands in the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// Only the first pages were read.
    Pages {
        /// How many were.
        read: usize,
        /// How many there are.
        total: usize,
    },
    /// Pages on which nothing but pictures is: scans, usually.
    PagesWithoutText {
        /// Their numbers, from 1; the first hundred.
        pages: Vec<usize>,
        /// How many they are.
        count: usize,
    },
    /// Pictures, which were not read.
    Images {
        /// How many.
        count: usize,
        /// The names of the first twenty, where they have names.
        names: Vec<String>,
    },
    /// The markdown ends before the document does.
    Truncated {
        /// After how many characters.
        characters: usize,
    },
    /// Sheets that the author has hidden were left out.
    HiddenSheets {
        /// Their names.
        names: Vec<String>,
    },
    /// Only the first rows of a sheet were read.
    Rows {
        /// The name of the sheet; empty for a file that is one table.
        sheet: String,
        /// How many were.
        read: usize,
        /// How many there are; none when nobody counted.
        total: Option<usize>,
    },
    /// Only the first columns of a sheet were read.
    Columns {
        /// The name of the sheet; empty for a file that is one table.
        sheet: String,
        /// How many were.
        read: usize,
        /// How many there are.
        total: usize,
    },
    /// Members of an archive or attachments of a message that were not read.
    Members {
        /// How many members there are.
        total: usize,
        /// Those that were not read; the first hundred.
        skipped: Vec<Skipped>,
        /// How many were not read.
        count: usize,
    },
    /// The file is not what its name says.
    Mislabelled {
        /// What it is.
        found: Format,
    },
    /// Characters that could not be read and stand as U+FFFD, or not at all.
    UnreadableCharacters {
        /// How many.
        count: usize,
    },
    /// A part of the document is damaged and was left out.
    DamagedParts {
        /// How many.
        count: usize,
    },
    /// The time was over before the document was.
    OutOfTime,
}

/// A member of an archive that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name, made harmless: see the module `archive::name`.
    pub name: String,
    /// Why it was not read.
    pub cause: Cause,
}

/// Why a member was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// Archives lie too deep in each other.
    Nesting,
    /// There was no room left in the markdown.
    NoRoom,
    /// It cannot be read.
    Failed {
        /// Why.
        error: Error,
    },
}
