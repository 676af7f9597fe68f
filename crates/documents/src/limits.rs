//! How much a document may cost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one attachment may cost, everything inside it included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The largest file that is opened, in bytes.
    pub bytes: u64,
    /// How many entries an archive may have. Office documents are archives, too.
    pub entries: usize,
    /// How many bytes all archives of the attachment may hold when unpacked.
    pub unpacked: u64,
    /// How many times larger an entry may become, once it is larger than a mebibyte.
    pub ratio: u64,
    /// How many archives and messages may lie inside each other: 1 reads the members of an archive, but not the members
    /// of an archive in it.
    pub depth: usize,
    /// How many pages of a document are read.
    pub pages: usize,
    /// How many rows of a sheet are read.
    pub rows: usize,
    /// How many columns of a sheet are read.
    pub columns: usize,
    /// How many characters of markdown may come out.
    pub characters: usize,
    /// After this time the reader stops where it is; a second later it is killed.
    pub time: Duration,
    /// How much memory the reader may have, in bytes.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            entries: 10_000,
            unpacked: 256 * 1024 * 1024,
            ratio: 200,
            depth: 3,
            pages: 500,
            rows: 2_000,
            columns: 100,
            characters: 200_000,
            time: Duration::from_secs(20),
            memory: 1024 * 1024 * 1024,
        }
    }
}

/// Which limit a document was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// [`Limits::bytes`].
    Bytes,
    /// [`Limits::entries`].
    Entries,
    /// [`Limits::unpacked`].
    Unpacked,
    /// [`Limits::ratio`].
    Ratio,
    /// [`Limits::memory`].
    Memory,
    /// The program's own limit on how deep the parts of a document may lie in each other.
    Nesting,
}
