//! Keeps the child: starts it when it is needed, passes messages, ends it when it hangs or when the gateway ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chela_engine::ports::{AgentError, AgentErrorKind};
use chela_engine::text::{readable, truncate};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::permission::decide;
use super::process::{Pipes, Process};
use super::settings::Settings;
use super::wire::{self, Incoming, Lines, Refusal};
use crate::background::Ending;

/// Lines in a row that are no messages, before the child is taken for something else.
const GARBAGE: u32 = 1_000;
/// Bytes that wait for a child which does not read.
const UNREAD: usize = 64 << 20;
/// Bytes that are kept of what it says about its errors.
const COMPLAINTS: usize = 1_000;
/// Signals of one session that wait to be taken; then the child waits.
const WAITING: usize = 256;
/// How long a child that does not end a cancelled question may go on with others, and how often that is looked at.
const FOR_OTHERS: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(1);
/// The version of the protocol.
const PROTOCOL: u64 = 1;
/// The id of our first request.
const INITIALIZE: u64 = 0;

/// What the child said of itself.
#[derive(Clone, Debug)]
pub(super) struct Introduced {
    /// Tells one child from the next.
    pub(super) number: u64,
    pub(super) loads_sessions: bool,
    pub(super) sees: bool,
}

/// Something that concerns a session.
#[derive(Debug)]
pub(super) enum Signal {
    Update(Value),
    /// It asked for something and was refused.
    Refused(String),
}

/// Why a request has no answer.
#[derive(Clone, Debug)]
pub(super) enum CallError {
    Refused(Refusal),
    /// The child is no more.
    Gone(AgentError),
}

#[derive(Debug)]
pub(super) enum Command {
    /// Starts the child if it is not there.
    Open(oneshot::Sender<Result<Introduced, AgentError>>),
    /// Makes a request; questions of one session are asked one after the other.
    Call(Call),
    Watch(String, mpsc::Sender<Signal>),
    /// Nobody listens to a session any more; its question, if it has one, is to be cancelled.
    Unwatch {
        session: String,
        cancel: bool,
    },
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) params: Value,
    /// The session of a question.
    pub(super) question: Option<String>,
    pub(super) answer: oneshot::Sender<Result<Value, CallError>>,
}

/// A channel for [`Command::Watch`].
pub(super) fn signals() -> (mpsc::Sender<Signal>, mpsc::Receiver<Signal>) {
    mpsc::channel(WAITING)
}

pub(super) struct Keeper {
    settings: Arc<Settings>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// How many children there were.
    number: u64,
    last_id: u64,
}

impl Keeper {
    pub(super) fn new(settings: Arc<Settings>, commands: mpsc::UnboundedReceiver<Command>) -> Self {
        Self {
            settings,
            commands,
            number: 0,
            last_id: INITIALIZE,
        }
    }

    pub(super) async fn run(mut self, ending: Ending) {
        loop {
            let command = tokio::select! {
                biased;
                () = ending.stop.cancelled() => return,
                command = self.commands.recv() => command,
            };
            let opened = match command {
                None => return,
                Some(Command::Open(opened)) => opened,
                Some(Command::Call(call)) => {
                    let gone = error(AgentErrorKind::Unavailable, "the coding agent has ended");
                    call.answer
                        .send(Err(CallError::Gone(gone)))
                        .unwrap_or_default();
                    continue;
                }
                Some(Command::Watch(..) | Command::Unwatch { .. }) => continue,
            };
            let (process, mut pipes) = match Process::start(&self.settings) {
                Ok(started) => started,
                Err(failed) => {
                    let detail = format!("the coding agent cannot be started: {failed}");
                    let error = error(AgentErrorKind::NotConfigured, &detail);
                    tracing::warn!(detail, "a coding agent fails");
                    opened.send(Err(error)).unwrap_or_default();
                    continue;
                }
            };
            self.number += 1;
            let mut life = Life::new(process, self.number);
            let introducing = timeout(self.settings.patience.start, life.introduce(&mut pipes));
            let introduced = tokio::select! {
                biased;
                () = ending.stop.cancelled() => return life.process.end().await,
                introduced = introducing => introduced.unwrap_or_else(|_| {
                    Err(error(AgentErrorKind::Timeout, "the coding agent does not introduce itself"))
                }),
            };
            match introduced {
                Ok(introduced) => {
                    opened.send(Ok(introduced.clone())).unwrap_or_default();
                    let why = self.serve(&mut life, pipes, &introduced, &ending).await;
                    tracing::info!(detail = why.detail, "a coding agent has ended");
                    life.give_up(&why);
                }
                Err(error) => {
                    tracing::warn!(detail = error.detail, "a coding agent fails");
                    opened.send(Err(error)).unwrap_or_default();
                }
            }
            life.process.end().await;
        }
    }

