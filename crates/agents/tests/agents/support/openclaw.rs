//! A gateway of OpenClaw that replays what real ones of both protocols were recorded to say, on real sockets; it loses
//! sockets, restarts and starts slowly when it is told to.
//!
//! The recordings are in `tests/openclaw`: complete traces of 2026.9.6, and the frames that were kept of 2026.3.13. Ids
//! and session keys are replaced by those of the run, and `Hello` by the question.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by test binaries that use a part of it each"
)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

pub const TOKEN: &str = "openclaw-token-not-to-be-seen";
const NEWER: [&str; 3] = [
    include_str!("../../openclaw/ws-trace-basic.jsonl"),
    include_str!("../../openclaw/ws-trace-tool.jsonl"),
    include_str!("../../openclaw/ws-trace-abort.jsonl"),
];
const OLDER: &str = include_str!("../../openclaw/protocol-3.jsonl");

/// What a run is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tape {
    Basic,
    Tool,
    /// Goes on until it is ended.
    Abort,
    /// Accepts and says nothing more.
    Silent,
    /// Ends by itself, and the final word gets lost.
    NoFinal,
    /// Ends with this text.
    Says(&'static str),
    /// Ends by an error.
    Fails,
}

/// What happens to the next attempts to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    /// Refused as long as its parts are starting.
    Starting(u32),
    NotPaired,
    /// Speaks a protocol of the future.
    Newer,
    /// A page in the place of a WebSocket.
    HttpOnly,
    /// Takes the socket and says nothing.
    Mute,
    /// Says what is no frame.
    Garbage,
}

#[derive(Clone)]
pub struct OpenClaw {
    pub address: SocketAddr,
    state: Arc<State>,
    _tasks: Arc<JoinSet<()>>,
}

struct State {
    inner: Mutex<Inner>,
    changed: Notify,
    /// How many frames of a run may be played.
    gate: watch::Sender<usize>,
    runs: Mutex<JoinSet<()>>,
}

struct Inner {
    protocol: u64,
    tape: Tape,
    door: Door,
    boot: u64,
    connections: HashMap<u64, mpsc::UnboundedSender<Option<Value>>>,
    last_connection: u64,
    runs: HashMap<String, Run>,
    histories: HashMap<String, Vec<Value>>,
    calls: Vec<(String, Value)>,
    http: Vec<Value>,
}

struct Run {
    session: String,
    over: bool,
    abort: watch::Sender<bool>,
}

impl OpenClaw {
    pub async fn start(protocol: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, protocol)
    }

    pub fn listen(listener: TcpListener, protocol: u64) -> Self {
        let address = listener.local_addr().unwrap();
        let inner = Inner {
            protocol,
            tape: Tape::Basic,
            door: Door::Open,
            boot: 1,
            connections: HashMap::new(),
            last_connection: 0,
            runs: HashMap::new(),
            histories: HashMap::new(),
            calls: Vec::new(),
            http: Vec::new(),
        };
        let state = Arc::new(State {
            inner: Mutex::new(inner),
            changed: Notify::new(),
            gate: watch::Sender::new(usize::MAX),
            runs: Mutex::default(),
        });
        let router = Router::new()
            .route("/", any(connect))
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&state));
        // Frames are small, and must not wait for each other.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            state,
            _tasks: Arc::new(tasks),
        }
    }

    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    pub fn play(&self, tape: Tape) {
        self.inner().tape = tape;
    }

    pub fn door(&self, door: Door) {
        self.inner().door = door;
    }

    /// Lets runs say so many frames and no more.
    pub fn hold(&self, frames: usize) {
        self.state.gate.send_replace(frames);
    }

    pub fn release(&self) {
        self.hold(usize::MAX);
    }

    pub fn drop_sockets(&self) {
        self.inner().connections.clear();
    }

    /// Ends and begins again: what runs is gone, and so is everything that is only remembered in memory.
    pub fn restart(&self, protocol: u64) {
        let mut inner = self.inner();
        inner.protocol = protocol;
        inner.boot += 1;
        inner.connections.clear();
        inner.runs.clear();
        self.state.runs.lock().unwrap().abort_all();
    }

    pub fn forget_histories(&self) {
        self.inner().histories.clear();
    }

    /// The parameters of all calls of a method.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let inner = self.inner();
        let calls = inner.calls.iter().filter(|(name, _)| name == method);
        calls.map(|(_, params)| params.clone()).collect()
    }

    /// How many questions began a run.
    pub fn started(&self) -> usize {
        self.calls("started").len()
    }

    /// Bodies of what came over HTTP.
    pub fn http(&self) -> Vec<Value> {
        self.inner().http.clone()
    }

    pub fn connections(&self) -> u64 {
        self.inner().last_connection
    }

    /// Waits until something is so.
    pub async fn until(&self, wished: impl Fn(&Self) -> bool) {
        let waiting = async {
            loop {
                let changed = self.state.changed.notified();
                if wished(self) {
                    return;
                }
                changed.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(600), waiting).await;
        waited.expect("it becomes as wished");
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.inner.lock().unwrap()
    }
}

