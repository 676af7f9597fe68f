//! Opens the two connections.

use std::path::{Path, PathBuf};

use chela_engine::ports::StoreError;
use rusqlite::{Connection, OpenFlags};

use super::failure::Failure;
use super::options::Options;
use super::{file, migrate};

/// Pages in the write-ahead log (4 KiB each) at which it is moved into the database.
const CHECKPOINT_PAGES: i64 = 4_000;
/// Size to which the write-ahead log is cut when a burst has made it longer, in bytes.
const LOG_SIZE: i64 = 64 * 1024 * 1024;
/// More than there are different statements, so that each is compiled once.
const STATEMENTS: usize = 64;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the store `{}`", path.display())]
pub struct OpenError {
    /// The database file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub reason: StoreError,
}

pub(super) struct Connections {
    pub(super) writer: Connection,
    pub(super) reader: Connection,
}

/// Creates what is missing, brings the schema up to date and opens both connections.
pub(super) fn open(path: &Path, options: &Options) -> Result<Connections, OpenError> {
    prepare(path, options).map_err(|failure| OpenError {
        path: path.to_owned(),
        reason: failure.into(),
    })
}

fn prepare(path: &Path, options: &Options) -> Result<Connections, Failure> {
    file::prepare(path)?;
    let mut writer = connect(path, options, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    writer.pragma_update(None, "journal_mode", "wal")?;
    // The log is flushed with every commit: what was acknowledged survives a power cut.
    writer.pragma_update(None, "synchronous", "full")?;
    writer.pragma_update(None, "foreign_keys", true)?;
    writer.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    writer.pragma_update(None, "journal_size_limit", LOG_SIZE)?;
    migrate::migrate(&mut writer)?;
    if let Some(pages) = options.max_pages {
        writer.pragma_update(None, "max_page_count", pages)?;
    }
    let reader = connect(path, options, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(Connections { writer, reader })
}

fn connect(path: &Path, options: &Options, access: OpenFlags) -> Result<Connection, Failure> {
    // Each connection stays with one thread, so SQLite needs no locks of its own.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(options.busy_timeout)?;
    // A mapped file turns a read error into the death of the process.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
