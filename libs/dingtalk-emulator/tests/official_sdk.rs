//! The official Python SDK, as it comes from PyPI, against the emulator: if it does not notice the difference, others will
//! not.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use dingtalk_emulator::Emulator;
use tokio::process::Command;

/// The version that was tried; another must be tried first.
const PACKAGE: &str = "dingtalk-stream==0.24.3";

#[tokio::test]
async fn the_official_python_sdk_answers_and_comes_back_after_a_disconnect() {
    let python = python_with_sdk().await;
    let emulator = Emulator::builder()
        .start()
        .await
        .expect("the emulator starts");
    let app = emulator.app();
    let mut bot = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdk/echo_bot.py"))
        .env("DINGTALK_OPENAPI_ENDPOINT", emulator.base_url())
        .env("CLIENT_ID", app.client_id.as_str())
        .env("CLIENT_SECRET", app.client_secret.reveal())
        // The SDK asks its proxy for addresses on this machine, too.
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("Python starts");
    emulator
        .wait_for_connections(1)
        .await
        .expect("the SDK connects");
    let said = emulator.say("林小满", "你好 👋").expect("it is said");
    let answers = emulator
        .wait_for_answers(&said.conversation, 1)
        .await
        .expect("it is answered");
    assert_eq!(answers[0].text, "收到：你好 👋");
    let opened = emulator.counters().connections_opened;
    assert_eq!(emulator.disconnect_all(), 1);
    let again = emulator
        .wait_until(|view| view.counters().connections_opened > opened && view.connections() > 0);
    again.await.expect("the SDK comes back");
    emulator.say("林小满", "还在吗").expect("it is said");
    let answers = emulator
        .wait_for_answers(&said.conversation, 2)
        .await
        .expect("it is answered");
    assert_eq!(answers[1].text, "收到：还在吗");
    bot.kill().await.expect("the bot is ended");
}

/// A Python that has the SDK, made once and kept below the target folder.
async fn python_with_sdk() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE.replace("==", "-"));
    let python = folder.join("bin/python");
    let mut import = Command::new(&python);
    if !run(import.args(["-c", "import dingtalk_stream"])).await {
        let help = "cannot install the SDK: this test needs python3 with venv (apt-get install python3-venv) and PyPI";
        assert!(
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await,
            "{help}"
        );
        assert!(
            run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE])).await,
            "{help}"
        );
    }
    python
}

async fn run(command: &mut Command) -> bool {
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let status = tokio::time::timeout(Duration::from_secs(300), status).await;
    status.is_ok_and(|status| status.is_ok_and(|status| status.success()))
}
