//! The one connection that all agents of a gateway share: kept, made again, and told apart by run.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chela_engine::ports::{AgentError, AgentErrorKind};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::failure;
use super::frame::{self, Frame, Refusal};
use super::handshake::{self, Failure, Hello};
use super::settings::{GatewaySettings, SetupError, Transport};
use super::socket::Socket;
use crate::background::{Background, Ending};

/// Events of one run that wait for its turn. OpenClaw sends a few in a second.
const WAITING: usize = 4_096;
/// Runs that were let go while there was no connection, and are to be ended when there is one.
const ABORTS: usize = 256;
/// The pause after something that somebody has to change.
const LASTING_PAUSE: Duration = Duration::from_secs(60);
/// The first pause, and the one that a waiting question asks for.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// A gateway of OpenClaw. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Gateway {
    pub(super) settings: Arc<GatewaySettings>,
    pub(super) client: reqwest::Client,
    commands: mpsc::UnboundedSender<Command>,
    link: watch::Receiver<Link>,
}

/// How the connection stands.
#[derive(Clone, Debug)]
pub(super) enum Link {
    /// It is not there, and is being made.
    Down(Option<AgentError>),
    /// It is there; the number tells one connection from the next.
    Up(u64, Arc<Hello>),
    /// It cannot be had until somebody changes something.
    Refused(AgentError),
    /// The address speaks HTTP only.
    HttpOnly(AgentError),
}

/// Something that concerns a run.
#[derive(Debug)]
pub(super) enum Signal {
    /// An event of its own.
    Event { name: &'static str, payload: Value },
    /// Events were lost; they may have been its own.
    Gap,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum CallError {
    /// The gateway refused it.
    Refused(Refusal),
    /// The connection was lost before the answer.
    Lost,
}

#[derive(Debug)]
enum Command {
    Watch {
        run: String,
        signals: mpsc::Sender<Signal>,
    },
    Unwatch {
        run: String,
        /// The session in which it is to be ended.
        abort: Option<String>,
    },
    Call {
        method: &'static str,
        params: Value,
        answer: oneshot::Sender<Result<Value, Refusal>>,
    },
}

/// A run that is listened to. Dropping it ends the run on the other side, unless it is over.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) signals: mpsc::Receiver<Signal>,
    run: String,
    session_key: String,
    over: bool,
    commands: mpsc::UnboundedSender<Command>,
}

impl Gateway {
    /// A gateway and the work of staying connected to it. Nothing is sent before that runs.
    ///
    /// # Errors
    ///
    /// When the settings cannot work, whatever the gateway does.
    pub fn new(settings: GatewaySettings) -> Result<(Self, Background), SetupError> {
        Self::through(settings, reqwest::Client::builder())
    }

    /// The same with a client that somebody else begins.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn through(
        mut settings: GatewaySettings,
        client: reqwest::ClientBuilder,
    ) -> Result<(Self, Background), SetupError> {
        let scheme = match settings.url.scheme() {
            "ws" | "http" => "http",
            "wss" | "https" => "https",
            _ => return Err(SetupError::Address),
        };
        // The `url` crate lets no special scheme become an ordinary one; these four are all special.
        settings
            .url
            .set_scheme(scheme)
            .map_err(|()| SetupError::Address)?;
        let client = client
            .connect_timeout(settings.patience.connect)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(SetupError::Client)?;
        let settings = Arc::new(settings);
        let (commands, orders) = mpsc::unbounded_channel();
        let (state, link) = watch::channel(Link::Down(None));
        let gateway = Self {
            settings: Arc::clone(&settings),
            client: client.clone(),
            commands,
            link,
        };
        let keeper = Keeper {
            settings,
            client,
            orders,
            state,
            desk: Desk::default(),
            number: 0,
        };
        Ok((gateway, Background::new(|ending| keeper.run(ending))))
    }

    pub(super) fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// Listens to a run, from before it is sent.
    pub(super) fn watch(&self, run: &str, session_key: &str) -> Watched {
        let (sender, signals) = mpsc::channel(WAITING);
        self.order(Command::Watch {
            run: run.to_owned(),
            signals: sender,
        });
        Watched {
            signals,
            run: run.to_owned(),
            session_key: session_key.to_owned(),
            over: false,
            commands: self.commands.clone(),
        }
    }

