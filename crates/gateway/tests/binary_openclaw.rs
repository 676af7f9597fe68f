//! The whole path with OpenClaw as the agent: a person writes, the real binary asks a gateway of OpenClaw, and one answer
//! types itself on a card; also when the socket is lost in the middle, and when the binary is restarted.

mod site;

#[path = "../../agents/tests/agents/support/openclaw.rs"]
mod openclaw;

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use openclaw::{OpenClaw, TOKEN, Tape};
use serde_json::json;
use site::{Site, colleague, terminate};

const PATIENCE: Duration = Duration::from_secs(60);
const ANSWER: &str = " from the mock model. Second sentence here.";

async fn site(gateway: &OpenClaw) -> Site {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let url = gateway.url();
    site.configure(|config| {
        config["channels"]["dingtalk"]["messageType"] = "card".into();
        config["channels"]["dingtalk"]["cardStreamInterval"] = 200.into();
        config["agents"] = json!({ "defaults": {
            "backend": "openclaw",
            "openclaw": { "url": url, "token": TOKEN, "owners": ["*"] },
        } });
    });
    site
}

/// Waits for the one answer to somebody, and gives its text and how often its card was written.
async fn answered(site: &Site, number: usize) -> String {
    let chat = &site.chats[number];
    let waiting = site.emulator.wait_within(PATIENCE, |view| {
        view.answers(chat).next().is_some() && view.spinning_cards().count() == 0
    });
    let waited = waiting.await;
    assert!(waited.is_ok(), "{}", site.printed());
    let shown = site.emulator.answers(chat);
    assert_eq!(shown.len(), 1);
    assert!(shown[0].card.is_some(), "it is a card");
    shown[0].text.clone()
}

#[tokio::test]
async fn one_answer_of_either_protocol_types_itself_on_a_card() {
    for protocol in [3, 4] {
        let fake = OpenClaw::start(protocol).await;
        let site = site(&fake).await;
        let mut gateway = site.start_after("");
        let connected = site.emulator.wait_for_connections(1).await;
        connected.expect("the gateway connects");

        // Stops in the middle of the answer, where a person sees the beginning.
        fake.play(Tape::Tool);
        fake.hold(if protocol == 4 { 22 } else { 4 });
        site.emulator.say(&colleague(0), "你好🦀").unwrap();
        let begun = site.emulator.wait_within(PATIENCE, |view| {
            view.cards().any(|card| card.text.contains("你好🦀"))
        });
        let begun = begun.await;
        assert!(begun.is_ok(), "protocol {protocol}: {}", site.printed());
        assert_eq!(site.emulator.look(|view| view.spinning_cards().count()), 1);

        // The socket is lost; the answer goes on where it was.
        fake.drop_sockets();
        fake.until(|fake| fake.connections() == 2).await;
        fake.release();
        let text = answered(&site, 0).await;
        assert!(text.contains(&format!("你好🦀{ANSWER}")), "{text}");
        assert_eq!(fake.started(), 1);

        // A restart of ours in the middle: the same run, one answer.
        fake.play(Tape::Basic);
        fake.hold(1);
        site.emulator.say(&colleague(1), "重启").unwrap();
        fake.until(|fake| fake.started() == 2).await;
        gateway.kill().await.unwrap();
        let mut gateway = site.start_after("");
        let found =
            |fake: &OpenClaw| !fake.calls("chat.history").is_empty() && fake.connections() == 3;
        fake.until(found).await;
        fake.release();
        let text = answered(&site, 1).await;
        assert!(text.contains(&format!("重启{ANSWER}")), "{text}");
        assert_eq!((fake.started(), fake.calls("chat.abort").len()), (2, 0));
        terminate(&mut gateway).await;

        let key = std::fs::metadata(site.state().join("openclaw-device.key")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
        assert!(!site.printed().contains(TOKEN));
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_and_settings_that_cannot_work_are_refused() {
    let fake = OpenClaw::start(4).await;
    let site = site(&fake).await;
    site.configure(|config| {
        config["agents"]["defaults"]["openclaw"]["token"] = "wrong-token".into();
    });
    let mut gateway = site.start_after("");
    let connected = site.emulator.wait_for_connections(1).await;
    connected.expect("the gateway connects");
    site.emulator.say(&colleague(0), "在吗").unwrap();
    let waited = site.emulator.wait_within(PATIENCE, |view| {
        view.answers(&site.chats[0])
            .any(|shown| shown.text.contains("CHELA-4002"))
    });
    assert!(waited.await.is_ok(), "{:?}", site.answers());
    terminate(&mut gateway).await;

    site.configure(|config| {
        config["agents"]["defaults"] =
            json!({ "backend": "openclaw", "openclaw": { "token": TOKEN } });
    });
    let output = site.run(&["config", "validate"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success());
    assert!(
        said.contains("agents.defaults.openclaw") && said.contains("url"),
        "{said}"
    );
    site.configure(|config| {
        config["agents"]["defaults"] =
            json!({ "backend": "acp", "acp": { "command": "true", "directory": "/nonexistent" } });
    });
    let output = site.run(&["gateway", "run"]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("CHELA-4051") && said.contains("/nonexistent"),
        "{said}"
    );
}
