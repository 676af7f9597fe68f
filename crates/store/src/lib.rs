//! What the engine keeps on disk: [`SqliteStore`] is its memory, [`DiskMedia`] holds the bytes of attachments.

mod media;
mod sqlite;

pub use self::media::{Cleaned, DiskMedia, Retention};
pub use self::sqlite::{OpenError, Options, SqliteStore};
