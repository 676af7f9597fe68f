//! A disk that fills up under the real binary: what cannot be stored is not acknowledged, the gateway says so and stays up,
//! and when there is room again everything is answered once.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;
use site::{Site, colleague, get, terminate};
use tokio::process::Child;

/// Mounts a disk of eight megabytes in the place of the state directory, for this process alone. Root needs no namespace
/// of users, anybody else does.
const SMALL_DISK: &str = r#"
mkdir -p "$CHELA_HOME"
if [ "$(id -u)" = 0 ]; then spaces=-m; else spaces=-Urm; fi
set -- unshare $spaces sh -c 'mount -t tmpfs -o size=8m none "$CHELA_HOME" && exec "$@"' sh "$@"
"#;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_full_disk() {
    if !may_mount() {
        // Such a container can still limit the size of files, which fails in the same places.
        return runs_out_of_space(&Limit).await;
    }
    runs_out_of_space(&SmallDisk).await;
}

#[tokio::test]
async fn a_limit_on_the_size_of_files() {
    runs_out_of_space(&Limit).await;
}

#[tokio::test]
async fn a_disk_that_is_full_at_the_start() {
    if !may_mount() {
        return runs_out_of_space(&Limit).await;
    }
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let ballast =
        r#"set -- sh -c 'cat /dev/zero > "$CHELA_HOME/ballast" 2>/dev/null; exec "$@"' sh "$@""#;
    let mut gateway = site.start_after(&format!("{ballast}\n{SMALL_DISK}"));
    let ended = tokio::time::timeout(PATIENCE, gateway.wait()).await;
    let status = ended.expect("it does not hang").expect("it ended");
    let printed = site.printed();
    assert_eq!(status.code(), Some(74), "{printed}");
    assert!(printed.contains("错误[CHELA-2004] 磁盘满了"), "{printed}");
}

/// How space is taken from a running gateway, and given back.
trait Shortage {
    /// What the shell does before the gateway starts.
    const PREPARATION: &str;
    /// What the gateway says then.
    const CODE: &str;

    fn begin(&self, site: &Site, gateway: &Child);
    fn end(&self, site: &Site, gateway: &Child);
    /// Where the state is seen from outside.
    fn state(&self, site: &Site, gateway: &Child) -> PathBuf;
}

struct SmallDisk;

impl Shortage for SmallDisk {
    const PREPARATION: &str = SMALL_DISK;
    const CODE: &str = "CHELA-2004";

    fn begin(&self, site: &Site, gateway: &Child) {
        fill(&self.state(site, gateway).join("ballast"));
    }

    fn end(&self, site: &Site, gateway: &Child) {
        std::fs::remove_file(self.state(site, gateway).join("ballast")).unwrap();
    }

    fn state(&self, site: &Site, gateway: &Child) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", gateway.id().unwrap()));
        root.join(site.state().strip_prefix("/").unwrap())
    }
}

struct Limit;

impl Limit {
    fn set(gateway: &Child, current: Option<u64>) {
        let id = i32::try_from(gateway.id().unwrap()).unwrap();
        let limit = Rlimit {
            current,
            maximum: None,
        };
        prlimit(Pid::from_raw(id), Resource::Fsize, limit).expect("a limit may be set");
    }
}

impl Shortage for Limit {
    const PREPARATION: &str = "";
    const CODE: &str = "CHELA-2008";

    fn begin(&self, site: &Site, gateway: &Child) {
        let log = std::fs::metadata(site.state().join("chela.db-wal")).unwrap();
        Self::set(gateway, Some(log.len()));
    }

    fn end(&self, _: &Site, gateway: &Child) {
        Self::set(gateway, None);
    }

    fn state(&self, site: &Site, _: &Child) -> PathBuf {
        site.state()
    }
}