    /// Makes a request and waits for its answer.
    pub(super) async fn call(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<Value, CallError> {
        let (answer, answered) = oneshot::channel();
        self.order(Command::Call {
            method,
            params,
            answer,
        });
        match answered.await {
            Ok(result) => result.map_err(CallError::Refused),
            Err(_) => Err(CallError::Lost),
        }
    }

    fn order(&self, command: Command) {
        // Nobody takes orders after the end; whoever waits for an answer sees that it will not come.
        self.commands.send(command).unwrap_or_default();
    }
}

impl Watched {
    /// The run has come to its end by itself.
    pub(super) fn over(&mut self) {
        self.over = true;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let unwatch = Command::Unwatch {
            run: std::mem::take(&mut self.run),
            abort: (!self.over).then(|| std::mem::take(&mut self.session_key)),
        };
        self.commands.send(unwatch).unwrap_or_default();
    }
}

/// Keeps the connection.
struct Keeper {
    settings: Arc<GatewaySettings>,
    client: reqwest::Client,
    orders: mpsc::UnboundedReceiver<Command>,
    state: watch::Sender<Link>,
    desk: Desk,
    number: u64,
}

/// Who waits for what.
#[derive(Default)]
struct Desk {
    runs: HashMap<String, mpsc::Sender<Signal>>,
    /// Runs to end, with their sessions.
    aborts: Vec<(String, String)>,
    calls: HashMap<String, oneshot::Sender<Result<Value, Refusal>>>,
    last_call: u64,
}

impl Keeper {
    async fn run(mut self, ending: Ending) {
        if self.settings.transport == Transport::Http {
            let detail = "configured to speak HTTP";
            let error = failure::error(AgentErrorKind::Unavailable, detail);
            self.state.send_replace(Link::HttpOnly(error));
            let agents = async { while self.orders.recv().await.is_some() {} };
            ending.stop.run_until_cancelled(agents).await;
            return;
        }
        // Without agents there is nothing to keep either.
        let stop = ending.stop.child_token();
        let ending = Ending {
            stop: stop.clone(),
            ..ending
        };
        stop.run_until_cancelled(self.keep(&ending)).await;
    }

    async fn keep(&mut self, ending: &Ending) {
        let mut failures: u32 = 0;
        loop {
            let pause = match handshake::open(&self.client, &self.settings).await {
                Ok((socket, hello)) => {
                    self.number += 1;
                    tracing::info!(
                        server = hello.server,
                        protocol = hello.protocol,
                        "connected to OpenClaw"
                    );
                    let tick = hello.tick;
                    self.state
                        .send_replace(Link::Up(self.number, Arc::new(hello)));
                    let began = Instant::now();
                    let lost = self.serve(socket, tick, ending).await;
                    tracing::warn!(reason = lost, "the connection to OpenClaw is lost");
                    self.desk.calls.clear();
                    let error = failure::error(AgentErrorKind::Unavailable, lost);
                    self.state.send_replace(Link::Down(Some(error)));
                    // A connection that lived was a good one: the next may be tried at once.
                    failures = if began.elapsed() > Duration::from_secs(10) {
                        0
                    } else {
                        failures + 1
                    };
                    if failures == 0 {
                        Duration::ZERO
                    } else {
                        self.pause(failures)
                    }
                }
                Err(failure) => {
                    failures = failures.saturating_add(1);
                    self.failed(failure, failures)
                }
            };
            self.wait(pause, ending).await;
        }
    }

    /// Tells what went wrong, once, and how long to wait.
    fn failed(&self, failure: Failure, failures: u32) -> Duration {
        let auto = self.settings.transport == Transport::Auto;
        let (link, error, pause) = match failure {
            Failure::Passing(error) => {
                let pause = error.retry_after.unwrap_or_else(|| self.pause(failures));
                (Link::Down(Some(error.clone())), error, pause)
            }
            Failure::NoWebSocket(error) if auto => {
                (Link::HttpOnly(error.clone()), error, LASTING_PAUSE)
            }
            Failure::Lasting(error) | Failure::NoWebSocket(error) => {
                (Link::Refused(error.clone()), error, LASTING_PAUSE)
            }
        };
        let before = self.state.send_replace(link);
        let known = matches!(before, Link::Down(Some(old)) | Link::Refused(old) | Link::HttpOnly(old) if old.detail == error.detail);
        if !known {
            tracing::warn!(kind = ?error.kind, detail = error.detail, "no connection to OpenClaw");
        }
        pause.min(self.settings.patience.longest_pause.max(LASTING_PAUSE))
    }

