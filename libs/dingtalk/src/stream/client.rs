//! Keeps one connection open for ever: opens, replaces before it breaks, backs off, parks on wrong credentials.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{mpsc, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::connection::{Connection, Wiring, Wish};
use super::handler::Handler;
use super::health::{Health, Pulse, State};
use super::session::{Patience, Reason, Session};
use crate::api::{OpenConnection, Subscription};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::transport::Socket;

/// Tells the time of day, in milliseconds since 1970. May jump; that is what it is asked for.
pub type WallClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How Stream mode behaves. The defaults are those that the platform's habits call for (protocol reference §2.5, §2.7).
#[derive(Clone, Debug)]
pub struct Options {
    /// What is pushed. Default: everything that this library knows but delegated messages.
    pub subscriptions: Vec<Subscription>,
    /// Silence after which we ask for life. Default 20 s.
    pub ping_after: Duration,
    /// Silence after which the connection is replaced. Default 40 s, two unanswered questions.
    pub silence: Duration,
    /// How long a connection that is being replaced is still listened to. Default 30 s: time for several tries to open
    /// the next one. The platform itself closes 10 s after it has asked to be replaced.
    pub drain: Duration,
    /// How long a connection must live to count as healthy. Default 10 s.
    pub healthy_after: Duration,
    /// How often refused credentials are tried again. Default 5 min.
    pub parked_for: Duration,
    /// Where chance comes from.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            subscriptions: vec![
                Subscription::RobotMessages,
                Subscription::CardCallbacks,
                Subscription::Events,
            ],
            ping_after: Duration::from_secs(20),
            silence: Duration::from_secs(40),
            drain: Duration::from_secs(30),
            healthy_after: Duration::from_secs(10),
            parked_for: Duration::from_secs(300),
            seed: 0,
        }
    }
}

/// The pause before a connection is replaced that was asked for before it could prove healthy.
const ASKED_TOO_SOON: Duration = Duration::from_secs(1);
/// How often the wall clock is compared with the other one.
const CLOCK_CHECK: Duration = Duration::from_secs(5);
/// The wall clock may run ahead by this much in between; more means that the machine slept.
const CLOCK_SLACK: i64 = 10_000;

/// Stream mode for one app.
pub struct Stream {
    client: Client,
    handler: Arc<dyn Handler>,
    options: Options,
    wall_clock: WallClock,
    health: Arc<watch::Sender<Health>>,
}

impl Stream {
    /// Prepares Stream mode; nothing is opened yet. The receiver always holds the present health.
    pub fn new(
        client: Client,
        handler: Arc<dyn Handler>,
        options: Options,
        wall_clock: WallClock,
    ) -> (Self, watch::Receiver<Health>) {
        let (health, watched) = watch::channel(Health::default());
        (
            Self {
                client,
                handler,
                options,
                wall_clock,
                health: Arc::new(health),
            },
            watched,
        )
    }

    /// Receives until `shutdown`; never gives up by itself. Then nothing more is read, and pushes that are on their way
    /// get a few seconds to be answered.
    ///
    /// Dropping the future closes all connections at once.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut supervisor = Supervisor::new(self, shutdown.clone());
        let mut clock_check = tokio::time::interval(CLOCK_CHECK);
        clock_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(wish) = supervisor.wishes.recv() => supervisor.replace(&wish),
                Some(ended) = supervisor.connections.join_next_with_id() => supervisor.ended(ended),
                Some(opened) = OptionFuture::from(supervisor.opening.as_mut()) => supervisor.opened(opened),
                _ = clock_check.tick() => supervisor.check_clock(),
            }
        }
        supervisor.stop().await;
    }
}

type Opening = BoxFuture<'static, Result<Socket, Error>>;

/// The connection in use.
struct Current {
    number: u64,
    since: Instant,
    doubts: mpsc::Sender<Reason>,
}

struct Supervisor {
    stream: Stream,
    shutdown: CancellationToken,
    backoff: Backoff,
    opening: Option<Opening>,
    current: Option<Current>,
    /// All connections that live, those that are being replaced included, by number.
    connections: JoinSet<u64>,
    /// The numbers of the connections by their tasks, for those that end in a panic.
    numbers: HashMap<Id, u64>,
    made: u64,
    wishes: mpsc::UnboundedReceiver<Wish>,
    wishes_sender: mpsc::UnboundedSender<Wish>,
    checked: (Instant, i64),
}

impl Supervisor {
    fn new(stream: Stream, shutdown: CancellationToken) -> Self {
        let (wishes_sender, wishes) = mpsc::unbounded_channel();
        let mut supervisor = Self {
            backoff: Backoff::new(stream.options.seed),
            checked: (Instant::now(), (stream.wall_clock)()),
            stream,
            shutdown,
            opening: None,
            current: None,
            connections: JoinSet::new(),
            numbers: HashMap::new(),
            made: 0,
            wishes,
            wishes_sender,
        };
        supervisor.open_after_backoff();
        supervisor
    }

    fn replace(&mut self, wish: &Wish) {
        let Wish { number, reason } = *wish;
        tracing::info!(connection = number, ?reason, "replacing the connection");
        self.leave(number, reason);
    }

