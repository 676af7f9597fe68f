//! What the tests share.

use std::path::{Path, PathBuf};

use chela_engine::id::{MessageId, Sequence};
use chela_engine::ports::{Accepted, Finish, Store, StoreErrorKind};
use chela_engine::testing::direct_message;
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const NOON: Timestamp = Timestamp(1_790_000_000_000);

/// A folder that goes with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where the test keeps its database.
    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("chela.db")
    }

    /// Looks into the database past the store.
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.database()).expect("opens")
    }

    /// Takes the lock that the writer needs, until the connection is dropped.
    pub(crate) fn lock(&self) -> Connection {
        let connection = self.connect();
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .expect("nobody else writes");
        connection
    }

    /// Fails unless SQLite finds nothing wrong with the file.
    pub(crate) fn assert_intact(&self) {
        let found = self
            .connect()
            .pragma_query_value(None, "integrity_check", |row| row.get::<_, String>(0));
        assert_eq!(found.as_deref(), Ok("ok"));
    }
}

/// Takes a message, or tells what kept the store from it.
pub(crate) async fn accept(
    store: &SqliteStore,
    id: &str,
    text: &str,
) -> Result<Sequence, StoreErrorKind> {
    match store.accept(direct_message(id, "lin", text), NOON).await {
        Ok(Accepted::New(sequence)) => Ok(sequence),
        Ok(Accepted::Duplicate) => panic!("the message is new"),
        Err(error) => Err(error.kind),
    }
}

/// The end of a message that nothing is said to.
pub(crate) fn silence(sequence: Sequence) -> Finish {
    Finish {
        sequence,
        joined: Vec::new(),
        outcome: "answer",
        transcript: None,
        spent: None,
        replies: Vec::new(),
        follow_ups: Vec::new(),
        at: NOON,
    }
}

/// The ids of all messages without an answer.
pub(crate) async fn unfinished_ids(store: &SqliteStore) -> Vec<MessageId> {
    let messages = store
        .unfinished(Sequence(0), usize::MAX)
        .await
        .expect("can be read");
    messages
        .into_iter()
        .map(|stored| stored.message.id)
        .collect()
}

/// An error with all its causes, as a log would show it.
pub(crate) fn full_text(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
