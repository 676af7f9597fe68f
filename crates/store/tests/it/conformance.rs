//! The suite that every store passes.

use std::sync::Arc;

use chela_engine::ports::{Jobs, Ledger, Store};
use chela_engine::testing::store_conformance::{Fixture, JobsFixture};
use chela_store::SqliteStore;

use crate::support::Folder;

struct Sqlite {
    folder: Folder,
    open: Option<Arc<SqliteStore>>,
}

impl Sqlite {
    fn new() -> Self {
        Self {
            folder: Folder::new(),
            open: None,
        }
    }

    fn reopen(&mut self) -> Arc<SqliteStore> {
        if let Some(store) = self.open.take() {
            store.close();
        }
        let store = SqliteStore::open(&self.folder.database()).expect("opens");
        let store = Arc::new(store);
        self.open = Some(Arc::clone(&store));
        store
    }
}

impl Fixture for Sqlite {
    fn open(&mut self) -> Arc<dyn Store> {
        self.reopen()
    }

    fn open_ledger(&mut self) -> Arc<dyn Ledger> {
        self.reopen()
    }
}

impl JobsFixture for Sqlite {
    fn open_jobs(&mut self) -> (Arc<dyn Store>, Arc<dyn Jobs>) {
        let store = self.reopen();
        (Arc::clone(&store) as _, store)
    }
}

chela_engine::store_conformance!(Sqlite::new());
chela_engine::jobs_conformance!(Sqlite::new());
