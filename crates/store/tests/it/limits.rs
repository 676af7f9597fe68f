//! When there is not enough: no space, no lock, no place in the queue, no store any more.

use std::time::Duration;

use chela_engine::ports::{Store, StoreErrorKind};
use chela_engine::testing::direct_message;
use chela_engine::time::Timestamp;
use chela_store::{Options, SqliteStore};
use futures_util::FutureExt;

use crate::support::{Folder, NOON, accept, full_text, silence, unfinished_ids};

fn open(folder: &Folder, options: &Options) -> SqliteStore {
    SqliteStore::open_with(&folder.database(), options).expect("opens")
}

#[tokio::test]
async fn a_full_disk_refuses_what_does_not_fit_and_works_again_when_there_is_room() {
    let folder = Folder::new();
    let options = Options {
        max_pages: Some(500),
        ..Options::default()
    };
    let store = open(&folder, &options);
    let long = "长".repeat(40_000);
    for index in 0..4 {
        let old = accept(&store, &format!("old{index}"), &long)
            .await
            .expect("there is room");
        store.finish(silence(old)).await.expect("there is room");
    }
    let mut taken = 0;
    let refused = loop {
        match accept(&store, &format!("long{taken}"), &long).await {
            Ok(_) => taken += 1,
            Err(kind) => break kind,
        }
    };
    assert_eq!(refused, StoreErrorKind::Full);
    accept(&store, "short", "短")
        .await
        .expect("there is room for little");
    assert_eq!(unfinished_ids(&store).await.len(), taken + 1);

    let forgotten = store
        .prune(Timestamp(NOON.0 + 1))
        .await
        .expect("needs no room");
    assert_eq!(forgotten, 4);
    accept(&store, "long again", &long)
        .await
        .expect("there is room again");
    assert_eq!(unfinished_ids(&store).await.len(), taken + 2);
    store.close();
    folder.assert_intact();
}

#[tokio::test]
async fn a_lock_of_somebody_else_is_told_and_passes() {
    let folder = Folder::new();
    let options = Options {
        busy_timeout: Duration::from_millis(20),
        ..Options::default()
    };
    let store = open(&folder, &options);
    accept(&store, "before", "问").await.expect("is taken");
    let lock = folder.lock();
    let calls = ["first", "second"].map(|id| store.accept(direct_message(id, "lin", "问"), NOON));
    for call in calls {
        assert_eq!(
            call.await.expect_err("is locked").kind,
            StoreErrorKind::Locked
        );
    }
    assert_eq!(unfinished_ids(&store).await.len(), 1);
    drop(lock);
    accept(&store, "first", "问").await.expect("is taken");
    assert_eq!(unfinished_ids(&store).await.len(), 2);
}

#[test]
fn a_new_database_that_somebody_else_holds_is_not_opened() {
    let folder = Folder::new();
    let lock = folder.connect();
    lock.execute_batch("BEGIN EXCLUSIVE")
        .expect("nobody else has it");
    let options = Options {
        busy_timeout: Duration::from_millis(20),
        ..Options::default()
    };
    let error = SqliteStore::open_with(&folder.database(), &options).expect_err("is locked");
    assert_eq!(error.reason.kind, StoreErrorKind::Locked);
}

#[tokio::test]
async fn calls_beyond_the_queue_are_refused_at_once_and_the_others_are_served() {
    let folder = Folder::new();
    let options = Options {
        queue: 4,
        group: 1,
        busy_timeout: Duration::from_secs(60),
        ..Options::default()
    };
    let store = open(&folder, &options);
    let lock = folder.lock();
    let mut served = Vec::new();
    let mut refused = 0;
    for index in 0..20 {
        let message = direct_message(&format!("msg{index}"), "lin", "问");
        let mut call = store.accept(message, NOON);
        match (&mut call).now_or_never() {
            None => served.push(call),
            Some(answer) => {
                let error = answer.expect_err("nothing can be written");
                assert!(full_text(&error).contains("4 calls wait"));
                refused += 1;
            }
        }
    }
    // The writer may have taken one out of the queue.
    assert!((15..=16).contains(&refused), "{refused}");
    drop(lock);
    let count = served.len();
    for call in served {
        call.await.expect("waited for its turn");
    }
    assert_eq!(unfinished_ids(&store).await.len(), count);
}

#[tokio::test]
async fn a_closed_store_has_done_all_and_does_no_more() {
    let folder = Folder::new();
    let store = open(&folder, &Options::default());
    for index in 0..100 {
        drop(store.accept(direct_message(&format!("msg{index}"), "lin", "问"), NOON));
    }
    store.close();
    store.close();
    assert_eq!(
        accept(&store, "late", "问").await,
        Err(StoreErrorKind::Other)
    );
    let error = store.counts().await.expect_err("is closed");
    assert!(full_text(&error).contains("closed"));
    assert!(!folder.path().join("chela.db-wal").exists());

    let store = open(&folder, &Options::default());
    assert_eq!(unfinished_ids(&store).await.len(), 100);
}

#[tokio::test]
async fn a_dropped_store_has_done_all_too() {
    let folder = Folder::new();
    let store = open(&folder, &Options::default());
    let calls: Vec<_> = (0..100)
        .map(|index| store.accept(direct_message(&format!("msg{index}"), "lin", "问"), NOON))
        .collect();
    drop(store);
    for call in calls {
        call.await.expect("was called before");
    }
}
