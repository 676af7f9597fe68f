//! A place where the real binary runs: a local DingTalk, a model that echoes, a configuration, a state directory.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test binary uses a part of it"
)]

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use axum::Json;
use axum::response::sse::{Event, Sse};
use axum::routing::post;
use axum::serve::ListenerExt;
use dingtalk_emulator::{ConversationId, Emulator, Person, World};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

/// Everything that the binary needs.
pub struct Site {
    pub emulator: Emulator,
    pub home: tempfile::TempDir,
    /// Every conversation that people write in here.
    pub chats: Vec<ConversationId>,
    binary: PathBuf,
    config: PathBuf,
    _model: JoinSet<()>,
}

/// Colleagues beside the three of the demo.
pub const COLLEAGUES: usize = 100;

impl Site {
    /// A platform that repeats quickly, and a model that pauses so long before each of ten words.
    pub async fn new(binary: &str, pause: Duration) -> Self {
        Self::with_colleagues(binary, pause, COLLEAGUES).await
    }

    /// The same with so many colleagues.
    pub async fn with_colleagues(binary: &str, pause: Duration, colleagues: usize) -> Self {
        let world = (0..colleagues).fold(World::demo(), |world, number| {
            world.person(Person::new(&colleague(number), &format!("staff{number}")))
        });
        let emulator = Emulator::builder()
            .world(world)
            .configure(|settings| {
                settings.ack_wait = Duration::from_secs(1);
                settings.repeats = 10;
                settings.dead_connection_stays = Duration::ZERO;
                settings.requests_per_second = None;
                settings.memory = 100_000;
            })
            .start()
            .await
            .expect("the platform starts");
        let home = tempfile::tempdir().unwrap();
        let (model, address) = serve_model(pause).await;
        let app = emulator.app();
        let config = home.path().join("chela.json");
        let text = json!({
            "gateway": { "port": 0 },
            "channels": { "dingtalk": {
                "clientId": app.client_id.as_str(),
                "clientSecret": app.client_secret.reveal(),
                "endpoint": emulator.base_url(),
                "oapiEndpoint": emulator.base_url(),
                "callsPerSecond": 10_000,
            } },
            "models": { "providers": { "echo": { "baseUrl": address, "apiKey": "none" } } },
            "agents": { "defaults": { "model": "echo/echo" } },
        });
        std::fs::write(&config, text.to_string()).unwrap();
        let direct = (0..colleagues).map(|number| emulator.direct(&colleague(number)).unwrap());
        let chats = direct
            .chain([emulator.group("项目讨论群").unwrap()])
            .collect();
        Self {
            emulator,
            home,
            chats,
            binary: binary.into(),
            config,
            _model: model,
        }
    }

    pub fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// `chela` with the site's configuration and state, and nothing of this machine's environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .arg("--config")
            .arg(&self.config)
            .env_clear()
            .env("HOME", self.home.path())
            .env("CHELA_HOME", self.state())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub fn start(&self) -> Child {
        self.command()
            .args(["gateway", "run"])
            .spawn()
            .expect("the binary starts")
    }

    /// Changes the configuration before the next start.
    pub fn configure(&self, change: impl FnOnce(&mut Value)) {
        let mut value: Value =
            serde_json::from_str(&std::fs::read_to_string(&self.config).unwrap()).unwrap();
        change(&mut value);
        std::fs::write(&self.config, value.to_string()).unwrap();
    }
}

pub fn colleague(number: usize) -> String {
    format!("同事{number}号")
}

/// A model that repeats the question, a character at a time.
async fn serve_model(pause: Duration) -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = axum::Router::new().route(
        "/v1/chat/completions",
        post(move |question| echo(question, pause)),
    );
    // Words are small, and must not wait for each other.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (tasks, address)
}

async fn echo(
    Json(question): Json<Value>,
    pause: Duration,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let asked = question["messages"]
        .as_array()
        .and_then(|messages| messages.last())
        .cloned()
        .unwrap_or_default();
    let asked = asked["content"].as_str().unwrap_or_default().to_owned();
    let words = stream::iter((0..10).map(|number| {
        if number == 9 {
            "完".to_owned()
        } else {
            String::new()
        }
    }));
    let first = stream::iter([format!("答：{asked} ")]);
    let paused = words.then(move |word| async move {
        // Even an empty sleep lasts until the next tick of the timer.
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        word
    });
    let chunk =
        |text: String| json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string();
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}).to_string();
    let lines = first
        .chain(paused)
        .map(chunk)
        .chain(stream::iter([end, "[DONE]".to_owned()]));
    Sse::new(lines.map(|line| Ok(Event::default().data(line))))
}
