//! What servers should not do, and what it costs.

use std::time::Duration;

use chela_agents::mcp::Condition;
use chela_agents::tool::{Effect, Provenance};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::{Running, call, hostile, lines, lives, program, until};

#[tokio::test]
async fn its_tools_are_ours_as_far_as_they_make_sense() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = hostile("normal", folder.path());
    settings.exclude = vec!["hang*".to_owned()];
    settings.read_only = vec!["environment".to_owned()];
    let running = Running::start(vec![settings]);
    running.until_running().await;
    let tools = running.tools();
    let names: Vec<_> = tools.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "srv__block",
            "srv__die",
            "srv__echo",
            "srv__environment",
            "srv__flood",
            "srv__flood_line",
            "srv__lie"
        ]
    );
    let effect = |name: &str| tools[name].definition().effect;
    // A server's own word does not count unless the operator says so.
    assert_eq!(effect("srv__echo"), Effect::External);
    assert_eq!(effect("srv__environment"), Effect::Read);
    let description = &tools["srv__echo"].definition().description;
    assert_eq!(description.chars().count(), 1_000);
    let output = running
        .call("srv__echo", json!({ "text": "你好 👍" }))
        .await;
    assert_eq!(
        (output.text.as_str(), output.provenance, output.failed),
        ("回声：你好 👍", Provenance::Tool, false)
    );
    // It gets what it is given, and nothing of ours.
    let variables = running.call("srv__environment", json!({})).await.text;
    assert!(
        variables.contains("PATH") && !variables.contains("CARGO"),
        "{variables}"
    );
    running.end().await;
    assert!(!lives(&lines(folder.path(), "starts")[0]));
}

#[tokio::test]
async fn floods_and_lies_cost_one_call() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = hostile("normal", folder.path());
    settings.request_timeout = Duration::from_secs(3);
    let running = Running::start(vec![settings]);
    running.until_running().await;
    let flood = running.call("srv__flood", json!({})).await;
    assert_eq!(flood.text.chars().count(), 2 << 20);
    // 24 MB in one line are thrown away while they arrive, and what comes behind them is understood.
    running.call("srv__flood_line", json!({})).await;
    let lie = running.call("srv__lie", json!({ "n": 1 })).await;
    assert!(lie.failed, "{}", lie.text);
    let echo = running.call("srv__echo", json!({ "text": "还在" })).await;
    assert_eq!(echo.text, "回声：还在");
    assert_eq!(lines(folder.path(), "starts").len(), 1);
    running.end().await;
}

#[tokio::test]
async fn a_server_that_dies_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(vec![hostile("normal", folder.path())]);
    running.until_running().await;
    let output = running.call("srv__die", json!({})).await;
    assert!(
        output.failed && output.text.contains("has ended"),
        "{}",
        output.text
    );
    until(|| matches!(running.condition(), Condition::Failed { .. })).await;
    assert!(running.tools().is_empty());
    running.until_running().await;
    assert_eq!(
        running.call("srv__echo", json!({ "text": "a" })).await.text,
        "回声：a"
    );
    assert_eq!(lines(folder.path(), "starts").len(), 2);
    running.end().await;
}

#[tokio::test]
async fn a_call_that_is_given_up_is_cancelled_and_a_server_that_hangs_goes_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(vec![hostile("normal", folder.path())]);
    running.until_running().await;
    let tools = running.tools();
    let stop = async |name: &str, is_there: &dyn Fn() -> bool| {
        let cancel = CancellationToken::new();
        let calling = call(&tools[name], json!({}), cancel.clone());
        let stopping = async {
            until(is_there).await;
            cancel.cancel();
            Instant::now()
        };
        let (output, stopped) = tokio::join!(calling, stopping);
        assert!(output.failed && stopped.elapsed() < Duration::from_secs(2));
        stopped
    };
    // One that listens hears of it, and stays.
    let called = |name: &'static str| {
        let folder = folder.path().to_path_buf();
        move || lines(&folder, "calls").iter().any(|call| call == name)
    };
    stop("srv__hang", &called("hang")).await;
    until(|| lines(folder.path(), "pings").len() == 1).await;
    assert_eq!(lines(folder.path(), "cancelled").len(), 1);
    assert_eq!(lines(folder.path(), "starts").len(), 1);
    // One that does not listen is ended, with what it has started.
    let children = || lines(folder.path(), "children");
    let stopped = stop("srv__block", &|| children().len() == 1).await;
    let first = lines(folder.path(), "starts").remove(0);
    until(|| !lives(&first) && !lives(&children()[0])).await;
    let took = stopped.elapsed();
    assert!(took < Duration::from_millis(2_500), "{took:?}");
    running.until_running().await;
    running.end().await;
}

#[tokio::test]
async fn a_server_that_never_starts_holds_nothing_up() {
    let (folder, good) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut never = hostile("never-starts", folder.path());
    never.connect_timeout = Duration::from_millis(1_500);
    let mut settings = hostile("normal", good.path());
    settings.name = "good".to_owned();
    let running = Running::start(vec![never, settings]);
    until(|| running.tools().contains_key("good__echo")).await;
    assert_eq!(running.condition(), Condition::Starting);
    let failed = || match running.condition() {
        Condition::Failed { reason, .. } => reason.contains("has not started within"),
        _ => false,
    };
    until(failed).await;
    // Tried again, and nothing of the first try is left.
    until(|| lines(folder.path(), "children").len() == 2).await;
    let first = (
        lines(folder.path(), "starts").remove(0),
        lines(folder.path(), "children").remove(0),
    );
    assert!(!lives(&first.0) && !lives(&first.1));
    running.end().await;
    let mut all = lines(folder.path(), "starts");
    all.extend(lines(folder.path(), "children"));
    // What is killed needs a moment to go.
    until(|| all.iter().all(|id| !lives(id))).await;
}

#[tokio::test]
async fn why_a_server_does_not_start_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, words) in [
        (
            hostile("refuses", folder.path()),
            "no licence found for 某某公司",
        ),
        (
            program("no-such-program-anywhere", Vec::new()),
            "cannot be started",
        ),
        (program("true", Vec::new()), "has not started"),
    ] {
        let running = Running::start(vec![settings]);
        let told = || match running.condition() {
            Condition::Failed { reason, .. } => reason.contains(words),
            _ => false,
        };
        until(told).await;
        running.end().await;
    }
}
