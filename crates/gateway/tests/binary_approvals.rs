//! The real binary asks before it acts: by typing and by buttons, also over `kill -9` between asking and answering.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Json;
use axum::routing::post;
use dingtalk_emulator::{ConversationId, Media, Shown, Utterance};
use serde_json::{Value, json};
use site::{Site, colleague, terminate};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A model that calls what it is told: `!call NAME JSON` in a question. It repeats what the tool says.
async fn obedient(Json(question): Json<Value>) -> Json<Value> {
    let messages = question["messages"].as_array().unwrap();
    let last = messages.last().unwrap();
    let said = last["content"].as_str().unwrap_or_default();
    let order = said.split_once("!call ").map(|(_, order)| order);
    let (message, reason) = match (last["role"].as_str(), order) {
        (Some("user"), Some(order)) => {
            let order = order.lines().next().unwrap();
            let (name, json) = order.split_once(' ').unwrap();
            let function = json!({ "name": name, "arguments": json });
            let call = json!({ "id": "call-1", "type": "function", "function": function });
            let message = json!({ "role": "assistant", "content": null, "tool_calls": [call] });
            (message, "tool_calls")
        }
        _ => {
            let content = format!("结果：{said}");
            (json!({ "role": "assistant", "content": content }), "stop")
        }
    };
    Json(json!({ "choices": [{ "index": 0, "message": message, "finish_reason": reason }] }))
}

async fn model() -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/v1/chat/completions", post(obedient));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (tasks, address)
}

/// What there is in a chat, once something of it holds these words.
async fn shown(site: &Site, chat: &ConversationId, words: &str) -> Vec<Shown> {
    let there = |view: &dingtalk_emulator::View<'_>| {
        view.answers(chat)
            .any(|shown| format!("{shown:?}").contains(words))
    };
    let waited = site.emulator.wait_within(PATIENCE, there).await;
    let shown = site.emulator.answers(chat);
    assert!(
        waited.is_ok(),
        "no {words} in {shown:?}\n{}",
        site.printed()
    );
    shown
}

/// The name of what is asked, from the button of its message.
fn id_in(shown: &[Shown]) -> String {
    let all = format!("{shown:?}");
    let (_, behind) = all.rsplit_once("%2Fapprove%20").unwrap();
    let id = behind.chars();
    id.take_while(|one| one.is_ascii_alphanumeric() || *one == '-')
        .collect()
}

fn notes(site: &Site) -> String {
    let mut all = String::new();
    let mut folders = vec![site.state().join("notes")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    all
}

#[tokio::test]
async fn b14_a_yes_counts_after_kill_9_and_only_once() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let (_model, address) = model().await;
    site.configure(|config| {
        config["models"]["providers"]["echo"]["baseUrl"] = json!(address);
        config["tools"] = json!({
            "alsoAllow": ["remember"],
            "approval": { "require": ["remember"], "timeoutSeconds": 300 },
        });
    });
    for answered_while_down in [false, true] {
        let mut gateway = site.start_after("");
        site.emulator.wait_for_connections(1).await.unwrap();
        let person = colleague(usize::from(answered_while_down));
        let note = format!("记一笔{answered_while_down}");
        let order = format!("!call remember {{\"note\":\"{note}\"}}");
        let said = site
            .emulator
            .utter(&Utterance::text(&person, &order))
            .unwrap();
        let asked = shown(&site, &said.conversation, "%2Fapprove%20").await;
        assert!(
            format!("{asked:?}").contains("需要批准：remember"),
            "{asked:?}"
        );
        assert!(format!("{asked:?}").contains(&note), "{asked:?}");
        let typed = format!("/approve {} allow-once", id_in(&asked));
        assert!(!notes(&site).contains(&note));
        gateway.kill().await.unwrap();
        let say = || {
            site.emulator
                .utter(&Utterance::text(&person, &typed))
                .unwrap()
        };
        if answered_while_down {
            // The platform keeps it until the gateway is back.
            say();
        }
        let mut gateway = site.start_after("");
        site.emulator.wait_for_connections(1).await.unwrap();
        if !answered_while_down {
            say();
        }
        shown(&site, &said.conversation, "结果：").await;
        assert_eq!(notes(&site).matches(&note).count(), 1);
        shown(&site, &said.conversation, "已批准").await;
        // Once more is too often.
        say();
        let all = shown(&site, &said.conversation, "CHELA-7004").await;
        // A message whose delivery was cut between the platform's answer and the commit may be seen twice; it asks the
        // same.
        let asks = all
            .iter()
            .filter(|one| format!("{one:?}").contains("%2Fapprove%20"));
        let ids: BTreeSet<String> = asks.map(|one| id_in(std::slice::from_ref(one))).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(notes(&site).matches(&note).count(), 1);
        terminate(&mut gateway).await;
    }
    assert!(site.printed().contains("CHELA-7004"), "{}", site.printed());
}

#[tokio::test]
async fn beside_what_others_wrote_the_person_decides() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let (_model, address) = model().await;
    site.configure(|config| {
        config["models"]["providers"]["echo"]["baseUrl"] = json!(address);
        config["tools"] = json!({ "alsoAllow": ["remember"] });
    });
    let mut gateway = site.start_after("");
    site.emulator.wait_for_connections(1).await.unwrap();
    for (person, typed, count) in [(0, "/拒绝", 0), (1, "/批准", 1)] {
        let note = format!("来自文件{person}");
        let order = format!("!call remember {{\"note\":\"{note}\"}}");
        let file = Utterance::file(&colleague(person), Media::new("令.txt", order));
        let said = site.emulator.utter(&file).unwrap();
        let asked = shown(&site, &said.conversation, "%2Fapprove%20").await;
        assert!(format!("{asked:?}").contains("对话里有文件"), "{asked:?}");
        // Somebody else finds nothing to approve.
        let other = Utterance::text(
            &colleague(5 + person),
            &format!("/approve {}", id_in(&asked)),
        );
        let other = site.emulator.utter(&other).unwrap();
        shown(&site, &other.conversation, "CHELA-7004").await;
        site.emulator
            .utter(&Utterance::text(&colleague(person), typed))
            .unwrap();
        shown(&site, &said.conversation, "结果：").await;
        assert_eq!(notes(&site).matches(&note).count(), count);
    }
    terminate(&mut gateway).await;
    for private in ["来自文件", "remember {"] {
        assert!(!site.printed().contains(private));
    }
}
