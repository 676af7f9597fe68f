//! The official Python SDK, as it comes from PyPI, against the emulator: if it does not notice the difference, others
//! will not.
//!
//! The SDK is installed into a virtual environment below the target folder. Where that is not possible the test fails
//! and says what is missing; with `CHELA_OFFLINE_TESTS=1` it says that it was left out.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use dingtalk_emulator::{Emulator, Format, PersonId};
use tokio::process::{Child, Command};

/// The version that was tried; another must be tried first.
const PACKAGE: &str = "dingtalk-stream==0.24.3";
/// The SDK waits ten seconds before it comes back after a connection was lost.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long an installation may take.
const INSTALLATION: Duration = Duration::from_secs(300);
const PERSON: &str = "林小满";

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
async fn the_official_python_sdk_answers_and_comes_back() {
    if std::env::var_os("CHELA_OFFLINE_TESTS").is_some_and(|value| value == "1") {
        eprintln!("left out: CHELA_OFFLINE_TESTS=1, so the official SDK is not installed");
        return;
    }
    let python = python_with_sdk().await.unwrap_or_else(|problem| {
        panic!(
            "{problem}\nThis test needs python3 with venv (apt-get install python3-venv) and PyPI; \
             CHELA_OFFLINE_TESTS=1 leaves it out on a machine without network."
        )
    });
    let emulator = Emulator::builder()
        .configure(|settings| settings.dead_connection_stays = Duration::ZERO)
        .start()
        .await
        .unwrap();
    let mut bot = start_bot(&python, &emulator);
    assert_connected(&emulator, 1).await;
    assert_echo(&emulator, "你好 👋").await;
    assert_mention(&emulator).await;

    // Asked to leave, the SDK comes back at once.
    assert_eq!(emulator.disconnect_all(), 1);
    assert_connected(&emulator, 2).await;
    assert_echo(&emulator, "还在吗").await;

    // After an end without a goodbye it waits first.
    assert_eq!(emulator.cut_all(), 1);
    assert_connected(&emulator, 3).await;
    assert_echo(&emulator, "又见面了").await;

    let counters = emulator.counters();
    assert_eq!(
        (counters.pushes, counters.acks, counters.answers),
        (4, 4, 4)
    );
    assert_eq!((counters.bad_frames, counters.unknown_acks), (0, 0));
    bot.kill().await.unwrap();
    emulator.stop().await;
}

async fn assert_connected(emulator: &Emulator, ever: u64) {
    emulator
        .wait_within(PATIENCE, |view| {
            view.connections() == 1 && view.counters().connections_opened == ever
        })
        .await
        .expect("the SDK connects");
}

async fn assert_echo(emulator: &Emulator, text: &str) {
    let said = emulator.say(PERSON, text).expect("it is said");
    let echo = format!("收到：{text}");
    emulator
        .wait_until(|view| {
            let answered = view
                .answers(&said.conversation)
                .any(|shown| shown.text == echo);
            answered && view.counters().unacked == 0
        })
        .await
        .expect("it is acknowledged and answered");
}

async fn assert_mention(emulator: &Emulator) {
    let said = emulator
        .say_in_group(PERSON, "项目讨论群", "周报呢")
        .expect("it is said");
    let answers = emulator
        .wait_for_answers(&said.conversation, 1)
        .await
        .expect("it is answered");
    assert_eq!(
        (&answers[0].format, answers[0].text.as_str()),
        (&Format::Markdown, "@manager7675 收到：周报呢")
    );
    assert_eq!(answers[0].mentions, [PersonId::from("manager7675")]);
}

fn start_bot(python: &Path, emulator: &Emulator) -> Child {
    let app = emulator.app();
    Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdk/echo_bot.py"))
        .env("DINGTALK_OPENAPI_ENDPOINT", emulator.base_url())
        .env("CLIENT_ID", app.client_id.as_str())
        .env("CLIENT_SECRET", app.client_secret.reveal())
        // The SDK asks a proxy for addresses on this machine, too.
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("Python starts")
}

/// A Python that has the SDK, made once and kept below the target folder.
async fn python_with_sdk() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE.replace("==", "-"));
    let python = folder.join("bin/python");
    if run(Command::new(&python).args(["-c", "import dingtalk_stream"]))
        .await
        .is_err()
    {
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder))
        .await?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE])).await?;
    }
    Ok(python)
}

async fn run(command: &mut Command) -> Result<(), String> {
    let line = format!("{:?}", command.as_std());
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(INSTALLATION, output)
        .await
        .map_err(|_| format!("{line} does not end"))?
        .map_err(|error| format!("cannot start {line}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!(
        "{line} failed:\n{}",
        String::from_utf8_lossy(&said)
    ))
}
