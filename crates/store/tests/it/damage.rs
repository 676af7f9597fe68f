//! Files that are not what they should be: a precise error, and no harm beyond what is damaged.

use std::fs;
use std::os::unix::fs::FileExt;

use chela_engine::id::Sequence;
use chela_engine::ports::{Store, StoreErrorKind};
use chela_store::{OpenError, SqliteStore};

use crate::support::{Folder, accept, full_text, silence, unfinished_ids};

fn refusal(folder: &Folder) -> OpenError {
    SqliteStore::open(&folder.database()).expect_err("must not be opened")
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = Folder::new();
    let content = "这不是数据库".repeat(1_000);
    fs::write(folder.database(), &content).expect("can be written");
    let error = refusal(&folder);
    assert_eq!(error.reason.kind, StoreErrorKind::Corrupt);
    assert_eq!(error.path, folder.database());
    assert_eq!(
        fs::read_to_string(folder.database()).expect("is there"),
        content
    );
}

#[test]
fn what_a_newer_version_wrote_is_refused_and_left_alone() {
    let folder = Folder::new();
    SqliteStore::open(&folder.database())
        .expect("opens")
        .close();
    folder
        .connect()
        .pragma_update(None, "user_version", 1_000)
        .expect("can be written");
    let error = refusal(&folder);
    assert_eq!(error.reason.kind, StoreErrorKind::Newer);
    assert!(full_text(&error).contains("schema version 1000, this program knows "));
    let version = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    let version = folder
        .connect()
        .pragma_query_value(None, "user_version", version);
    assert_eq!(version, Ok(1_000));
}

#[test]
fn what_cannot_be_a_file_is_named() {
    let folder = Folder::new();
    fs::create_dir(folder.database()).expect("can be created");
    assert_eq!(refusal(&folder).reason.kind, StoreErrorKind::Unreachable);
    let below_a_file = folder.path().join("file/chela.db");
    fs::write(folder.path().join("file"), "").expect("can be written");
    let error = SqliteStore::open(&below_a_file).expect_err("must not be opened");
    assert_eq!(error.reason.kind, StoreErrorKind::Unreachable);
}

#[tokio::test]
async fn a_damaged_page_is_told_and_does_not_end_the_store() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).expect("opens");
    for index in 0..50 {
        let text = "长".repeat(1_000);
        let sequence = accept(&store, &format!("msg{index}"), &text)
            .await
            .expect("is taken");
        store.finish(silence(sequence)).await.expect("is finished");
    }
    store.examine().await.expect("it is sound");
    store.close();
    let root: u64 = folder
        .connect()
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'inbox'",
            [],
            |row| row.get::<_, i64>(0).map(i64::unsigned_abs),
        )
        .expect("the table is there");
    let file = fs::OpenOptions::new()
        .write(true)
        .open(folder.database())
        .expect("opens");
    file.write_all_at(&[0xff; 4096], (root - 1) * 4096)
        .expect("can be written");

    let store = SqliteStore::open(&folder.database()).expect("its head is whole");
    let examined = store.examine().await.expect_err("it is damaged");
    assert_eq!(examined.kind, StoreErrorKind::Corrupt);
    for _ in 0..2 {
        assert_eq!(
            accept(&store, "new", "问").await,
            Err(StoreErrorKind::Corrupt)
        );
        let journal = store
            .journal("msg7".to_owned())
            .await
            .expect_err("cannot be read");
        assert_eq!(journal.kind, StoreErrorKind::Corrupt);
    }
    // Elsewhere in the file all is well.
    assert_eq!(
        store
            .prune(crate::support::NOON)
            .await
            .map_err(|error| error.kind),
        Ok(0)
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_holds_up_nobody_and_is_not_quoted() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).expect("opens");
    for id in ["first", "broken", "last"] {
        accept(&store, id, "秘密").await.expect("is taken");
    }
    let broken = "UPDATE inbox SET message = '\"秘密\"' WHERE message_id = 'broken'";
    folder
        .connect()
        .execute_batch(broken)
        .expect("can be written");
    let ids = unfinished_ids(&store).await;
    assert_eq!(
        ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["first", "last"]
    );
    let behind = store.unfinished(Sequence(1), 1).await.expect("can be read");
    assert_eq!(behind[0].message.id.as_str(), "last");
    let error = store
        .journal("broken".to_owned())
        .await
        .expect_err("cannot be read");
    assert_eq!(error.kind, StoreErrorKind::Malformed);
    let text = full_text(&error);
    assert!(
        text.contains("cannot be read") && !text.contains("秘密"),
        "{text}"
    );
}
