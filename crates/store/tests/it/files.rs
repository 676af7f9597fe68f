//! Who may read the files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use chela_store::SqliteStore;

use crate::kill::Acknowledger;
use crate::support::{Folder, accept};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("is there").permissions().mode() & 0o777
}

const FILES: [&str; 3] = ["chela.db", "chela.db-wal", "chela.db-shm"];

#[test]
fn files_are_for_the_owner_alone_whatever_the_umask() {
    for umask in ["000", "277"] {
        let folder = Folder::new();
        let state = folder.path().join("state");
        // A store in a process of its own: the umask belongs to the process.
        let script = format!("umask {umask}; exec \"$@\"");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script, "sh"])
            .arg(Acknowledger::path())
            .arg(state.join("chela.db"));
        let mut child = shell.stdout(Stdio::piped()).spawn().expect("starts");
        let acknowledged = Acknowledger::lines(&mut child).take(10).count();
        let modes = FILES.map(|name| mode(&state.join(name)));
        child.kill().expect("runs until it is killed");
        child.wait().expect("has ended");
        assert_eq!((acknowledged, modes), (10, [0o600; 3]), "umask {umask}");
        assert_eq!(mode(&state) & 0o077, 0, "umask {umask}");
    }
}

#[tokio::test]
async fn files_that_were_open_to_others_are_closed() {
    let folder = Folder::new();
    let first = SqliteStore::open(&folder.database()).expect("opens");
    accept(&first, "first", "问").await.expect("is taken");
    for name in FILES {
        let open = fs::Permissions::from_mode(0o666);
        fs::set_permissions(folder.path().join(name), open).expect("is ours");
    }
    let second = SqliteStore::open(&folder.database()).expect("opens");
    accept(&second, "second", "问").await.expect("is taken");
    assert_eq!(
        FILES.map(|name| mode(&folder.path().join(name))),
        [0o600; 3]
    );
}
