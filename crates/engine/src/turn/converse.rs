//! Lets the agent speak until the machine says that it is over.

use std::pin::pin;
use std::sync::OnceLock;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::driver::{Stop, Task, observe};
use super::opening::Opened;
use super::{Conclusion, Effect, Input, Turn};
use crate::context::Context;
use crate::draft::Draft;
use crate::intake::{self, Prepared};
use crate::ports::{AgentError, AgentEvent, AgentRequest, Phase, Step, TranscriptEntry};

/// A turn whose agent is at work.
pub(super) struct Conversing<'a> {
    pub(super) context: &'a Context,
    pub(super) task: &'a Task,
    pub(super) opened: &'a Opened,
    /// Gets what the agent was asked, for the history.
    pub(super) question: &'a OnceLock<String>,
    /// Gets the answer as it is written, when somebody sees it.
    pub(super) drafts: &'a watch::Sender<Draft>,
}

impl Conversing<'_> {
    pub(super) async fn run(
        &self,
        history: Vec<TranscriptEntry>,
        mut stop: oneshot::Receiver<Stop>,
    ) -> Conclusion {
        let cancel = CancellationToken::new();
        // Reaches tools and child processes also when this task is dropped or panics.
        let _cancel_at_end = cancel.clone().drop_guard();
        let mut deadline = pin!(tokio::time::sleep(self.context.settings.turn_deadline));
        let mut events = Box::pin(self.ask(history, cancel).flatten_stream());
        let mut turn = Turn::default();
        let mut may_stop = true;
        loop {
            let input = tokio::select! {
                biased;
                () = self.context.abandon.cancelled() => Input::Abandon,
                stopped = &mut stop, if may_stop => match stopped {
                    Ok(Stop { dropped }) => Input::Stop { dropped },
                    // Nobody can stop it any more: the dispatcher has gone, the drain goes on.
                    Err(_) => { may_stop = false; continue }
                },
                () = &mut deadline => Input::Deadline,
                event = events.next() => self.event(event),
            };
            match turn.handle(input) {
                None => {}
                Some(Effect::FirstText) => observe(self.context, self.task, Step::FirstText),
                Some(Effect::End(conclusion)) => return conclusion,
            }
        }
    }

    fn event(&self, event: Option<Result<AgentEvent, AgentError>>) -> Input {
        match event {
            Some(Ok(event)) => {
                if self.opened.card.is_some() {
                    self.drafts.send_modify(|draft| write(draft, &event));
                }
                if let Some((marker, phase)) = self.task.marker.as_ref().zip(phase(&event)) {
                    marker.phase(phase);
                }
                Input::Agent(event)
            }
            Some(Err(error)) => {
                tracing::warn!(message = %self.task.message.message.id, kind = ?error.kind, detail = error.detail, "agent failed");
                Input::AgentFailed(error.kind)
            }
            None => Input::AgentEnded,
        }
    }

    /// Reads what came with the question, then asks the agent.
    async fn ask(
        &self,
        history: Vec<TranscriptEntry>,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let message = self.task.message.message.clone();
        let Prepared { materials, quotes } = intake::prepare(self.context, &message).await;
        let request = AgentRequest {
            agent: self.task.agent.clone(),
            session_key: self.task.session_key.clone(),
            session: self.opened.session,
            history,
            message,
            materials,
            quotes,
            cancel,
        };
        self.question.get_or_init(|| intake::briefing(&request));
        self.context.ports.agent.run(request)
    }
}

fn write(draft: &mut Draft, event: &AgentEvent) {
    match event {
        AgentEvent::Text(more) => draft.say(more),
        AgentEvent::Reasoning(more) => draft.think(more),
        AgentEvent::ToolStarted { call, name } => draft.tool_started(call, name),
        AgentEvent::ToolEnded { call, succeeded } => draft.tool_ended(call, *succeeded),
        AgentEvent::Made(_) | AgentEvent::Usage(_) | AgentEvent::Model(_) => {}
    }
}

/// How far an event brings the question.
fn phase(event: &AgentEvent) -> Option<Phase> {
    match event {
        AgentEvent::Text(_) => Some(Phase::Answering),
        AgentEvent::Reasoning(_) | AgentEvent::ToolEnded { .. } => Some(Phase::Thinking),
        AgentEvent::ToolStarted { name, .. } => Some(Phase::Tool { name: name.clone() }),
        AgentEvent::Made(_) | AgentEvent::Usage(_) | AgentEvent::Model(_) => None,
    }
}