    fn pause(&self, failures: u32) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10));
        doubled.min(self.settings.patience.longest_pause)
    }

    /// Waits; a question that comes in shortens the wait.
    async fn wait(&mut self, pause: Duration, ending: &Ending) {
        let began = Instant::now();
        let mut until = began + pause;
        loop {
            tokio::select! {
                biased;
                order = self.orders.recv() => match order {
                    Some(Command::Call { .. }) => {}
                    Some(command) => {
                        if matches!(command, Command::Watch { .. }) {
                            until = until.min(began + FIRST_PAUSE);
                        }
                        self.desk.note(command, ending);
                    }
                    None => return ending.stop.cancel(),
                },
                () = tokio::time::sleep_until(until) => return,
            }
        }
    }

    /// Serves one connection; tells why it ended.
    async fn serve(&mut self, mut socket: Socket, tick: Duration, ending: &Ending) -> String {
        // Two silent intervals mean that nobody is there (reference of OpenClaw core §4.2).
        let silence = tick.saturating_mul(2).max(Duration::from_secs(1));
        let mut heard = Instant::now();
        let mut last_seq = None;
        for (run, session) in std::mem::take(&mut self.desk.aborts) {
            let abort = self.desk.abort(&run, &session);
            if let Err(error) = socket.send(abort).await {
                return error.to_string();
            }
        }
        loop {
            tokio::select! {
                biased;
                () = ending.stop.cancelled() => {
                    socket.close().await;
                    return "the gateway ends".to_owned();
                }
                order = self.orders.recv() => {
                    let Some(order) = order else {
                        socket.close().await;
                        ending.stop.cancel();
                        return "nobody asks any more".to_owned();
                    };
                    let frame = self.desk.take(order, ending);
                    if let Some(frame) = frame && let Err(error) = socket.send(frame).await {
                        return error.to_string();
                    }
                }
                text = socket.next() => match text {
                    Ok(text) => {
                        heard = Instant::now();
                        self.desk.hear(&text, &mut last_seq);
                    }
                    Err(error) => return error.to_string(),
                },
                () = tokio::time::sleep_until(heard + silence) => {
                    socket.close().await;
                    return format!("it was silent for {} s", silence.as_secs());
                }
            }
        }
    }
}

impl Desk {
    /// Takes an order while there is no connection.
    fn note(&mut self, command: Command, ending: &Ending) {
        match command {
            Command::Watch { run, signals } => {
                self.aborts.retain(|(other, _)| *other != run);
                self.runs.insert(run, signals);
            }
            Command::Unwatch { run, abort } => {
                self.runs.remove(&run);
                let session = abort.filter(|_| !ending.leaving.is_cancelled());
                if let (Some(session), true) = (session, self.aborts.len() < ABORTS) {
                    self.aborts.push((run, session));
                }
            }
            Command::Call { .. } => {}
        }
    }

    /// Takes an order; gives what is to be written.
    fn take(&mut self, command: Command, ending: &Ending) -> Option<String> {
        match command {
            Command::Call {
                method,
                params,
                answer,
            } => {
                let id = self.next_id();
                let request = frame::request(&id, method, &params);
                self.calls.insert(id, answer);
                Some(request)
            }
            Command::Unwatch {
                run,
                abort: Some(session),
            } if !ending.leaving.is_cancelled() => {
                self.runs.remove(&run);
                Some(self.abort(&run, &session))
            }
            other => {
                self.note(other, ending);
                None
            }
        }
    }

    fn abort(&mut self, run: &str, session: &str) -> String {
        let params = json!({ "sessionKey": session, "runId": run });
        frame::request(&self.next_id(), "chat.abort", &params)
    }

    fn next_id(&mut self) -> String {
        self.last_call += 1;
        self.last_call.to_string()
    }

    fn hear(&mut self, text: &str, last_seq: &mut Option<u64>) {
        let frame = match Frame::read(text) {
            Ok(frame) => frame,
            Err(_) => {
                tracing::warn!(bytes = text.len(), "a frame of OpenClaw cannot be read");
                self.tell_gap();
                return;
            }
        };
        match frame {
            Frame::Response { id, result } => {
                if let Some(answer) = self.calls.remove(&id) {
                    // Whoever asked may have gone.
                    answer.send(result).unwrap_or_default();
                }
            }
            Frame::Event { name, payload, seq } => {
                let expected = last_seq.map(|last: u64| last + 1);
                if let (Some(expected), Some(seq)) = (expected, seq)
                    && seq > expected
                {
                    self.tell_gap();
                }
                *last_seq = seq.or(*last_seq);
                let name = match name.as_str() {
                    "chat" => "chat",
                    "agent" => "agent",
                    _ => return,
                };
                let run = payload["runId"].as_str().unwrap_or_default();
                if let Some(signals) = self.runs.get(run)
                    && signals.try_send(Signal::Event { name, payload }).is_err()
                {
                    tracing::warn!(
                        "events of a run of OpenClaw are not taken; its history will be read"
                    );
                }
            }
            Frame::Other => {}
        }
    }

    fn tell_gap(&mut self) {
        for signals in self.runs.values() {
            // A full queue means that the run is busy enough; what it misses it finds in the history.
            signals.try_send(Signal::Gap).unwrap_or_default();
        }
    }
}