    /// Passes messages until the child ends, or has to be ended; tells why.
    async fn serve(
        &mut self,
        life: &mut Life,
        mut pipes: Pipes,
        introduced: &Introduced,
        ending: &Ending,
    ) -> AgentError {
        let mut complaining = true;
        loop {
            if life.unwritten.len() > UNREAD {
                return error(AgentErrorKind::Protocol, "the coding agent does not read");
            }
            let overdue = life.overdue();
            tokio::select! {
                biased;
                () = ending.stop.cancelled() => {
                    return error(AgentErrorKind::Unavailable, "the gateway ends");
                }
                command = self.commands.recv() => match command {
                    Some(command) => self.take(life, command, introduced),
                    None => return error(AgentErrorKind::Unavailable, "nobody asks any more"),
                },
                written = pipes.input.write(&life.unwritten), if !life.unwritten.is_empty() => match written {
                    Ok(count) => drop(life.unwritten.drain(..count)),
                    Err(failed) => return life.ended(&failed.to_string()).await,
                },
                read = pipes.errors.read_buf(&mut life.complaints), if complaining => {
                    complaining = matches!(read, Ok(1..));
                    life.forget_complaints();
                }
                read = pipes.output.read_buf(life.lines.buffer()) => match read {
                    Ok(1..) => match life.hear(&self.settings).await {
                        Ok(()) => self.ask_next(life),
                        Err(error) => return error,
                    },
                    Ok(0) => return life.ended("it closed its output").await,
                    Err(failed) => return life.ended(&failed.to_string()).await,
                },
                () = tokio::time::sleep_until(overdue.unwrap_or_else(Instant::now)), if overdue.is_some() => {
                    if life.hangs() {
                        return error(AgentErrorKind::Timeout, "the coding agent does not stop when it is told to");
                    }
                }
            }
        }
    }

    fn take(&mut self, life: &mut Life, command: Command, introduced: &Introduced) {
        match command {
            Command::Open(opened) => opened.send(Ok(introduced.clone())).unwrap_or_default(),
            Command::Call(call) => {
                let busy = |session: &String| {
                    life.pending
                        .values()
                        .any(|other| other.question.as_ref() == Some(session))
                };
                if call.question.as_ref().is_some_and(busy) {
                    life.waiting.push(call);
                } else {
                    self.ask(life, call);
                }
            }
            Command::Watch(session, signals) => drop(life.watchers.insert(session, signals)),
            Command::Unwatch { session, cancel } => {
                life.watchers.remove(&session);
                life.waiting
                    .retain(|call| call.question.as_ref() != Some(&session));
                if cancel {
                    life.cancel(&session, self.settings.patience.cancel);
                }
            }
        }
        self.ask_next(life);
    }

    fn ask_next(&mut self, life: &mut Life) {
        for call in life.ready() {
            self.ask(life, call);
        }
    }

    fn ask(&mut self, life: &mut Life, call: Call) {
        self.last_id += 1;
        life.write(&wire::request(self.last_id, call.method, &call.params));
        let pending = Pending {
            question: call.question,
            answer: call.answer,
            overdue: None,
        };
        life.pending.insert(self.last_id, pending);
    }
}

/// A request that waits for its answer.
struct Pending {
    question: Option<String>,
    answer: oneshot::Sender<Result<Value, CallError>>,
    /// When it must have ended, if it was cancelled.
    overdue: Option<Overdue>,
}

/// A cancelled question is given a while, and a longer one while the child works on others.
struct Overdue {
    looked_at: Instant,
    end: Instant,
}

/// One child from its start to its end.
struct Life {
    process: Process,
    number: u64,
    lines: Lines,
    unwritten: Vec<u8>,
    complaints: Vec<u8>,
    garbage: u32,
    pending: HashMap<u64, Pending>,
    /// Questions that wait for the one before.
    waiting: Vec<Call>,
    watchers: HashMap<String, mpsc::Sender<Signal>>,
}

impl Life {
    fn new(process: Process, number: u64) -> Self {
        Self {
            process,
            number,
            lines: Lines::default(),
            unwritten: Vec::new(),
            complaints: Vec::new(),
            garbage: 0,
            pending: HashMap::new(),
            waiting: Vec::new(),
            watchers: HashMap::new(),
        }
    }

