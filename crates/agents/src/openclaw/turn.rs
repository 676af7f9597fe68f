//! One question from its sending to its end, also over lost sockets, restarts and silence.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chela_engine::id::SessionId;
use chela_engine::ports::{AgentError, AgentErrorKind, AgentRequest};
use futures_util::future::OptionFuture;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::ask::{Address, Ask};
use super::failure;
use super::handshake::{Boot, Hello};
use super::history::{self, Found, Wanted};
use super::link::{CallError, Gateway, Link, Signal, Watched};
use super::run::{Progress, Run};
use super::settings::AgentSettings;
use crate::narration::Listener;

/// How long the final word may take behind the end of the agent.
const FINAL_WORD: Duration = Duration::from_secs(5);
/// How soon the history is looked at when events were lost.
const GAP: Duration = Duration::from_secs(2);
/// How long a gateway may take for anything but an answer.
const CALL: Duration = Duration::from_secs(60);
/// How long a question waits for a gateway that has refused us before.
const SECOND_LOOK: Duration = Duration::from_secs(3);
/// Messages of history that are looked at.
const MESSAGES: u32 = 50;
/// Sessions of which it is known that OpenClaw's is the same as ours.
const SESSIONS: usize = 10_000;

/// Which of our sessions OpenClaw's session of a key stands for.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<String, SessionId>>);

impl Sessions {
    fn get(&self, key: &str) -> Option<SessionId> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(key).copied()
    }

    fn set(&self, key: &str, session: SessionId) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS {
            // What is forgotten is found in the history.
            sessions.clear();
        }
        sessions.insert(key.to_owned(), session);
    }
}

/// A question that is being answered.
pub(super) struct Turn {
    pub(super) gateway: Gateway,
    pub(super) settings: Arc<AgentSettings>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) address: Address,
    pub(super) request: AgentRequest,
    pub(super) listener: Listener,
    pub(super) run: Run,
    /// The life of the gateway to which the question was sent, if it was.
    pub(super) sent: Option<Boot>,
}

/// What ends a stretch of a turn.
enum Stop {
    /// The turn.
    Over(Result<(), AgentError>),
    /// The connection.
    Lost,
}

/// The gateway speaks HTTP only.
pub(super) struct HttpOnly;

impl From<AgentError> for Stop {
    fn from(error: AgentError) -> Self {
        Self::Over(Err(error))
    }
}

impl Turn {
    /// Answers; `Err` when the gateway has to be asked in another way, and nothing was sent.
    pub(super) async fn answer(&mut self) -> Result<Result<(), AgentError>, HttpOnly> {
        let mut watched = self
            .gateway
            .watch(&self.address.run, &self.address.session_key);
        let mut link = self.gateway.link();
        loop {
            let (number, hello) = match self.ready(&mut link).await {
                Ok(Some(up)) => up,
                Ok(None) => {
                    watched.over();
                    return Err(HttpOnly);
                }
                Err(error) => {
                    // What was never sent need not be ended.
                    if self.sent.is_none() {
                        watched.over();
                    }
                    return Ok(Err(error));
                }
            };
            let stop = tokio::select! {
                biased;
                stop = Box::pin(self.stretch(&hello, &mut watched)) => stop,
                () = gone(&mut link, number) => Stop::Lost,
            };
            match stop {
                Stop::Over(result) => {
                    // A run that fell silent may still work.
                    if !matches!(&result, Err(error) if error.kind == AgentErrorKind::Timeout) {
                        watched.over();
                    }
                    return Ok(result);
                }
                Stop::Lost => gone(&mut link, number).await,
            }
        }
    }

    /// Waits for the connection; `None` when there is only HTTP.
    async fn ready(
        &self,
        link: &mut watch::Receiver<Link>,
    ) -> Result<Option<(u64, Arc<Hello>)>, AgentError> {
        let patience = self.gateway.settings.patience.absence;
        let mut absence = pin!(tokio::time::sleep(patience));
        let mut second_look = pin!(tokio::time::sleep(SECOND_LOOK));
        // What was refused a while ago may have been put right since; a question has it tried again.
        let mut fresh = false;
        loop {
            let (last, refused) = match link.borrow_and_update().clone() {
                Link::Up(number, hello) => return Ok(Some((number, hello))),
                Link::HttpOnly(_) if self.sent.is_none() => return Ok(None),
                Link::Refused(error) | Link::HttpOnly(error) if fresh => return Err(error),
                Link::Refused(error) | Link::HttpOnly(error) => (Some(error), true),
                Link::Down(last) => (last, false),
            };
            let gone = |detail: &str| failure::error(AgentErrorKind::Unavailable, detail);
            tokio::select! {
                biased;
                changed = link.changed() => if changed.is_err() {
                    return Err(gone("the connection to OpenClaw has ended"));
                } else {
                    fresh = true;
                },
                () = &mut second_look, if refused && !fresh => fresh = true,
                () = &mut absence => {
                    return Err(last.unwrap_or_else(|| gone("OpenClaw is not there")));
                }
            }
        }
    }

