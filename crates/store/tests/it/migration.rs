//! A database that an older version wrote is brought up to date and keeps what is in it.

use chela_engine::id::{AccountId, OrganisationId};
use chela_engine::ports::{Ledger, Store, Tally};
use chela_store::SqliteStore;
use rusqlite::Connection;

use crate::support::{Folder, accept, silence, unfinished_ids};

const FIRST: &str = include_str!("../../migrations/sqlite/001_foundation.sql");

/// Writes the database that the first version would have: its schema, with the rows of `today`.
fn write_by_the_first_version(old: &Folder, today: &Folder) {
    let connection = Connection::open(old.database()).expect("can be made");
    connection.execute_batch(FIRST).expect("the first schema");
    let now = today.database();
    let attached = connection.execute("ATTACH ?1 AS today", [now.to_string_lossy()]);
    attached.expect("can be attached");
    let mut query = connection
        .prepare("SELECT name FROM pragma_table_info('inbox', 'main')")
        .expect("can be asked");
    let columns = query.query_map([], |row| row.get::<_, String>(0));
    let columns: Vec<String> = columns.expect("can be read").flatten().collect();
    let columns = columns.join(", ");
    let copy = format!(
        "INSERT INTO main.inbox ({columns}) SELECT {columns} FROM today.inbox;
         PRAGMA main.user_version = 1;"
    );
    connection.execute_batch(&copy).expect("can be copied");
}

#[tokio::test]
async fn rows_of_the_first_schema_stay_and_calls_are_counted_from_then_on() {
    let today = Folder::new();
    let store = SqliteStore::open(&today.database()).expect("opens");
    accept(&store, "open", "旧问题 🦀").await.expect("is taken");
    let done = accept(&store, "done", "旧问题").await.expect("is taken");
    store.finish(silence(done)).await.expect("is finished");
    store.close();
    let folder = Folder::new();
    write_by_the_first_version(&folder, &today);

    let store = SqliteStore::open(&folder.database()).expect("it is brought up to date");
    let ids = unfinished_ids(&store).await;
    let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(ids, ["open"]);
    assert_eq!(store.counts().await.expect("can be read").messages, 2);
    let tally = Tally {
        organisation: OrganisationId::new("ours"),
        account: AccountId::new("main"),
        api: "robot/send".to_owned(),
        day: 20_000,
        calls: 3,
    };
    let added = store.add(vec![tally.clone()]).await;
    added.expect("can be counted");
    let counted = store.since(OrganisationId::new("ours"), 0).await;
    assert_eq!(counted.expect("can be read"), [tally]);
    store.close();
    folder.assert_intact();
}
