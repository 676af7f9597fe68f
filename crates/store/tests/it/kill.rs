//! `kill -9` while the store writes: what was acknowledged is there.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use chela_engine::ports::{JournalEntry, Settlement, Store};
use chela_store::SqliteStore;

use crate::support::Folder;

const KILLS: usize = 60;

/// The program that writes and prints what was acknowledged: `examples/acknowledge.rs`.
pub(crate) struct Acknowledger;

impl Acknowledger {
    pub(crate) fn path() -> PathBuf {
        let test = std::env::current_exe().expect("this test is a file");
        let built = test
            .ancestors()
            .nth(2)
            .expect("cargo builds tests two folders down");
        let path = built.join("examples/acknowledge");
        assert!(
            path.exists(),
            "cargo builds the examples with all tests of the crate"
        );
        path
    }

    /// What it prints, line by line, without a last one that the kill has cut.
    pub(crate) fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
        let mut output = BufReader::new(child.stdout.take().expect("is piped"));
        std::iter::from_fn(move || {
            let mut line = String::new();
            output.read_line(&mut line).expect("can be read");
            line.strip_suffix('\n').map(str::to_owned)
        })
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_every_kill() {
    let folder = Folder::new();
    let mut acknowledged = 0;
    for round in 0..KILLS {
        // From the first moments, when the log of the one before is taken up, to the middle of the work; every tenth
        // works long enough for its own log to be moved into the database. The primes spread the rounds over that.
        let kill_behind = match round % 10 {
            9 => 1_000 + round * 31,
            _ => round * 37 % 101,
        };
        let lines = write_and_kill(&folder, round, kill_behind);
        assert!(lines.len() >= kill_behind);
        acknowledged += lines.len();
        folder.assert_intact();

        let store = SqliteStore::open(&folder.database()).expect("opens");
        for line in lines {
            let (what, id) = line.split_once(' ').expect("two words");
            let journal = store.journal(id.to_owned()).await.expect("can be read");
            let [entry] = journal.as_slice() else {
                panic!("round {round}: lost {line}")
            };
            assert!(happened(entry, what), "round {round}: lost {line}");
        }
        store.close();
    }
    assert!(
        acknowledged > KILLS * 40,
        "{acknowledged} acknowledged calls are too few to prove anything"
    );
}

fn write_and_kill(folder: &Folder, round: usize, kill_behind: usize) -> Vec<String> {
    let mut child = Command::new(Acknowledger::path())
        .arg(folder.database())
        .arg(format!("round{round}"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut output = Acknowledger::lines(&mut child);
    let mut lines: Vec<String> = output.by_ref().take(kill_behind).collect();
    child.kill().expect("runs until it is killed");
    child.wait().expect("has ended");
    lines.extend(output);
    lines
}

fn happened(entry: &JournalEntry, what: &str) -> bool {
    let settled = |settlement: &Option<Settlement>| settlement.is_some();
    match what {
        "accepted" => true,
        "finished" => entry.outcome.is_some() && entry.replies.len() == 1,
        "settled" => entry
            .replies
            .iter()
            .all(|(_, settlement)| settled(settlement)),
        _ => panic!("unknown step {what}"),
    }
}