    async fn introduce(&mut self, pipes: &mut Pipes) -> Result<Introduced, AgentError> {
        let params = json!({
            "protocolVersion": PROTOCOL,
            "clientCapabilities": {
                "fs": { "readTextFile": false, "writeTextFile": false },
                "terminal": false,
            },
            "clientInfo": { "name": "chela", "title": "Chela", "version": env!("CARGO_PKG_VERSION") },
        });
        self.write(&wire::request(INITIALIZE, "initialize", &params));
        let mut complaining = true;
        loop {
            while let Some(line) = self.line()? {
                match Incoming::read(&line) {
                    Incoming::Response {
                        id: INITIALIZE,
                        result,
                    } => {
                        let said = result.map_err(|refusal| of_refusal(&refusal))?;
                        return self.read_introduction(&said);
                    }
                    Incoming::Garbage => self.garbage()?,
                    _ => {}
                }
            }
            tokio::select! {
                biased;
                written = pipes.input.write(&self.unwritten), if !self.unwritten.is_empty() => match written {
                    Ok(count) => drop(self.unwritten.drain(..count)),
                    Err(failed) => return Err(self.ended(&failed.to_string()).await),
                },
                read = pipes.errors.read_buf(&mut self.complaints), if complaining => {
                    complaining = matches!(read, Ok(1..));
                    self.forget_complaints();
                }
                read = pipes.output.read_buf(self.lines.buffer()) => match read {
                    Ok(1..) => {}
                    Ok(0) => return Err(self.ended("it closed its output").await),
                    Err(failed) => return Err(self.ended(&failed.to_string()).await),
                },
            }
        }
    }

    fn read_introduction(&self, said: &Value) -> Result<Introduced, AgentError> {
        let version = said["protocolVersion"].as_u64();
        if version != Some(PROTOCOL) {
            let detail = format!("the coding agent speaks version {version:?} of the protocol");
            return Err(error(AgentErrorKind::Protocol, &detail));
        }
        let abilities = &said["agentCapabilities"];
        let name = said["agentInfo"]["name"].as_str().unwrap_or_default();
        tracing::info!(name, "a coding agent has started");
        Ok(Introduced {
            number: self.number,
            loads_sessions: abilities["loadSession"] == true,
            sees: abilities["promptCapabilities"]["image"] == true,
        })
    }

    /// Takes what was read.
    async fn hear(&mut self, settings: &Settings) -> Result<(), AgentError> {
        while let Some(line) = self.line()? {
            match Incoming::read(&line) {
                Incoming::Garbage => self.garbage()?,
                Incoming::Response { id, result } => {
                    if let Some(pending) = self.pending.remove(&id) {
                        let result = result.map_err(CallError::Refused);
                        // Whoever asked may have gone.
                        pending.answer.send(result).unwrap_or_default();
                    }
                }
                Incoming::Notification { method, mut params } => {
                    if method == "session/update" {
                        let update = params["update"].take();
                        self.tell(&params["sessionId"], Signal::Update(update))
                            .await;
                    }
                }
                Incoming::Request { id, method, params } => {
                    if method == "session/request_permission" {
                        let decision = decide(settings.permissions, &params);
                        self.write(&wire::answer(&id, &decision.answer));
                        if let Some(refused) = decision.refused {
                            self.tell(&params["sessionId"], Signal::Refused(refused))
                                .await;
                        }
                    } else {
                        self.write(&wire::not_found(&id, &method));
                    }
                }
            }
        }
        Ok(())
    }

    /// A listener who is slow slows the child down, who would otherwise fill the memory; one who has gone does not.
    async fn tell(&mut self, session: &Value, signal: Signal) {
        let session = session.as_str().unwrap_or_default();
        let is_cancelled = |pending: &Pending| {
            pending.overdue.is_some() && pending.question.as_deref() == Some(session)
        };
        // Late words of a question that was cancelled are no answer to the next.
        if self.pending.values().any(is_cancelled) {
            return;
        }
        if let Some(watcher) = self.watchers.get(session)
            && watcher.send(signal).await.is_err()
        {
            self.watchers.remove(session);
        }
    }

    fn line(&mut self) -> Result<Option<String>, AgentError> {
        let line = self.lines.next().map_err(|_| {
            error(
                AgentErrorKind::Protocol,
                "the coding agent writes a line without end",
            )
        })?;
        if line.as_ref().is_some_and(|line| line.starts_with('{')) {
            self.garbage = 0;
        }
        Ok(line)
    }

