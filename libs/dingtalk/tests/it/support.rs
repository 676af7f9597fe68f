//! A platform, and a robot in Stream mode that does what people write to it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dingtalk::id::ClientId;
use dingtalk::stream::{Ack, Handler, Health, Options, Push, Stream, Topic, WallClock};
use dingtalk::transport::ReqwestTransport;
use dingtalk::{Client, ClientSecret, Content, Credentials, Message, Settings};
use dingtalk_emulator::{App, Emulator, View};
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) const PERSON: &str = "林小满";
pub(crate) const OPEN: &str = "/v1.0/gateway/connections/open";
/// When all of this happens.
const START: i64 = 1_790_000_000_000;

/// A platform with its usual habits.
pub(crate) async fn platform() -> Emulator {
    Emulator::builder()
        .time_ms(START)
        .start()
        .await
        .expect("the platform starts")
}

/// A client of the first app.
pub(crate) fn client(emulator: &Emulator) -> Client {
    client_of(&emulator.base_url(), emulator.app())
}

/// A client of an app, with the secret that `app` names.
pub(crate) fn client_of(base_url: &str, app: &App) -> Client {
    let address = || base_url.parse().expect("the platform has an address");
    let settings = Settings {
        endpoint: address(),
        oapi_endpoint: address(),
        ..Settings::default()
    };
    let credentials = Credentials {
        client_id: ClientId::new(app.client_id.as_str()),
        client_secret: ClientSecret::new(app.client_secret.reveal()),
        corp_id: None,
    };
    Client::new(settings, credentials, transport())
}

/// The loopback network.
pub(crate) fn transport() -> Arc<ReqwestTransport> {
    // Another test of this process may have installed it already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = reqwest::Client::builder().no_proxy().build();
    Arc::new(ReqwestTransport::new(http.expect("the settings are plain")))
}

/// Requests to a path so far.
pub(crate) fn requests(emulator: &Emulator, path: &str) -> usize {
    emulator.look(|view| view.requests_to(path).count())
}

/// A condition: so many connections have been opened, ever.
pub(crate) fn opened(connections: u64) -> impl FnMut(&View<'_>) -> bool {
    move |view| view.counters().connections_opened >= connections
}

/// A robot in Stream mode.
pub(crate) struct Robot {
    pub(crate) handler: Arc<Obedient>,
    pub(crate) health: watch::Receiver<Health>,
    /// What the wall clock is ahead of the other one, in milliseconds.
    ahead: Arc<AtomicI64>,
    shutdown: CancellationToken,
    running: JoinSet<()>,
}

impl Robot {
    /// The first app's robot, connected.
    pub(crate) async fn connected(emulator: &Emulator) -> Self {
        let robot = Self::start(client(emulator));
        emulator.wait_for_connections(1).await.expect("it connects");
        robot
    }

    pub(crate) fn start(client: Client) -> Self {
        let handler = Arc::new(Obedient::default());
        let ahead = Arc::new(AtomicI64::new(0));
        let (began, jumped) = (Instant::now(), Arc::clone(&ahead));
        let wall_clock: WallClock = Arc::new(move || {
            let passed = i64::try_from(began.elapsed().as_millis()).expect("tests are short");
            START + passed + jumped.load(Ordering::Relaxed)
        });
        let taker = Arc::clone(&handler) as Arc<dyn Handler>;
        let (stream, health) = Stream::new(client, taker, Options::default(), wall_clock);
        let shutdown = CancellationToken::new();
        let mut running = JoinSet::new();
        running.spawn(stream.run(shutdown.clone()));
        Self {
            handler,
            health,
            ahead,
            shutdown,
            running,
        }
    }

    /// The machine sleeps: the wall clock goes on, the other one does not.
    pub(crate) fn sleep(&self, duration: Duration) {
        let milliseconds = i64::try_from(duration.as_millis()).expect("tests are short");
        self.ahead.fetch_add(milliseconds, Ordering::Relaxed);
    }

    pub(crate) async fn stop(&mut self) {
        self.shutdown.cancel();
        while self.running.join_next().await.is_some() {}
    }
}

/// What the handler was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) topic: Topic,
    pub(crate) push: String,
    /// `msgId`, for messages.
    pub(crate) message: Option<String>,
    pub(crate) data: String,
}

/// Does what the message says: `slow 5` is taken after five seconds, `hang` when [`Self::release`] is called, `panic 5`
/// panics after five seconds, `later` is refused for now; anything else is taken at once.
pub(crate) struct Obedient {
    seen: watch::Sender<Vec<Seen>>,
    released: CancellationToken,
    /// Messages that were refused for now, so that they are taken the next time.
    refused: Mutex<BTreeSet<String>>,
}

impl Default for Obedient {
    fn default() -> Self {
        Self {
            seen: watch::Sender::new(Vec::new()),
            released: CancellationToken::new(),
            refused: Mutex::default(),
        }
    }
}

impl Obedient {
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.borrow().clone()
    }

    /// The messages that came, each once.
    pub(crate) fn messages(&self) -> BTreeSet<String> {
        let seen = self.seen.borrow();
        seen.iter().filter_map(|one| one.message.clone()).collect()
    }

    /// Waits until that much has come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Seen> {
        let mut watched = self.seen.subscribe();
        let enough = watched.wait_for(|seen| seen.len() >= count);
        let waited = tokio::time::timeout(Duration::from_secs(600), enough).await;
        waited
            .unwrap_or_else(|_| panic!("only {:?} came", self.seen()))
            .expect("the handler lives")
            .clone()
    }

    pub(crate) fn release(&self) {
        self.released.cancel();
    }
}

impl Handler for Obedient {
    fn push(&self, push: Push) -> BoxFuture<'static, Ack> {
        let message = (push.topic == Topic::RobotMessage)
            .then(|| Message::parse(&push.data).expect("the platform sends messages"));
        let id = message.as_ref().map(|message| message.msg_id.to_string());
        self.seen.send_modify(|seen| {
            seen.push(Seen {
                topic: push.topic.clone(),
                push: push.id.to_string(),
                message: id.clone(),
                data: push.data.clone(),
            });
        });
        let text = match message.map(|message| message.content()) {
            Some(Content::Text(text)) => text,
            _ => String::new(),
        };
        let first = id.is_some_and(|id| self.refused.lock().expect("no panic").insert(id));
        let released = self.released.clone();
        Box::pin(async move {
            let mut words = text.split_whitespace();
            let (word, seconds) = (
                words.next(),
                words.next().and_then(|word| word.parse().ok()),
            );
            let pause = Duration::from_secs(seconds.unwrap_or_default());
            match word {
                Some("slow") => tokio::time::sleep(pause).await,
                Some("hang") => released.cancelled().await,
                Some("panic") => {
                    tokio::time::sleep(pause).await;
                    panic!("the handler was asked to");
                }
                Some("later") if first => return Ack::Later,
                _ => {}
            }
            Ack::Taken
        })
    }
}
