//! The suite that every store passes, and the faults that only this one can play.

use std::sync::Arc;

use super::{Fate, MemoryStore, Operation};
use crate::ports::{Accepted, Ledger, Store, StoreErrorKind};
use crate::testing::direct_message;
use crate::testing::store_conformance::Fixture;
use crate::time::Timestamp;
use futures_util::FutureExt;

#[derive(Default)]
struct Memory(Arc<MemoryStore>);

impl Fixture for Memory {
    fn open(&mut self) -> Arc<dyn Store> {
        Arc::clone(&self.0) as Arc<dyn Store>
    }

    fn open_ledger(&mut self) -> Arc<dyn Ledger> {
        Arc::clone(&self.0) as Arc<dyn Ledger>
    }
}

crate::store_conformance!(Memory::default());

const NOON: Timestamp = Timestamp(1_790_000_000_000);

fn accept(store: &MemoryStore, id: &str) -> Option<Result<Accepted, StoreErrorKind>> {
    let accepted = store
        .accept(direct_message(id, "lin", "问"), NOON)
        .now_or_never()?;
    Some(accepted.map_err(|error| error.kind))
}

fn messages(store: &MemoryStore) -> u64 {
    let counts = store.counts().now_or_never().expect("answers at once");
    counts.expect("counts works").messages
}

#[test]
fn a_failure_that_was_asked_for_comes_once() {
    let store = MemoryStore::new();
    store.fail_next(StoreErrorKind::Full);
    store.fail_next(StoreErrorKind::Locked);
    assert_eq!(accept(&store, "msg"), Some(Err(StoreErrorKind::Full)));
    assert_eq!(accept(&store, "msg"), Some(Err(StoreErrorKind::Locked)));
    assert!(matches!(accept(&store, "msg"), Some(Ok(Accepted::New(_)))));
}

#[test]
fn a_full_disk_can_still_be_read_until_there_is_room_again() {
    let store = MemoryStore::new();
    store.on_call(|operation| match operation.writes() {
        true => Fate::Fail(StoreErrorKind::Full),
        false => Fate::Happen,
    });
    assert_eq!(accept(&store, "msg"), Some(Err(StoreErrorKind::Full)));
    assert_eq!(messages(&store), 0);
    store.heal();
    assert!(matches!(accept(&store, "msg"), Some(Ok(Accepted::New(_)))));
}

#[test]
fn a_crash_before_the_commit_leaves_nothing_and_one_behind_it_everything() {
    for (fate, left) in [(Fate::CrashBefore, 0), (Fate::CrashAfter, 1)] {
        let store = MemoryStore::new();
        store.on_call(move |operation| match operation {
            Operation::Accept => fate,
            _ => Fate::Happen,
        });
        assert_eq!(accept(&store, "msg"), None);
        assert_eq!(messages(&store), left);
    }
}
