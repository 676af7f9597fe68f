//! What SQLite says went wrong, in the words of the port.

use chela_engine::ports::{StoreError, StoreErrorKind};
use rusqlite::ErrorCode;

/// A [`StoreError`] that can be given to every call of a failed transaction. Holds no content of any row.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{detail}")]
pub(super) struct Failure {
    pub(super) kind: StoreErrorKind,
    detail: String,
}

impl Failure {
    pub(super) fn new(kind: StoreErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    pub(super) fn closed() -> Self {
        Self::new(StoreErrorKind::Other, "the store is closed")
    }

    /// Whether the call itself is to blame, so that others in the same transaction may still succeed.
    pub(super) fn is_of_the_call(&self) -> bool {
        match self.kind {
            StoreErrorKind::Malformed | StoreErrorKind::Other => true,
            StoreErrorKind::Full
            | StoreErrorKind::Locked
            | StoreErrorKind::Corrupt
            | StoreErrorKind::Newer
            | StoreErrorKind::Unreachable => false,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self {
            kind: failure.kind,
            source: Some(Box::new(failure)),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(kind(&error), error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                StoreErrorKind::Full
            }
            _ => StoreErrorKind::Unreachable,
        };
        Self::new(kind, error.to_string())
    }
}

fn kind(error: &rusqlite::Error) -> StoreErrorKind {
    use rusqlite::Error as E;
    match error {
        E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::InvalidColumnType(..)
        | E::Utf8Error(..) => StoreErrorKind::Malformed,
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreErrorKind::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreErrorKind::Locked,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreErrorKind::Corrupt,
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed,
            ) => StoreErrorKind::Unreachable,
            _ => StoreErrorKind::Other,
        },
    }
}