    /// Sends the question if need be, and hears what comes of it on one connection.
    async fn stretch(&mut self, hello: &Hello, watched: &mut Watched) -> Stop {
        let ask = Ask::read(&self.request, &self.address, hello).await;
        let stop = match self.prepare(hello, &ask).await {
            Ok(send) => self.hear(hello, watched, &ask, send).await,
            Err(stop) => Err(stop),
        };
        match stop {
            Ok(()) => Stop::Over(Ok(())),
            Err(stop) => stop,
        }
    }

    /// Finds out whether the question is known already; `true` when it has to be sent.
    async fn prepare(&mut self, hello: &Hello, ask: &Ask) -> Result<bool, Stop> {
        let session = self.request.session;
        let known = self.sessions.get(&self.address.session_key);
        if self.sent.is_none() && known.is_some() {
            if known != Some(session) {
                self.reset().await?;
            }
            return Ok(true);
        }
        let found = self.look(ask).await?;
        let same_life = match &self.sent {
            Some(boot) => boot.is_same(&hello.boot),
            None => hello.boot.is_before(self.request.message.sent_at),
        };
        match found {
            Found::Answered(text) => Err(self.conclude(&text).await),
            Found::Running => {
                self.sent = Some(hello.boot.clone());
                Ok(false)
            }
            // Protocol 3 does not tell whether the run goes on; the idempotency key does, in the same life.
            Found::Unanswered if hello.protocol < 4 && same_life => Ok(true),
            Found::Unanswered => {
                let detail = "the run has ended without an answer, by a restart or by somebody on the gateway";
                Err(failure::error(AgentErrorKind::Unavailable, detail).into())
            }
            Found::Unknown { empty } => {
                let begins = self.sent.is_none() && self.request.history.is_empty();
                if begins && !empty {
                    self.reset().await?;
                }
                Ok(true)
            }
        }
    }