async fn connect(
    Shared(state): Shared<Arc<State>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let door = state.inner.lock().unwrap().door;
    match upgrade {
        Ok(upgrade) if door != Door::HttpOnly => upgrade.on_upgrade(|socket| serve(state, socket)),
        _ => (StatusCode::NOT_FOUND, "<html>nothing here</html>").into_response(),
    }
}

async fn serve(state: Arc<State>, mut socket: WebSocket) {
    let nonce = "nonce-1";
    let door = state.inner.lock().unwrap().door;
    match door {
        Door::Mute => return std::future::pending().await,
        Door::Garbage => {
            drop(socket.send(Message::text("<html>")).await);
            return std::future::pending().await;
        }
        _ => {}
    }
    let challenge = event("connect.challenge", json!({ "nonce": nonce, "ts": NOW }));
    if write(&mut socket, challenge).await.is_err() {
        return;
    }
    let Some(request) = read(&mut socket).await else {
        return;
    };
    assert_eq!(request["method"], "connect");
    match introduce(&state, &request["params"], nonce) {
        Ok(hello) => {
            let answer =
                json!({ "type": "res", "id": request["id"], "ok": true, "payload": hello });
            drop(write(&mut socket, answer).await);
        }
        Err(error) => {
            let answer = json!({ "type": "res", "id": request["id"], "ok": false, "error": error });
            drop(write(&mut socket, answer).await);
            return;
        }
    }
    let (number, mut outgoing) = {
        let mut inner = state.inner.lock().unwrap();
        inner.last_connection += 1;
        let (sender, outgoing) = mpsc::unbounded_channel();
        let number = inner.last_connection;
        inner.connections.insert(number, sender);
        (number, outgoing)
    };
    state.changed.notify_waiters();
    let mut seq = 0;
    loop {
        tokio::select! {
            biased;
            frame = outgoing.recv() => {
                let Some(Some(mut frame)) = frame else { break };
                if frame["type"] == "event" {
                    seq += 1;
                    frame["seq"] = json!(seq);
                }
                if write(&mut socket, frame).await.is_err() { break }
            }
            request = read(&mut socket) => {
                let Some(request) = request else { break };
                handle(&state, number, &request);
            }
        }
    }
    state.inner.lock().unwrap().connections.remove(&number);
}

/// The clock of the gateway: later than every message of the tests.
const NOW: i64 = 1_795_407_560_083;

/// When questions are written into the history: later than every message, also of binaries that have the real clock.
const WRITTEN_AT: i64 = 4_102_444_800_000;

