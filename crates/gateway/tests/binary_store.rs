//! A database that somebody else holds, that is damaged or that a newer version wrote, under the real binary: a code, a
//! number for the shell, and not a byte of it overwritten.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::path::PathBuf;
use std::time::Duration;

use dingtalk_emulator::View;
use rusqlite::Connection;
use serde_json::Value;
use site::{Site, colleague, get, terminate};

/// Long enough for a busy machine, and for SQLite's own patience with a lock, which is five seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A site whose gateway has lived once, so that there is a database; it has ended.
async fn site() -> Site {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let mut gateway = site.start();
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("the gateway connects");
    for number in 0..60 {
        let question = "长".repeat(900);
        site.emulator.say(&colleague(number), &question).unwrap();
    }
    let answered = |view: &View<'_>| view.answer_count() == 60;
    site.emulator
        .wait_until(answered)
        .await
        .expect("all are answered");
    terminate(&mut gateway).await;
    site
}

fn database(site: &Site) -> PathBuf {
    site.state().join("chela.db")
}

/// Starts a gateway that cannot start: gives its number for the shell and what it printed.
async fn refused(site: &Site) -> (Option<i32>, String) {
    let mut gateway = site.start_after("");
    let ended = tokio::time::timeout(PATIENCE, gateway.wait()).await;
    let status = ended.expect("it does not hang").expect("it ended");
    (status.code(), site.printed())
}

/// The finding of `doctor` about the database.
async fn diagnosis(site: &Site) -> Value {
    let output = site.run(&["doctor", "--json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let mut checks = report["checks"]
        .as_array()
        .expect("there are checks")
        .iter();
    checks
        .find(|check| check["check"] == "store")
        .cloned()
        .expect("the store is examined")
}

#[tokio::test]
async fn what_is_no_sound_database_is_refused_and_left_alone() {
    let site = site().await;
    let good = std::fs::read(database(&site)).unwrap();
    let mut newer = good.clone();
    // `user_version` of the file's head.
    newer[60..64].copy_from_slice(&9_000_u32.to_be_bytes());
    let half = good.len() / 2;
    let cases: [(&str, Vec<u8>, i32); 4] = [
        ("CHELA-2006", "这不是数据库".repeat(9_000).into_bytes(), 74),
        ("CHELA-2006", good[..half].to_vec(), 74),
        ("CHELA-2006", good[..half + 100].to_vec(), 74),
        ("CHELA-2007", newer, 78),
    ];
    for (code, content, exit) in cases {
        std::fs::write(database(&site), &content).unwrap();
        let (number, printed) = refused(&site).await;
        assert_eq!(number, Some(exit), "{printed}");
        assert!(printed.contains(&format!("错误[{code}]")), "{printed}");
        assert!(
            std::fs::read(database(&site)).unwrap() == content,
            "{code}: it was changed"
        );
        let found = diagnosis(&site).await;
        assert!(found.to_string().contains(code), "{found}");
        assert!(
            std::fs::read(database(&site)).unwrap() == content,
            "{code}: doctor changed it"
        );
    }
    assert_eq!(site.emulator.look(|view| view.connections()), 0);
}

/// The first page of each table and index, from 1.
fn roots(site: &Site) -> Vec<usize> {
    let connection = Connection::open(database(site)).unwrap();
    let mut select = connection
        .prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")
        .unwrap();
    let roots = select.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    roots
        .map(|root| usize::try_from(root.unwrap()).unwrap())
        .collect()
}

#[tokio::test]
async fn a_database_damaged_in_the_middle_takes_nothing_and_says_so() {
    let site = site().await;
    let mut content = std::fs::read(database(&site)).unwrap();
    // The tables, not the list of them, without which nothing opens.
    for root in roots(&site) {
        for place in ((root - 1) * 4_096..root * 4_096).step_by(97) {
            content[place] ^= 0x10;
        }
    }
    std::fs::write(database(&site), &content).unwrap();
    let found = diagnosis(&site).await;
    assert!(found.to_string().contains("CHELA-2006"), "{found}");

    let mut gateway = site.start_after("");
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("it stays up where it can");
    site.emulator.say(&colleague(1), "还在吗").unwrap();
    let repeated = |view: &View<'_>| view.counters().repeats >= 3;
    site.emulator
        .wait_until(repeated)
        .await
        .expect("it is not acknowledged");
    assert_eq!(site.emulator.look(|view| view.ack_count()), 60);
    let damaged = |status: &Value| status["status"]["store_trouble"]["code"] == "CHELA-2006";
    let status = site.wait_for_status(damaged).await;
    assert_eq!(status["state"], "degraded");
    let ready = get(&status, "/readyz", "").await;
    assert!(ready.ends_with("not ready: CHELA-2006\n"), "{ready}");
    terminate(&mut gateway).await;
    assert!(
        site.printed().contains("code=CHELA-2006"),
        "{}",
        site.printed()
    );
    assert!(!site.printed().contains("恢复正常"), "{}", site.printed());
    assert_eq!(site.emulator.look(|view| view.answer_count()), 60);
}

#[tokio::test]
async fn a_database_that_another_program_holds() {
    let site = site().await;
    let lock = Connection::open(database(&site)).unwrap();
    lock.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE inbox SET attempts = 1; COMMIT",
    )
    .expect("nobody else has it");
    let (number, printed) = refused(&site).await;
    assert_eq!(number, Some(75), "{printed}");
    assert!(
        printed.contains("错误[CHELA-2005] 数据库被占用"),
        "{printed}"
    );
    drop(lock);

    // Readers are let in, writers are not.
    let mut gateway = site.start_after("");
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("it starts");
    let lock = Connection::open(database(&site)).unwrap();
    lock.busy_timeout(PATIENCE).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE")
        .expect("it is got in time");
    site.emulator.say(&colleague(70), "还在吗").unwrap();
    let locked = |status: &Value| status["status"]["store_trouble"]["code"] == "CHELA-2005";
    let status = site.wait_for_status(locked).await;
    let ready = get(&status, "/readyz", "").await;
    assert!(ready.ends_with("not ready: CHELA-2005\n"), "{ready}");
    assert_eq!(site.emulator.look(|view| view.ack_count()), 60);
    drop(lock);
    let answered = |view: &View<'_>| view.answer_count() > 60 && view.oldest_unacked_ms().is_none();
    site.emulator
        .wait_within(PATIENCE, answered)
        .await
        .expect("it is answered");
    site.wait_for_status(|status| status["state"] == "running")
        .await;
    let chat = site.emulator.direct(&colleague(70)).unwrap();
    assert_eq!(site.emulator.answers(&chat).len(), 1);
    terminate(&mut gateway).await;
}

#[tokio::test]
async fn a_second_gateway_is_refused_and_the_first_goes_on() {
    let site = site().await;
    let mut first = site.start();
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("the gateway connects");
    let (number, printed) = refused(&site).await;
    assert_eq!(number, Some(73), "{printed}");
    let holder = format!("正被进程 {} 使用", first.id().unwrap());
    assert!(
        printed.contains("错误[CHELA-2003]") && printed.contains(&holder),
        "{printed}"
    );
    assert_eq!(site.emulator.look(|view| view.connections()), 1);
    site.emulator.say(&colleague(80), "还在吗").unwrap();
    let answered = |view: &View<'_>| view.answer_count() == 61;
    site.emulator
        .wait_until(answered)
        .await
        .expect("it is answered");
    terminate(&mut first).await;
}
