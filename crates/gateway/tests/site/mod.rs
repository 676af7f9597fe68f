//! A place where the real binary runs: a local DingTalk, a model that echoes, a configuration, a state directory.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test binary uses a part of it"
)]

pub mod relay;

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use axum::Json;
use axum::response::sse::{Event, Sse};
use axum::routing::post;
use axum::serve::ListenerExt;
use dingtalk_emulator::{ConversationId, CustomRobot, Emulator, Group, Person, World};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
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
        Self::within(World::demo(), binary, pause, colleagues).await
    }

    /// The same in an organisation of this kind.
    pub async fn within(world: World, binary: &str, pause: Duration, colleagues: usize) -> Self {
        let robot = CustomRobot::new("告警机器人", "alert-token").signed_with("SECalert");
        let world = world.group(Group::new("运维群").custom_robot(robot));
        let world = (0..colleagues).fold(world, |world, number| {
            world.person(Person::new(&colleague(number), &format!("staff{number}")))
        });
        let mut site = Self::in_world(binary, pause, world).await;
        let direct =
            (0..colleagues).map(|number| site.emulator.direct(&colleague(number)).unwrap());
        site.chats = direct
            .chain([site.emulator.group("项目讨论群").unwrap()])
            .collect();
        site
    }

    /// Another platform, whose app the configuration names from now on.
    pub async fn on_platform(&self, world: World) -> Emulator {
        let emulator = Emulator::builder().world(world).start().await.unwrap();
        let app = emulator.app().clone();
        let address = emulator.base_url();
        self.configure(|config| {
            let dingtalk = &mut config["channels"]["dingtalk"];
            dingtalk["clientId"] = app.client_id.as_str().into();
            dingtalk["clientSecret"] = app.client_secret.reveal().into();
            dingtalk["endpoint"] = address.clone().into();
            dingtalk["oapiEndpoint"] = address.into();
        });
        emulator
    }

    /// The same in a world of its own.
    pub async fn in_world(binary: &str, pause: Duration, world: World) -> Self {
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
            // Answers are counted here.
            "messages": { "queue": { "showPosition": false } },
            "channels": { "dingtalk": {
                "clientId": app.client_id.as_str(),
                "clientSecret": app.client_secret.reveal(),
                "endpoint": emulator.base_url(),
                "oapiEndpoint": emulator.base_url(),
                "callsPerSecond": 10_000,
                // More than one test can use.
                "quota": { "callsPerMonth": 10_000_000, "messagesPerMonth": 10_000_000 },
            } },
            "models": { "providers": { "echo": { "baseUrl": address, "apiKey": "none" } } },
            "agents": { "defaults": { "model": "echo/echo" } },
        });
        std::fs::write(&config, text.to_string()).unwrap();
        Self {
            emulator,
            home,
            chats: Vec::new(),
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

    /// Starts the gateway by a shell that does something else first; what is printed is kept.
    pub fn start_after(&self, preparation: &str) -> Child {
        let gateway = self.command();
        let gateway = gateway.as_std();
        let shell = format!("{preparation}\nexec \"$@\"");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &shell, "sh"]);
        command.arg(gateway.get_program()).args(gateway.get_args());
        command.args(["gateway", "run"]).env_clear();
        for (name, value) in gateway.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let printed = || {
            let mut options = std::fs::OpenOptions::new();
            options
                .append(true)
                .create(true)
                .open(self.printed_file())
                .unwrap()
        };
        command
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(printed())
            .stderr(printed())
            .kill_on_drop(true)
            .spawn()
            .expect("the shell starts")
    }

    /// What gateways of [`Self::start_after`] have printed, on both streams.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(self.printed_file()).unwrap_or_default()
    }

    /// Runs `gateway status --json`; `None` while the gateway does not say that much.
    pub async fn status(&self) -> Option<Value> {
        let output = self.run(&["gateway", "status", "--json"]).await;
        let value: Value = serde_json::from_slice(&output.stdout).ok()?;
        value["status"].is_object().then_some(value)
    }

    /// Waits until the status of the gateway is as wished.
    pub async fn wait_for_status(&self, wished: impl Fn(&Value) -> bool) -> Value {
        let waiting = async {
            loop {
                if let Some(status) = self.status().await.filter(&wished) {
                    return status;
                }
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
        waited.expect("the status becomes as wished")
    }

    /// Everything that bots have written, over all conversations.
    pub fn answers(&self) -> Vec<String> {
        let shown = self.chats.iter().map(|chat| self.emulator.answers(chat));
        shown.flatten().map(|shown| shown.text).collect()
    }

    /// Fails unless each of these questions, and nothing else, has one answer.
    pub fn assert_answered_once<Question: AsRef<str>>(&self, questions: &[Question]) {
        let mut expected: Vec<String> = questions
            .iter()
            .map(|question| format!("答：{} 完", question.as_ref()))
            .collect();
        let mut answers = self.answers();
        expected.sort();
        answers.sort();
        assert_eq!(answers, expected);
    }

    fn printed_file(&self) -> PathBuf {
        self.home.path().join("printed")
    }

    /// Runs a command of the program to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command();
        command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.output().await.expect("the program starts")
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
    let mut asked = asked["content"].as_str().unwrap_or_default().to_owned();
    let length = asked.chars().count();
    if length > 1_000 {
        // Nobody wants a book repeated.
        asked = format!("{length} 个字");
    }
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

/// SIGTERM; the gateway ends well, and within its drain.
pub async fn terminate(gateway: &mut Child) {
    let id = gateway.id().expect("it lives").to_string();
    let kill = Command::new("kill").args(["-TERM", &id]).status();
    assert!(kill.await.expect("kill runs").success());
    let ended = tokio::time::timeout(Duration::from_secs(30), gateway.wait()).await;
    assert!(
        ended
            .expect("it ends within the drain")
            .expect("it ended")
            .success()
    );
}

/// What the administration interface answers to a `GET`, head included.
pub async fn get(status: &Value, path: &str, token: &str) -> String {
    let address = status["admin"].as_str().expect("it listens");
    let mut stream = TcpStream::connect(address).await.expect("it accepts");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Fails when a process has needed more memory than this at any time, in KiB. Only Linux tells.
pub fn assert_memory(process: &Child, limit: u64) {
    let id = process.id().expect("it lives");
    let Ok(status) = std::fs::read_to_string(format!("/proc/{id}/status")) else {
        return;
    };
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
    let peak = peak.expect("Linux tells the peak");
    assert!(peak < limit, "{peak} KiB");
}