    fn ended(&mut self, ended: Result<(Id, u64), tokio::task::JoinError>) {
        let (task, panic) = match &ended {
            Ok((task, _)) => (*task, None),
            Err(error) => (error.id(), Some(error)),
        };
        if let Some(error) = panic {
            // A panic of the handler ends its connection and nothing else.
            tracing::error!(%error, "a connection ended abnormally");
        }
        if let Some(number) = self.numbers.remove(&task) {
            self.leave(number, Reason::Ended);
        }
    }

    /// The connection in use is left; another is opened before it is gone, where there is time for that.
    fn leave(&mut self, number: u64, reason: Reason) {
        let Some(current) = self.current.take_if(|current| current.number == number) else {
            return;
        };
        // Sleep is no sign of bad health, and does not count as life either.
        let healthy = current.since.elapsed() >= self.stream.options.healthy_after;
        if healthy || reason == Reason::ClockJumped {
            self.backoff.reset();
        }
        if reason != Reason::Asked {
            self.set_state(State::Reconnecting);
        }
        match reason {
            // A platform that asks again at once must not be answered with a storm.
            Reason::Asked if !healthy => self.open_after(ASKED_TOO_SOON),
            _ => self.open_after_backoff(),
        }
    }

    fn open_after_backoff(&mut self) {
        let pause = self.backoff.next();
        self.open_after(pause);
    }

    fn open_after(&mut self, pause: Duration) {
        let client = self.stream.client.clone();
        let subscriptions = self.stream.options.subscriptions.clone();
        self.opening = Some(Box::pin(async move {
            tokio::time::sleep(pause).await;
            open(&client, subscriptions).await
        }));
    }

    fn opened(&mut self, opened: Result<Socket, Error>) {
        self.opening = None;
        match opened {
            Ok(socket) => self.adopt(socket),
            Err(error) => self.not_opened(error),
        }
    }

    fn adopt(&mut self, socket: Socket) {
        self.made += 1;
        let number = self.made;
        let (doubts, doubted) = mpsc::channel(1);
        let options = &self.stream.options;
        let patience = Patience {
            ping: options.ping_after,
            silence: options.silence,
            drain: options.drain,
        };
        let wiring = Wiring {
            number,
            handler: Arc::clone(&self.stream.handler),
            wishes: self.wishes_sender.clone(),
            pulse: Pulse {
                health: Arc::clone(&self.stream.health),
                wall_clock: Arc::clone(&self.stream.wall_clock),
            },
            doubts: doubted,
            shutdown: self.shutdown.clone(),
        };
        let connection = Connection::new(wiring, Session::new(patience, Instant::now()));
        let task = self.connections.spawn(async move {
            connection.drive(socket).await;
            number
        });
        self.numbers.insert(task.id(), number);
        self.current = Some(Current {
            number,
            since: Instant::now(),
            doubts,
        });
        let now = (self.stream.wall_clock)();
        self.stream.health.send_modify(|health| {
            health.state = State::Connected;
            health.connections = number;
            health.last_seen = Some(now);
            health.last_error = None;
        });
        tracing::info!(connection = number, "connected");
    }

    fn not_opened(&mut self, error: Error) {
        let pause = if error.kind == ErrorKind::Auth {
            tracing::error!(%error, "credentials refused");
            self.set_state(State::Parked);
            self.stream.options.parked_for
        } else {
            let pause = self
                .backoff
                .next()
                .max(error.retry_after().unwrap_or_default());
            tracing::warn!(%error, pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX), "cannot connect");
            if self.stream.health.borrow().state != State::Connecting {
                self.set_state(State::Reconnecting);
            }
            pause
        };
        self.stream
            .health
            .send_modify(|health| health.last_error = Some(error));
        self.open_after(pause);
    }

    /// While a machine sleeps its monotonic clock stands still and its connections die unnoticed.
    fn check_clock(&mut self) {
        let (then, wall_then) = self.checked;
        let (now, wall_now) = (Instant::now(), (self.stream.wall_clock)());
        self.checked = (now, wall_now);
        let passed = i64::try_from((now - then).as_millis()).unwrap_or(i64::MAX);
        if wall_now.saturating_sub(wall_then).saturating_sub(passed) <= CLOCK_SLACK {
            return;
        }
        match &self.current {
            // A full channel means that it is doubted already.
            Some(current) => drop(current.doubts.try_send(Reason::ClockJumped)),
            // Whatever pause is running was meant for before the sleep.
            None => {
                self.backoff.reset();
                self.open_after_backoff();
            }
        }
    }

    fn set_state(&self, state: State) {
        self.stream
            .health
            .send_if_modified(|health| std::mem::replace(&mut health.state, state) != state);
    }

    async fn stop(mut self) {
        self.opening = None;
        while self.connections.join_next().await.is_some() {}
        self.set_state(State::Stopped);
    }
}

/// Registers and opens one WebSocket, within the connect deadline.
async fn open(client: &Client, subscriptions: Vec<Subscription>) -> Result<Socket, Error> {
    let connect = async {
        let opened = client.send(OpenConnection { subscriptions }).await?;
        let socket = client.transport().open(opened.address()?).await?;
        Ok(socket)
    };
    let limit = client.settings().connect_timeout;
    match tokio::time::timeout(limit, connect).await {
        Ok(result) => result,
        Err(_elapsed) => Err(Error {
            kind: ErrorKind::Transient,
            code: "transport".to_owned(),
            message: format!("not connected within {} s", limit.as_secs()),
            request_id: None,
            status: None,
        }),
    }
}
