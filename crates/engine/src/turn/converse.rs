//! Lets the agent speak until the machine says that it is over.

use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::driver::{Stop, Task, observe};
use super::opening::Opened;
use super::{Conclusion, Effect, Input, Turn};
use crate::context::Context;
use crate::draft::Draft;
use crate::intake::{self, Prepared};
use crate::ports::{AgentError, AgentEvent, AgentRequest, Mode, Phase, Step, TranscriptEntry};

/// Between two looks at a turn that waits for a person, when it would be over its time otherwise.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A turn whose agent is at work.
pub(super) struct Conversing<'a> {
    pub(super) context: &'a Context,
    pub(super) task: &'a Task,
    pub(super) opened: &'a Opened,
    /// Gets what the agent was asked, for the history.
    pub(super) question: &'a OnceLock<String>,
    /// Gets the answer as it is written, when somebody sees it.
    pub(super) drafts: &'a watch::Sender<Draft>,
    /// Cancelled when the run shall end.
    pub(super) cancel: &'a CancellationToken,
}

impl Conversing<'_> {
    pub(super) async fn run(
        &self,
        history: Vec<TranscriptEntry>,
        mut stop: oneshot::Receiver<Stop>,
    ) -> Conclusion {
        // Reaches tools and child processes also when this task is dropped or panics.
        let _cancel_at_end = self.cancel.clone().drop_guard();
        let limit = self.context.settings.turn_deadline;
        let began = Instant::now();
        let mut deadline = pin!(tokio::time::sleep_until(began + limit));
        let mut events = Box::pin(self.ask(history).flatten_stream());
        let mut turn = Turn::default();
        let mut may_stop = true;
        loop {
            let input = tokio::select! {
                biased;
                () = self.context.abandon.cancelled() => Input::Abandon,
                stopped = &mut stop, if may_stop => match stopped {
                    Ok(stop) => {
                        self.cancel.cancel();
                        let (in_time, used) = self.came_to_its_end(&mut events).await;
                        for event in used {
                            turn.handle(Input::Agent(event));
                        }
                        stop.input(in_time)
                    }
                    // Nobody can stop it any more: the dispatcher has gone, the drain goes on.
                    Err(_) => { may_stop = false; continue }
                },
                () = &mut deadline => {
                    // What people take to answer is not the agent's time.
                    let extended = began + limit + self.task.seat.waited();
                    if extended > Instant::now() {
                        deadline.as_mut().reset(extended.max(Instant::now() + LOOK_AGAIN));
                        continue;
                    }
                    Input::Deadline
                }
                event = events.next() => self.event(event),
            };
            match turn.handle(input) {
                None => {}
                Some(Effect::FirstText) => observe(self.context, self.task, Step::FirstText),
                Some(Effect::End(conclusion)) => return conclusion,
            }
        }
    }

    /// Waits for the agent to let go of everything. What it still says is not listened to, but for what it has used.
    async fn came_to_its_end(
        &self,
        events: &mut (impl Stream<Item = Result<AgentEvent, AgentError>> + Unpin),
    ) -> (bool, Vec<AgentEvent>) {
        let mut used = Vec::new();
        let end = async {
            while let Some(event) = events.next().await {
                if let Ok(event @ (AgentEvent::Usage(_) | AgentEvent::Attempt(_))) = event {
                    used.push(event);
                }
            }
        };
        let patience = self.context.settings.stop_patience;
        let in_time = tokio::select! {
            biased;
            () = self.context.abandon.cancelled() => false,
            ended = tokio::time::timeout(patience, end) => ended.is_ok(),
        };
        if !in_time {
            tracing::warn!(message_id = %self.task.message.message.id, agent = %self.task.agent, "the agent did not end in time when it was stopped");
        }
        (in_time, used)
    }

    fn event(&self, event: Option<Result<AgentEvent, AgentError>>) -> Input {
        match event {
            Some(Ok(event)) => {
                let view = self.task.view;
                if view.needs_draft(self.opened.card.is_some()) {
                    self.drafts.send_modify(|draft| view.write(draft, &event));
                }
                if let Some((marker, phase)) = self.task.marker.as_ref().zip(phase(&event)) {
                    marker.phase(phase);
                }
                Input::Agent(event)
            }
            Some(Err(error)) => {
                tracing::warn!(message_id = %self.task.message.message.id, kind = ?error.kind, detail = error.detail, "agent failed");
                Input::AgentFailed(error.kind)
            }
            None => Input::AgentEnded,
        }
    }

    /// Reads what came with the question, then asks the agent.
    async fn ask(
        &self,
        history: Vec<TranscriptEntry>,
    ) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let message = self.task.message.message.clone();
        let prepare = async {
            match &self.task.shared {
                Some(shared) => shared.prepare(self.context, &message).await,
                None => intake::prepare(self.context, &message).await,
            }
        };
        let Some(prepared) = self.cancel.run_until_cancelled(prepare).await else {
            return stream::empty().boxed();
        };
        let Prepared { materials, quotes } = prepared;
        let request = AgentRequest {
            agent: self.task.agent.clone(),
            session_key: self.task.session_key.clone(),
            session: self.opened.session,
            earlier: intake::earlier(&history, self.context.ports.media.as_ref()),
            history,
            message,
            materials,
            quotes,
            choices: self.task.choices.clone(),
            mode: if self.task.aside {
                Mode::Aside
            } else {
                Mode::Conversation
            },
            interjections: self.task.interjections.clone(),
            inquirer: self.task.inquirer.clone(),
            cancel: self.cancel.clone(),
        };
        self.question.get_or_init(|| intake::briefing(&request));
        self.context.ports.agent.run(request)
    }
}

/// How far an event brings the question.
fn phase(event: &AgentEvent) -> Option<Phase> {
    match event {
        AgentEvent::Text(_) => Some(Phase::Answering),
        AgentEvent::Reasoning(_) | AgentEvent::ToolEnded { .. } => Some(Phase::Thinking),
        AgentEvent::ToolStarted { name, .. } => Some(Phase::Tool { name: name.clone() }),
        AgentEvent::Made(_)
        | AgentEvent::Remark(_)
        | AgentEvent::Annotation(_)
        | AgentEvent::Attempt(_)
        | AgentEvent::Usage(_) => None,
    }
}
