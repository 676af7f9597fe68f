//! The agent: opens a session for each conversation, asks, and passes on what the coding agent does.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use chela_engine::id::{SessionId, SessionKey};
use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, TranscriptRole,
};
use chela_engine::text::truncate;
use futures_util::stream::BoxStream;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::keeper::{self, Call, CallError, Command, Introduced, Keeper, Signal};
use super::settings::Settings;
use super::update::Answer;
use crate::background::Background;
use crate::images::{Limits, Question};
use crate::narration::{Listener, narrate};

/// Characters of history for a session that the coding agent does not know.
const HISTORY: usize = 8_000;
/// Sessions that are remembered.
const SESSIONS: usize = 10_000;
/// Refusals that are told of.
const REFUSALS: usize = 5;
/// Bytes of one picture, and of all.
const PICTURES: Limits = Limits {
    one: 5 << 20,
    all: 12 << 20,
};

/// A coding agent.
///
/// Text, thoughts and tools are streamed. Dropping the stream, or cancelling the request, cancels the question; a child
/// that does not obey is ended with everything that it has started, and the next question starts another.
#[derive(Clone, Debug)]
pub struct Acp {
    settings: Arc<Settings>,
    commands: mpsc::UnboundedSender<Command>,
    sessions: Arc<Mutex<HashMap<SessionKey, Session>>>,
}

/// A session of the coding agent.
#[derive(Clone, Debug)]
struct Session {
    /// Ours.
    session: SessionId,
    /// Which child has opened it.
    child: u64,
    id: String,
}

impl Acp {
    /// An agent, and the work of keeping its child. The child is started by the first question.
    pub fn new(settings: Settings) -> (Self, Background) {
        let settings = Arc::new(settings);
        let (commands, orders) = mpsc::unbounded_channel();
        let keeper = Keeper::new(Arc::clone(&settings), orders);
        let agent = Self {
            settings,
            commands,
            sessions: Arc::default(),
        };
        (agent, Background::new(|ending| keeper.run(ending)))
    }

    async fn answer(self, request: AgentRequest, listener: Listener) -> Result<(), AgentError> {
        let child = self.open().await?;
        let (session, is_new) = self.session(&child, &request).await?;
        let limits = if child.sees {
            PICTURES
        } else {
            Limits { one: 0, all: 0 }
        };
        let question = Question::read(&request, limits).await;
        let mut text = question.text;
        if is_new {
            text = self.with_past(&request, &text);
        }
        let mut prompt = vec![json!({ "type": "text", "text": text })];
        prompt.extend(question.images.into_iter().map(
            |image| json!({ "type": "image", "mimeType": image.media_type, "data": image.base64 }),
        ));
        let (sender, signals) = keeper::signals();
        self.order(Command::Watch(session.clone(), sender));
        let mut asked = Asked {
            agent: &self,
            session,
            signals,
            over: false,
        };
        let result = asked.hear(prompt, &listener).await;
        // A question that was given up must be cancelled.
        asked.over = !matches!(&result, Err(error) if error.kind == AgentErrorKind::Timeout);
        result
    }