async fn runs_out_of_space<S: Shortage>(shortage: &S) {
    let code = S::CODE;
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::from_millis(50)).await;
    let mut gateway = site.start_after(S::PREPARATION);
    let connected = site.emulator.wait_for_connections(1).await;
    connected.unwrap_or_else(|error| panic!("{error}: {}", site.printed()));

    // One is being answered when the space runs out.
    let mut questions = vec!["先来的".to_owned()];
    let first = site.emulator.say(&colleague(50), "先来的").unwrap();
    let acknowledged = |count| move |view: &dingtalk_emulator::View<'_>| view.ack_count() == count;
    site.emulator.wait_until(acknowledged(1)).await.unwrap();
    shortage.begin(&site, &gateway);
    for number in 0..5 {
        let question = format!("第{number}问 {}", "长".repeat(900));
        site.emulator.say(&colleague(number), &question).unwrap();
        questions.push(question);
    }
    let repeated = |view: &dingtalk_emulator::View<'_>| view.counters().repeats >= 10;
    site.emulator
        .wait_until(repeated)
        .await
        .expect("nothing is acknowledged");
    assert_eq!(
        site.emulator.look(|view| view.ack_count()),
        1,
        "{}",
        site.printed()
    );
    assert!(site.emulator.answers(&first.conversation).is_empty());

    let state = shortage.state(&site, &gateway);
    let (status, shown) = (
        status(&site, &state, true).await,
        status_text(&site, &state).await,
    );
    let trouble = &status["status"]["store_trouble"];
    assert_eq!(
        (&status["state"], &trouble["code"]),
        (&"degraded".into(), &code.into())
    );
    assert!(shown.contains(&format!("    {code}：")), "{shown}");
    let ready = get(&status, "/readyz", "").await;
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(ready.ends_with(&format!("not ready: {code}\n")), "{ready}");
    let printed = site.printed();
    assert!(printed.contains(&format!("code={code}")), "{printed}");

    if code == "CHELA-2004" {
        let doctor = command(&site, &state, &["doctor"]).await;
        let doctor = String::from_utf8(doctor).expect("it is text");
        assert!(
            doctor.contains("✗ 数据目录\n    错误[CHELA-2004] 磁盘满了\n"),
            "{doctor}"
        );
    }

    shortage.end(&site, &gateway);
    let answered = |view: &dingtalk_emulator::View<'_>| view.answer_count() >= 6;
    let answered = site.emulator.wait_within(PATIENCE, answered).await;
    assert!(answered.is_ok(), "{}", site.printed());
    let quiet = |view: &dingtalk_emulator::View<'_>| view.oldest_unacked_ms().is_none();
    site.emulator
        .wait_until(quiet)
        .await
        .expect("all are acknowledged");
    let shortened: Vec<&str> = questions.iter().map(String::as_str).collect();
    site.assert_answered_once(&shortened);
    assert!(
        site.printed().contains("数据库恢复正常"),
        "{}",
        site.printed()
    );
    assert_eq!(self::status(&site, &state, false).await["state"], "running");
    terminate(&mut gateway).await;
}

/// The status of a gateway whose state is seen elsewhere; waits until it is troubled, or is not.
async fn status(site: &Site, state: &Path, troubled: bool) -> Value {
    let waiting = async {
        loop {
            let output = command(site, state, &["gateway", "status", "--json"]);
            let value: Value = serde_json::from_slice(&output.await).expect("it is JSON");
            if value["status"]["store_trouble"].is_null() != troubled {
                return value;
            }
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    waited.expect("the status follows")
}

async fn status_text(site: &Site, state: &Path) -> String {
    String::from_utf8(command(site, state, &["gateway", "status"]).await).expect("it is text")
}

async fn command(site: &Site, state: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = site.command();
    command.env("CHELA_HOME", state).args(arguments);
    let output = command.stdout(Stdio::piped()).output().await;
    output.expect("the program starts").stdout
}

fn may_mount() -> bool {
    let probe = format!("{SMALL_DISK}\nexec \"$@\"");
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", &probe, "sh", "true"])
        .env("CHELA_HOME", folder.path());
    shell
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Writes until nothing more fits.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    let block = [0; 65_536];
    let mut size = block.len();
    while size > 0 {
        match file.write_all(&block[..size]) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => size /= 2,
            Err(error) => panic!("the disk is not filled: {error}"),
        }
    }
}
