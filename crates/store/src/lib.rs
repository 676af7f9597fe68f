//! The engine's memory on disk: [`SqliteStore`] implements `chela_engine::ports::Store`.

mod sqlite;

pub use self::sqlite::{OpenError, Options, SqliteStore};