/// Checks an introduction as the real ones do.
fn introduce(state: &State, params: &Value, nonce: &str) -> Result<Value, Value> {
    let mut inner = state.inner.lock().unwrap();
    inner.calls.push(("connect".to_owned(), params.clone()));
    let protocol = inner.protocol;
    let error = |code: &str, message: &str, details: Value| json!({ "code": code, "message": message, "details": details });
    match &mut inner.door {
        Door::Starting(0) => inner.door = Door::Open,
        Door::Starting(left) => {
            *left -= 1;
            let mut error = error(
                "UNAVAILABLE",
                "starting",
                json!({ "reason": "startup-sidecars" }),
            );
            error["retryable"] = json!(true);
            error["retryAfterMs"] = json!(500);
            return Err(error);
        }
        Door::NotPaired => return Err(error("NOT_PAIRED", "pairing required", json!({}))),
        _ => {}
    }
    if params["auth"]["token"] != TOKEN {
        let details = json!({ "code": "AUTH_TOKEN_MISMATCH" });
        return Err(error(
            "INVALID_REQUEST",
            "unauthorized: token mismatch",
            details,
        ));
    }
    assert_eq!(params["client"]["id"], "gateway-client");
    assert!(params["minProtocol"].as_u64().unwrap() <= protocol);
    assert!(params["maxProtocol"].as_u64().unwrap() >= protocol);
    verify(params, nonce);
    let newest = json!(5);
    let protocol = if inner.door == Door::Newer {
        newest
    } else {
        json!(protocol)
    };
    let server = if inner.protocol == 4 {
        json!({ "version": "2026.9.6", "bootId": format!("boot-{}", inner.boot) })
    } else {
        json!({ "version": "2026.3.13" })
    };
    let mut hello = json!({
        "type": "hello-ok",
        "protocol": protocol,
        "server": server,
        // The first life began before the messages of the tests, the next ones behind them.
        "snapshot": { "uptimeMs": if inner.boot == 1 { NOW } else { i64::try_from(20_000 * (10 - inner.boot)).unwrap() } },
        "policy": { "maxPayload": 26_214_400, "tickIntervalMs": 30_000 },
    });
    if inner.protocol == 4 {
        hello["auth"] = json!({ "scopes": params["scopes"] });
        hello["policy"]["attachments"] =
            json!({ "maxBytes": 19_464_192, "maxImageBytes": 6_291_456 });
    }
    Ok(hello)
}