    fn garbage(&mut self) -> Result<(), AgentError> {
        self.garbage += 1;
        if self.garbage > GARBAGE {
            let detail = "the program prints something else than the protocol";
            return Err(error(AgentErrorKind::Protocol, detail));
        }
        Ok(())
    }

    fn write(&mut self, line: &str) {
        self.unwritten.extend_from_slice(line.as_bytes());
        self.unwritten.push(b'\n');
    }

    fn cancel(&mut self, session: &str, patience: Duration) {
        let overdue = Instant::now() + patience;
        let questions = self.pending.values_mut();
        let mut cancelled = false;
        for pending in questions.filter(|pending| pending.question.as_deref() == Some(session)) {
            pending.overdue = Some(Overdue {
                looked_at: overdue,
                end: overdue + FOR_OTHERS,
            });
            cancelled = true;
        }
        if cancelled {
            let params = json!({ "sessionId": session });
            self.write(&wire::notification("session/cancel", &params));
        }
    }

    fn overdue(&self) -> Option<Instant> {
        let pending = self.pending.values();
        let overdue = pending.filter_map(|pending| pending.overdue.as_ref());
        overdue.map(|overdue| overdue.looked_at).min()
    }

    /// Whether the child must be ended for a question that does not end; not at once while it works on others.
    fn hangs(&mut self) -> bool {
        let now = Instant::now();
        let mut pending = self.pending.values();
        let busy = pending.any(|pending| pending.question.is_some() && pending.overdue.is_none());
        let mut hangs = false;
        let pending = self.pending.values_mut();
        for overdue in pending.filter_map(|pending| pending.overdue.as_mut()) {
            hangs |= overdue.looked_at <= now && (!busy || overdue.end <= now);
            overdue.looked_at = overdue.looked_at.max(now + AGAIN);
        }
        hangs
    }

    /// Questions whose session has no other any more.
    fn ready(&mut self) -> Vec<Call> {
        let pending = &self.pending;
        let busy = |call: &mut Call| {
            let session = call.question.as_ref();
            pending
                .values()
                .any(|other| other.question.as_ref() == session)
        };
        self.waiting.extract_if(.., |call| !busy(call)).collect()
    }

    fn forget_complaints(&mut self) {
        let old = self.complaints.len().saturating_sub(COMPLAINTS);
        self.complaints.drain(..old);
    }

    /// The child has ended, or is about to.
    async fn ended(&mut self, sign: &str) -> AgentError {
        let status = timeout(Duration::from_secs(1), self.process.ended()).await;
        let status = match status {
            Ok(Ok(status)) => status.to_string(),
            _ => sign.to_owned(),
        };
        let complaints = String::from_utf8_lossy(&self.complaints);
        // Before it was asked anything it can have repeated nothing that people wrote.
        let complaints = if self.watchers.is_empty() {
            complaints.trim()
        } else {
            ""
        };
        let detail = format!("the coding agent has ended ({status}) {complaints}");
        error(AgentErrorKind::Unavailable, &detail)
    }

    /// Tells everybody who waits.
    fn give_up(&mut self, why: &AgentError) {
        let waiting = self.waiting.drain(..).map(|call| call.answer);
        let pending = self.pending.drain().map(|(_, pending)| pending.answer);
        for answer in waiting.chain(pending) {
            answer
                .send(Err(CallError::Gone(why.clone())))
                .unwrap_or_default();
        }
    }
}

pub(super) fn error(kind: AgentErrorKind, detail: &str) -> AgentError {
    let detail = readable(detail);
    AgentError {
        kind,
        detail: truncate(detail.trim(), 500).to_owned(),
        retry_after: None,
    }
}

/// A request that the agent refused. `-32000` is "log in first" in the protocol.
pub(super) fn of_refusal(refusal: &Refusal) -> AgentError {
    let words = refusal.message.to_lowercase();
    let kind = match refusal.code {
        -32_000 => AgentErrorKind::Auth,
        _ if words.contains("api key") || words.contains("authenticat") => AgentErrorKind::Auth,
        _ if words.contains("rate limit") => AgentErrorKind::RateLimited,
        _ if words.contains("quota") || words.contains("billing") => AgentErrorKind::QuotaExhausted,
        -32_602 => AgentErrorKind::InvalidRequest,
        _ => AgentErrorKind::Unavailable,
    };
    error(kind, &format!("{} ({})", refusal.message, refusal.code))
}
