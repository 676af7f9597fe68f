//! What people stop is dead when they are told so, and nothing outlives a gateway that is killed. On the real binary, by
//! looking at the processes.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use dingtalk_emulator::Utterance;
use futures_util::stream::{self, Stream, StreamExt as _};
use serde_json::{Value, json};
use site::{Site, colleague, terminate};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether the endless answer of the second agent is being listened to.
#[derive(Clone, Default)]
struct Listened(Arc<AtomicBool>);

/// Noticed when the connection goes.
struct Listener(Arc<AtomicBool>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// One agent's model calls a tool that never ends, the other one's never ends itself.
async fn model(Json(question): Json<Value>, listened: Listened) -> Response {
    if question["model"] == "endless" {
        return Sse::new(endless(listened)).into_response();
    }
    let call = json!({
        "id": "call-1",
        "type": "function",
        "function": { "name": "crab__block", "arguments": "{}" },
    });
    let message = json!({ "role": "assistant", "content": null, "tool_calls": [call] });
    let choice = json!({ "index": 0, "message": message, "finish_reason": "tool_calls" });
    Json(json!({ "choices": [choice] })).into_response()
}

fn endless(listened: Listened) -> impl Stream<Item = Result<Event, Infallible>> {
    listened.0.store(true, Ordering::SeqCst);
    let listener = Listener(listened.0);
    let word = |number: u32| {
        let delta = json!({ "content": format!("第{number}句。") });
        json!({ "choices": [{ "index": 0, "delta": delta }] }).to_string()
    };
    stream::iter(0..3)
        .map(word)
        .chain(stream::pending())
        .map(move |line| {
            // Moved in, so that it goes with the connection.
            let _alive = &listener;
            Ok(Event::default().data(line))
        })
}

async fn serve(listened: Listened) -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = axum::Router::new().route(
        "/v1/chat/completions",
        post(move |question| model(question, listened.clone())),
    );
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (tasks, address)
}

fn configure(site: &Site, model: &str, folder: &Path) {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../agents/tests/mcp/hostile.py");
    site.configure(|config| {
        config["models"]["providers"]["echo"]["baseUrl"] = json!(model);
        config["channels"]["dingtalk"]["messageType"] = json!("card");
        config["agents"] = json!({ "list": [
            { "id": "coder", "default": true, "model": "echo/calling" },
            { "id": "writer", "model": "echo/endless" },
        ] });
        config["tools"] = json!({ "alsoAllow": ["crab__*"] });
        config["mcp"] = json!({ "servers": { "crab": {
            "command": "python3",
            "args": [script, "normal", folder],
            "env": { "PATH": "/usr/local/bin:/usr/bin:/bin" },
        } } });
    });
}

/// The ids that the server has written down.
fn ids(folder: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Whether a process is there; one that nobody has reaped yet is not.
fn lives(id: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    state
        .rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    waited.unwrap_or_else(|_| panic!("{what}"));
}

/// B10: a run with a child process, and a second agent that works beside it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_is_dead_before_the_card_says_so() {
    let site = Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await;
    let listened = Listened::default();
    let (_model, address) = serve(listened.clone()).await;
    let folder = tempfile::tempdir().unwrap();
    configure(&site, &address, folder.path());
    let mut gateway = site.start_after("");
    site.wait_for_status(|status| status["status"]["tool_servers"][0]["is_running"] == true)
        .await;
    let person = colleague(0);
    let said = Utterance::text(&person, "@coder @writer 一起做");
    let said = site.emulator.utter(&said).unwrap();
    let children = || ids(folder.path(), "children");
    until("both work", || {
        !children().is_empty() && listened.0.load(Ordering::SeqCst)
    })
    .await;
    let writes =
        |view: &dingtalk_emulator::View<'_>| view.cards().any(|card| card.text.contains("第2句"));
    site.emulator.wait_within(PATIENCE, writes).await.unwrap();
    let mut processes = ids(folder.path(), "starts");
    processes.extend(children());
    assert!(processes.iter().all(|id| lives(id)), "they work");

    let began = Instant::now();
    site.emulator
        .utter(&Utterance::text(&person, "/stop"))
        .unwrap();
    let mut died = None;
    let mut told_too_early = Vec::new();
    let mut told = |view: &dingtalk_emulator::View<'_>| {
        let is_dead = processes.iter().all(|id| !lives(id));
        let answers = view.answers(&said.conversation);
        let is_told = |text: &str| text.contains("停止");
        let told: Vec<String> = answers
            .map(|shown| shown.text.clone())
            .filter(|text| is_told(text))
            .collect();
        if is_dead {
            died.get_or_insert_with(|| began.elapsed());
        } else {
            // The other agent has no process; its card may say so at once.
            told_too_early.extend(told.iter().filter(|text| text.contains("coder")).cloned());
        }
        told.len() >= 2 && told.iter().any(|text| text.contains("coder"))
    };
    let stopped = site.emulator.wait_within(PATIENCE, &mut told).await;
    assert!(stopped.is_ok(), "{}", site.printed());
    let took = died.expect("they are dead when both have said so");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(told_too_early, Vec::<String>::new());
    assert!(
        !listened.0.load(Ordering::SeqCst),
        "the other model is left alone"
    );
    let spinning = site.emulator.look(|view| view.spinning_cards().count());
    assert_eq!(spinning, 0);
    terminate(&mut gateway).await;
}

/// A gateway that is killed leaves no server of tools behind, and nothing that one has started.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_outlives_a_gateway_that_is_killed() {
    let site = Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await;
    let (_model, address) = serve(Listened::default()).await;
    let folder = tempfile::tempdir().unwrap();
    configure(&site, &address, folder.path());
    let mut gateway = site.start_after("");
    site.wait_for_status(|status| status["status"]["tool_servers"][0]["is_running"] == true)
        .await;
    let said = Utterance::text(&colleague(0), "@coder 做");
    site.emulator.utter(&said).unwrap();
    let children = || ids(folder.path(), "children");
    until("the server works", || !children().is_empty()).await;
    let mut processes = ids(folder.path(), "starts");
    processes.extend(children());
    assert!(processes.iter().all(|id| lives(id)), "they work");
    gateway.kill().await.unwrap();
    until("they are gone", || processes.iter().all(|id| !lives(id))).await;
}