fn verify(params: &Value, nonce: &str) {
    let device = &params["device"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let key = BASE64_URL_SAFE_NO_PAD
        .decode(text(&device["publicKey"]))
        .unwrap();
    let id: String = digest(&SHA256, &key)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(device["id"], id);
    let scopes: Vec<_> = params["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    let payload = format!(
        "v3|{id}|gateway-client|backend|operator|{}|{}|{TOKEN}|{nonce}|linux|",
        scopes.join(","),
        device["signedAt"]
    );
    let signature = BASE64_URL_SAFE_NO_PAD
        .decode(text(&device["signature"]))
        .unwrap();
    UnparsedPublicKey::new(&ED25519, key)
        .verify(payload.as_bytes(), &signature)
        .expect("the signature is right");
}

fn handle(state: &Arc<State>, connection: u64, request: &Value) {
    let (method, params) = (request["method"].as_str().unwrap(), &request["params"]);
    let result = {
        let mut inner = state.inner.lock().unwrap();
        inner.calls.push((method.to_owned(), params.clone()));
        match method {
            "chat.send" => inner.send(state, params),
            "chat.abort" => {
                let run = inner.runs.get(params["runId"].as_str().unwrap());
                let aborted = run.is_some_and(|run| !run.over && run.abort.send(true).is_ok());
                Ok(json!({ "ok": true, "aborted": aborted }))
            }
            "chat.history" => Ok(inner.history(params["sessionKey"].as_str().unwrap())),
            "sessions.reset" => {
                inner.histories.remove(params["key"].as_str().unwrap());
                Ok(json!({ "ok": true }))
            }
            _ => Err(json!({ "code": "INVALID_REQUEST", "message": "unknown method" })),
        }
    };
    let mut answer = json!({ "type": "res", "id": request["id"], "ok": result.is_ok() });
    match result {
        Ok(payload) => answer["payload"] = payload,
        Err(error) => answer["error"] = error,
    }
    let inner = state.inner.lock().unwrap();
    if let Some(connection) = inner.connections.get(&connection) {
        connection.send(Some(answer)).unwrap_or_default();
    }
    drop(inner);
    state.changed.notify_waiters();
}

impl Inner {
    fn send(&mut self, state: &Arc<State>, params: &Value) -> Result<Value, Value> {
        // What 2026.3.13 knows (§4.4); it refuses everything else.
        let known = [
            "sessionKey",
            "message",
            "idempotencyKey",
            "attachments",
            "thinking",
            "timeoutMs",
        ];
        let unknown = params
            .as_object()
            .unwrap()
            .keys()
            .find(|key| !known.contains(&key.as_str()));
        if let (3, Some(unknown)) = (self.protocol, unknown) {
            let message =
                format!("invalid chat.send params: at root: unexpected property '{unknown}'");
            return Err(json!({ "code": "INVALID_REQUEST", "message": message }));
        }
        let id = params["idempotencyKey"].as_str().unwrap().to_owned();
        if let Some(run) = self.runs.get(&id) {
            let status = if run.over { "ok" } else { "in_flight" };
            return Ok(json!({ "runId": id, "status": status }));
        }
        self.calls.push(("started".to_owned(), params.clone()));
        let session = params["sessionKey"].as_str().unwrap().to_owned();
        let mut question =
            json!({ "role": "user", "content": params["message"], "timestamp": WRITTEN_AT });
        if self.protocol == 4 {
            question["idempotencyKey"] = json!(format!("{id}:user"));
        }
        self.histories
            .entry(session.clone())
            .or_default()
            .push(question);
        let abort = watch::Sender::new(false);
        let performance = Performance {
            state: Arc::clone(state),
            id: id.clone(),
            session: session.clone(),
            frames: self.frames(&id, &session, params["message"].as_str().unwrap()),
            abort: abort.subscribe(),
        };
        state.runs.lock().unwrap().spawn(performance.play());
        self.runs.insert(
            id.clone(),
            Run {
                session,
                over: false,
                abort,
            },
        );
        Ok(json!({ "runId": id, "status": "started" }))
    }

    /// The recorded frames, as if they were of this run.
    fn frames(&self, id: &str, session: &str, question: &str) -> Vec<Value> {
        let last = |payload: Value| vec![event("chat", payload)];
        let recorded = match self.tape {
            Tape::Silent => return Vec::new(),
            Tape::Says(text) => {
                return last(
                    json!({ "runId": id, "state": "final", "message": { "content": text } }),
                );
            }
            Tape::Fails => {
                let said = "No API key found for provider";
                return last(json!({ "runId": id, "state": "error", "errorMessage": said }));
            }
            Tape::Basic | Tape::NoFinal => 0,
            Tape::Tool => 1,
            Tape::Abort => 2,
        };
        let frames: Vec<Value> = if self.protocol == 4 {
            let lines = NEWER[recorded]
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).unwrap());
            lines
                .filter(|line| line["dir"] == "<" && line["f"]["type"] == "event")
                .map(|line| line["f"].clone())
                .collect()
        } else {
            OLDER
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        };
        let runs: Vec<&str> = frames
            .iter()
            .filter_map(|frame| frame["payload"]["runId"].as_str())
            .collect();
        let run = match (self.protocol, recorded) {
            (4, _) | (_, 0) => runs[0],
            (_, 1) => runs[2],
            _ => runs[runs.len() - 1],
        };
        let of_run = frames
            .iter()
            .filter(|frame| frame["payload"]["runId"] == run);
        let is_final = |frame: &Value| frame["payload"]["state"] == "final";
        let wanted = of_run.filter(|frame| self.tape != Tape::NoFinal || !is_final(frame));
        let question: String = question.chars().take(40).collect();
        let question = json!(question).to_string();
        wanted
            .map(|frame| {
                let old_session = frame["payload"]["sessionKey"].as_str().unwrap();
                let text = frame
                    .to_string()
                    .replace(run, id)
                    .replace(old_session, session);
                serde_json::from_str(&text.replace("Hello", question.trim_matches('"'))).unwrap()
            })
            .collect()
    }

    fn history(&self, session: &str) -> Value {
        let messages = self.histories.get(session).cloned().unwrap_or_default();
        let mut history = json!({ "sessionKey": session, "messages": messages });
        if self.protocol == 4 {
            let active = self
                .runs
                .iter()
                .filter(|(_, run)| run.session == session && !run.over);
            let active: Vec<_> = active.map(|(id, _)| id).collect();
            history["sessionInfo"] =
                json!({ "hasActiveRun": !active.is_empty(), "activeRunIds": active });
        }
        history
    }
}