    /// Begins anew on the other side, as it was done here.
    async fn reset(&self) -> Result<(), Stop> {
        if self.settings.keep_sessions {
            return Ok(());
        }
        let params = json!({ "key": self.address.session_key, "reason": "new" });
        match self.call("sessions.reset", params).await {
            Ok(_) => Ok(()),
            Err(Stop::Over(Err(error))) => {
                // The person is better served by an answer that knows too much than by none.
                tracing::warn!(
                    detail = error.detail,
                    "OpenClaw does not begin a new session"
                );
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }

    async fn look(&self, ask: &Ask) -> Result<Found, Stop> {
        let params = json!({ "sessionKey": self.address.session_key, "limit": MESSAGES });
        let history = self.call("chat.history", params).await?;
        let wanted = Wanted {
            run: &self.address.run,
            text: &ask.text,
            asked_at: self.request.message.sent_at,
        };
        Ok(history::look(&history, wanted))
    }

    async fn call(&self, method: &'static str, params: Value) -> Result<Value, Stop> {
        let called = tokio::time::timeout(CALL, self.gateway.call(method, params)).await;
        match called {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(CallError::Refused(refusal))) => Err(failure::of_refusal(&refusal).into()),
            Ok(Err(CallError::Lost)) => Err(Stop::Lost),
            Err(_) => {
                let detail = format!("{method} was not answered");
                Err(failure::error(AgentErrorKind::Timeout, detail).into())
            }
        }
    }

    async fn conclude(&mut self, text: &str) -> Stop {
        let mut events = Vec::new();
        let progress = self.run.conclude(text, &mut events);
        self.listener.tell(events).await;
        match progress {
            Progress::Over(result) => Stop::Over(result),
            Progress::Going | Progress::Ending => Stop::Over(Ok(())),
        }
    }

    async fn hear(
        &mut self,
        hello: &Hello,
        watched: &mut Watched,
        ask: &Ask,
        send: bool,
    ) -> Result<(), Stop> {
        let patience = self.gateway.settings.patience;
        let gateway = self.gateway.clone();
        let params = ask.params(&self.address, hello, &self.settings);
        if send {
            self.sent = Some(hello.boot.clone());
        }
        let mut sending = pin!(OptionFuture::from(send.then(|| send_until_taken(
            &gateway,
            params,
            patience.absence
        ))));
        let mut sending_goes_on = send;
        let mut heard = Instant::now();
        let mut check = heard + patience.check;
        let mut ending = false;
        loop {
            tokio::select! {
                biased;
                signal = watched.signals.recv() => match signal {
                    Some(Signal::Event { name, payload }) => {
                        heard = Instant::now();
                        check = heard + patience.check;
                        self.sessions.set(&self.address.session_key, self.request.session);
                        match self.take(name, &payload).await {
                            Progress::Going => {}
                            Progress::Ending => { ending = true; check = heard + FINAL_WORD; }
                            Progress::Over(result) => return result.map_err(Stop::from),
                        }
                    }
                    Some(Signal::Gap) => check = check.min(Instant::now() + GAP),
                    None => return Err(Stop::Lost),
                },
                sent = &mut sending, if sending_goes_on => {
                    sending_goes_on = false;
                    match sent {
                        Some(Ok(Taken::Runs)) | None => {
                            self.sessions.set(&self.address.session_key, self.request.session);
                        }
                        // Known and over: the events have gone to somebody who is no more.
                        Some(Ok(Taken::Over)) => { ending = true; check = Instant::now(); }
                        Some(Err(stop)) => return Err(stop),
                    }
                }
                () = tokio::time::sleep_until(check) => match self.look(ask).await? {
                    Found::Answered(text) => return Err(self.conclude(&text).await),
                    Found::Running => {
                        heard = Instant::now();
                        check = heard + patience.check;
                    }
                    Found::Unanswered | Found::Unknown { .. } if ending => {
                        let detail = "the run has ended without a final word";
                        return Err(failure::error(AgentErrorKind::Unavailable, detail).into());
                    }
                    Found::Unanswered | Found::Unknown { .. } => {
                        if heard.elapsed() >= patience.silence {
                            let detail = format!("nothing was heard of the run for {} s", patience.silence.as_secs());
                            return Err(failure::error(AgentErrorKind::Timeout, detail).into());
                        }
                        check = Instant::now() + patience.check;
                    }
                },
            }
        }
    }

    async fn take(&mut self, name: &str, payload: &Value) -> Progress {
        let mut events = Vec::new();
        let progress = self.run.take(name, payload, &mut events);
        self.listener.tell(events).await;
        progress
    }
}

/// What a gateway says to a question.
enum Taken {
    /// It works on it.
    Runs,
    /// It has come to an end with it before.
    Over,
}

/// Sends the question; again while the gateway is starting. The same key makes sure that it is one question.
async fn send_until_taken(
    gateway: &Gateway,
    params: Value,
    patience: Duration,
) -> Result<Taken, Stop> {
    let began = Instant::now();
    loop {
        let refusal = match gateway.call("chat.send", params.clone()).await {
            Ok(answer) => {
                let over = matches!(
                    answer["status"].as_str(),
                    Some("ok" | "error" | "timeout" | "aborted")
                );
                return Ok(if over { Taken::Over } else { Taken::Runs });
            }
            Err(CallError::Lost) => return Err(Stop::Lost),
            Err(CallError::Refused(refusal)) => refusal,
        };
        let pause = refusal.retry_after.unwrap_or(Duration::from_secs(1));
        let passes = refusal.retryable || refusal.reason.as_deref() == Some("startup-sidecars");
        if !passes || began.elapsed() + pause > patience {
            return Err(failure::of_refusal(&refusal).into());
        }
        tokio::time::sleep(pause).await;
    }
}

/// Waits until a connection is gone.
async fn gone(link: &mut watch::Receiver<Link>, number: u64) {
    let other = |link: &Link| !matches!(link, Link::Up(current, _) if *current == number);
    // An error means that the keeper is gone, and the connection with it.
    drop(link.wait_for(other).await);
}