    async fn open(&self) -> Result<Introduced, AgentError> {
        let (opened, opening) = oneshot::channel();
        self.order(Command::Open(opened));
        opening.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The session of a conversation, and whether the coding agent knows nothing of what was said before.
    async fn session(
        &self,
        child: &Introduced,
        request: &AgentRequest,
    ) -> Result<(String, bool), AgentError> {
        let known = self.sessions().get(&request.session_key).cloned();
        let known = known.filter(|known| known.session == request.session);
        let place = json!({ "cwd": self.settings.directory, "mcpServers": [] });
        if let Some(known) = known {
            if known.child == child.number {
                return Ok((known.id, false));
            }
            let mut params = place.clone();
            params["sessionId"] = json!(known.id);
            // It repeats what was said while it loads; nobody listens to that.
            if child.loads_sessions && self.prepare("session/load", params).await.is_ok() {
                self.remember(request, child, &known.id);
                return Ok((known.id, false));
            }
        }
        let opened = self.prepare("session/new", place).await?;
        let Some(id) = opened["sessionId"].as_str() else {
            let detail = "the coding agent opens a session without a name";
            return Err(keeper::error(AgentErrorKind::Protocol, detail));
        };
        self.remember(request, child, id);
        Ok((id.to_owned(), true))
    }

    fn remember(&self, request: &AgentRequest, child: &Introduced, id: &str) {
        let mut sessions = self.sessions();
        if sessions.len() >= SESSIONS {
            // Those that come again get a new session and the history.
            sessions.clear();
        }
        let session = Session {
            session: request.session,
            child: child.number,
            id: id.to_owned(),
        };
        sessions.insert(request.session_key.clone(), session);
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<SessionKey, Session>> {
        // No step leaves the map half done.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first question of a session: with what the agent is told, and what was said before to somebody else.
    fn with_past(&self, request: &AgentRequest, question: &str) -> String {
        let mut text = String::new();
        if let Some(prompt) = &self.settings.system_prompt {
            text.push_str(prompt.trim());
            text.push_str("\n\n");
        }
        let mut left = HISTORY;
        let mut past: Vec<String> = Vec::new();
        for entry in request.history.iter().rev() {
            let cut = truncate(&entry.text, left);
            left = left.saturating_sub(cut.chars().count());
            let role = match entry.role {
                TranscriptRole::User => "user",
                TranscriptRole::Assistant => "assistant",
            };
            past.push(format!("<{role}>\n{cut}\n</{role}>"));
            if left == 0 {
                break;
            }
        }
        if !past.is_empty() {
            past.reverse();
            let past = past.join("\n");
            write!(text, "Said earlier in this conversation:\n{past}\n\nNow:\n")
                .expect("a String takes all");
        }
        text.push_str(question);
        text
    }

    /// A request that is no question.
    async fn prepare(&self, method: &'static str, params: Value) -> Result<Value, AgentError> {
        let calling = self.call(method, params, None);
        let called = tokio::time::timeout(self.settings.patience.start, calling).await;
        called.unwrap_or_else(|_| {
            let detail = format!("the coding agent does not answer {method}");
            Err(keeper::error(AgentErrorKind::Timeout, &detail))
        })
    }

    async fn call(
        &self,
        method: &'static str,
        params: Value,
        question: Option<String>,
    ) -> Result<Value, AgentError> {
        let (answer, answered) = oneshot::channel();
        self.order(Command::Call(Call {
            method,
            params,
            question,
            answer,
        }));
        match answered.await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(CallError::Refused(refusal))) => Err(keeper::of_refusal(&refusal)),
            Ok(Err(CallError::Gone(error))) => Err(error),
            Err(_) => Err(gone()),
        }
    }

    fn order(&self, command: Command) {
        // Nobody takes orders after the end; whoever waits for an answer sees that it will not come.
        self.commands.send(command).unwrap_or_default();
    }
}

impl Agent for Acp {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let cancel = request.cancel.clone();
        let agent = self.clone();
        narrate(cancel, |listener| agent.answer(request, listener))
    }
}

/// A question that is being answered. Dropping it cancels it, unless it is over.
struct Asked<'a> {
    agent: &'a Acp,
    session: String,
    signals: mpsc::Receiver<Signal>,
    over: bool,
}

impl Asked<'_> {
    async fn hear(&mut self, prompt: Vec<Value>, listener: &Listener) -> Result<(), AgentError> {
        let params = json!({ "sessionId": self.session, "prompt": prompt });
        let session = Some(self.session.clone());
        let mut asking = pin!(self.agent.call("session/prompt", params, session));
        let silence = self.agent.settings.patience.silence;
        let mut heard = Instant::now();
        let mut answer = Answer::default();
        let mut refusals = Vec::new();
        let ended = loop {
            tokio::select! {
                biased;
                // Everything that was told before the end is told before it.
                Some(signal) = self.signals.recv() => {
                    heard = Instant::now();
                    match signal {
                        Signal::Update(update) => {
                            let mut events = Vec::new();
                            answer.take(&update, &mut events);
                            listener.tell(events).await;
                        }
                        Signal::Refused(title) if refusals.len() < REFUSALS => refusals.push(title),
                        Signal::Refused(_) => {}
                    }
                }
                ended = &mut asking => break ended,
                () = tokio::time::sleep_until(heard + silence) => {
                    let detail = format!("the coding agent was silent for {} s", silence.as_secs());
                    break Err(keeper::error(AgentErrorKind::Timeout, &detail));
                }
            }
        };
        let mut events = Vec::new();
        answer.end(&mut events);
        if !refusals.is_empty() {
            let notice = (self.agent.settings.refused)(&refusals);
            events.push(AgentEvent::Text(format!("\n\n{notice}")));
        }
        listener.tell(events).await;
        match ended?["stopReason"].as_str() {
            Some("refusal") => {
                let detail = "the coding agent refuses to go on";
                Err(keeper::error(AgentErrorKind::Refused, detail))
            }
            Some("cancelled") => {
                let detail = "the question was cancelled by the coding agent";
                Err(keeper::error(AgentErrorKind::Unavailable, detail))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.agent.order(Command::Unwatch {
            session: std::mem::take(&mut self.session),
            cancel: !self.over,
        });
    }
}

fn gone() -> AgentError {
    keeper::error(
        AgentErrorKind::Unavailable,
        "the coding agent is no longer kept",
    )
}