struct Performance {
    state: Arc<State>,
    id: String,
    session: String,
    frames: Vec<Value>,
    abort: watch::Receiver<bool>,
}

impl Performance {
    async fn play(mut self) {
        let mut gate = self.state.gate.subscribe();
        for (index, frame) in std::mem::take(&mut self.frames).into_iter().enumerate() {
            let aborted = frame["payload"]["state"] == "aborted";
            drop(gate.wait_for(|open| *open > index).await);
            if aborted {
                drop(self.abort.wait_for(|asked| *asked).await);
            }
            let ends = matches!(
                frame["payload"]["state"].as_str(),
                Some("final" | "aborted" | "error")
            );
            self.say(&frame, ends);
            tokio::task::yield_now().await;
            if ends {
                return;
            }
        }
        // A run that says nothing more works until it is ended; one whose last word got lost has ended.
        let no_final = self.state.inner.lock().unwrap().tape == Tape::NoFinal;
        if !no_final {
            drop(self.abort.wait_for(|asked| *asked).await);
        }
        let text = "the answer is in the history";
        let frame = json!({ "payload": { "message": { "content": text } } });
        self.end(&mut self.state.inner.lock().unwrap(), &frame);
        self.state.changed.notify_waiters();
    }

    fn say(&self, frame: &Value, ends: bool) {
        let mut inner = self.state.inner.lock().unwrap();
        if ends {
            self.end(&mut inner, frame);
        }
        for connection in inner.connections.values() {
            connection.send(Some(frame.clone())).unwrap_or_default();
        }
        drop(inner);
        self.state.changed.notify_waiters();
    }

    fn end(&self, inner: &mut Inner, frame: &Value) {
        if let Some(run) = inner.runs.get_mut(&self.id) {
            run.over = true;
        }
        let message = &frame["payload"]["message"];
        if frame["payload"]["state"] != "aborted" && message.is_object() {
            let said =
                json!({ "role": "assistant", "content": message["content"], "stopReason": "stop" });
            inner
                .histories
                .entry(self.session.clone())
                .or_default()
                .push(said);
        }
    }
}

async fn complete(
    Shared(state): Shared<Arc<State>>,
    headers: axum::http::HeaderMap,
    Json(mut body): Json<Value>,
) -> Response {
    for name in [
        "authorization",
        "x-openclaw-session-key",
        "x-openclaw-agent-id",
    ] {
        body[name] = json!(headers.get(name).map(|value| value.to_str().unwrap()));
    }
    state.inner.lock().unwrap().http.push(body);
    let chunk = |text: &str, reason: Value| {
        format!(
            "data: {}\n\n",
            json!({ "choices": [{ "delta": { "content": text }, "finish_reason": reason }] })
        )
    };
    let text = [
        chunk("over ", Value::Null),
        chunk("HTTP", json!("stop")),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat();
    ([("content-type", "text/event-stream")], text).into_response()
}

fn event(name: &str, payload: Value) -> Value {
    json!({ "type": "event", "event": name, "payload": payload })
}

async fn write(socket: &mut WebSocket, frame: Value) -> Result<(), axum::Error> {
    socket.send(Message::text(frame.to_string())).await
}

async fn read(socket: &mut WebSocket) -> Option<Value> {
    loop {
        match socket.recv().await? {
            Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
