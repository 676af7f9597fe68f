//! Whether the file is sound.

use chela_engine::ports::StoreErrorKind;
use rusqlite::Connection;

use super::failure::Failure;

/// Fails with the first thing that SQLite finds wrong; it names pages and tables, never content.
pub(super) fn sound(connection: &Connection) -> Result<(), Failure> {
    let found: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(Failure::new(StoreErrorKind::Corrupt, found)),
    }
}
