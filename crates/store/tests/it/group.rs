//! Calls that share a transaction.

use chela_engine::id::SessionId;
use chela_engine::ports::{
    Accepted, Finish, Store, StoreErrorKind, TranscriptEntry, TranscriptRole,
};
use chela_engine::testing::direct_message;
use chela_store::SqliteStore;

use crate::support::{Folder, NOON, accept, silence, unfinished_ids};

#[tokio::test]
async fn a_bad_call_is_taken_out_and_the_others_are_written_once() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).expect("opens");
    let ended = accept(&store, "ended", "问").await.expect("is taken");
    let open = accept(&store, "open", "问").await.expect("is taken");

    let lock = folder.lock();
    let take = |id: &str| store.accept(direct_message(id, "lin", "问"), NOON);
    // The writer may take these for itself and waits with them for the lock; the others gather behind it.
    let blockers = ["blocker1", "blocker2"].map(take);
    let bad = || {
        let said = TranscriptEntry {
            role: TranscriptRole::User,
            text: "问".to_owned(),
            at: NOON,
        };
        let transcript = Some((SessionId(4_711), vec![said]));
        store.finish(Finish {
            transcript,
            ..silence(open)
        })
    };
    let calls = (
        take("a"),
        bad(),
        store.finish(silence(ended)),
        bad(),
        take("b"),
    );
    drop(lock);

    for blocker in blockers {
        blocker.await.expect("is taken");
    }
    let Accepted::New(a) = calls.0.await.expect("is taken") else {
        panic!("a is new")
    };
    let Accepted::New(b) = calls.4.await.expect("is taken") else {
        panic!("b is new")
    };
    assert_eq!(b.0, a.0 + 1);
    calls.2.await.expect("is finished");
    for error in [calls.1.await, calls.3.await] {
        assert_eq!(
            error.expect_err("there is no such session").kind,
            StoreErrorKind::Other
        );
    }
    let ids = unfinished_ids(&store).await;
    let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(ids, ["open", "blocker1", "blocker2", "a", "b"]);
}
