//! `doctor`, `gateway status` and `logs --follow` against a gateway that runs and a platform that answers.

mod site;

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use site::Site;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

async fn run(site: &Site, arguments: &[&str]) -> Output {
    let mut command = site.command();
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.output().await.expect("the program starts")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("the output is JSON")
}

/// The state that a check of `doctor` found.
fn status<'a>(report: &'a Value, check: &str) -> &'a str {
    let checks = report["checks"].as_array().expect("there are checks");
    let found = checks.iter().find(|found| found["check"] == check);
    found
        .and_then(|found| found["status"].as_str())
        .expect("the check was made")
}

#[tokio::test]
async fn doctor_is_content_with_a_platform_that_answers() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let output = run(&site, &["doctor", "--json"]).await;
    let report = json(&output);
    for check in [
        "config",
        "state",
        "store",
        "network",
        "credentials",
        "stream",
        "model",
    ] {
        assert_eq!(status(&report, check), "ok", "{check}: {report:#}");
    }
    assert_eq!(report["ok"], true);
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn doctor_tells_a_wrong_secret() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    site.configure(|config| config["channels"]["dingtalk"]["clientSecret"] = "wr0ng-demo".into());
    let output = run(&site, &["doctor"]).await;
    let printed = String::from_utf8(output.stdout).expect("it is text");
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(
        printed.contains(
            "✗ 钉钉凭证 default\n    错误[CHELA-3001] 钉钉不接受 clientId 或 clientSecret\n"
        ),
        "{printed}"
    );
    assert!(
        printed.contains("- Stream 连接 default：跳过，先解决“钉钉凭证”的问题\n"),
        "{printed}"
    );
    assert!(!printed.contains("wr0ng-demo"), "{printed}");
}

#[tokio::test]
async fn status_and_logs_of_a_running_gateway() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let _gateway = site.start();
    site.emulator
        .wait_for_connections(1)
        .await
        .expect("the gateway connects");

    let mut follow = site.command();
    follow
        .args(["logs", "--follow", "--lang", "en"])
        .stdout(Stdio::piped());
    let mut follow = follow.spawn().expect("the program starts");
    let mut lines = BufReader::new(follow.stdout.take().expect("there is a pipe")).lines();
    let started = async {
        while let Some(line) = lines.next_line().await.expect("the log can be read") {
            if line.contains("gateway started") {
                return line;
            }
        }
        panic!("the log ended");
    };
    let line = tokio::time::timeout(PATIENCE, started)
        .await
        .expect("it is logged");
    assert!(line.contains(" info  gateway: gateway started"), "{line}");
    follow.kill().await.expect("it is ended");

    let running = async {
        loop {
            let output = run(&site, &["gateway", "status", "--json"]).await;
            if output.status.success() {
                return json(&output);
            }
            tokio::task::yield_now().await;
        }
    };
    let status = tokio::time::timeout(PATIENCE, running)
        .await
        .expect("it is ready");
    assert_eq!(status["state"], "running");
    assert_eq!(status["status"]["accounts"][0]["state"], "connected");
    let shown = run(&site, &["gateway", "status"]).await;
    let shown = String::from_utf8(shown.stdout).expect("it is text");
    assert!(shown.starts_with("网关在运行：进程 "), "{shown}");
    assert!(shown.contains("已连接"), "{shown}");

    let doctor = run(&site, &["doctor", "--json"]).await;
    let report = json(&doctor);
    let checks = report["checks"].as_array().expect("there are checks");
    let store = checks.iter().find(|found| found["check"] == "store");
    assert_eq!(store.map(|store| &store["status"]), Some(&"skipped".into()));
}
