//! Runs one turn: opens the session, feeds the machine, writes the end down.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{Conclusion, Effect, Input, Outcome, Turn};
use crate::context::{Context, Counted};
use crate::id::{AgentId, SessionId, SessionKey};
use crate::message::ConversationKind;
use crate::ports::{
    AgentRequest, Begin, Begun, Continuity, Finish, Notice, Step, StoredMessage, TranscriptEntry,
    TranscriptRole,
};

/// Tells a running turn to stop.
pub(crate) struct Stop {
    /// Waiting questions that were dropped with it.
    pub(crate) dropped: usize,
}

/// What a turn is about.
pub(crate) struct Task {
    pub(crate) message: StoredMessage,
    pub(crate) agent: AgentId,
    pub(crate) session_key: SessionKey,
    /// Whether the person asked for a new session with this question.
    pub(crate) fresh: bool,
}

/// Runs a turn to its end. When the gateway ends first, the message stays in the inbox.
pub(crate) async fn run(context: &Context, task: Task, stop: oneshot::Receiver<Stop>) {
    let _open = Counted::new(&context.open_turns);
    let attempt = AssertUnwindSafe(run_inner(context, &task, stop)).catch_unwind();
    if attempt.await.is_err() {
        // The panic itself is logged by the process's hook. The conversation must go on, and the person must know.
        context
            .conclude(&task.message, "internal_error", Some(Notice::Internal))
            .await;
    }
}

async fn run_inner(context: &Context, task: &Task, mut stop: oneshot::Receiver<Stop>) {
    let permit = tokio::select! {
        biased;
        () = context.abandon.cancelled() => return,
        Ok(Stop { dropped }) = &mut stop => {
            let notice = Notice::StoppedEmpty { dropped };
            return context.conclude(&task.message, "stopped", Some(notice)).await;
        }
        permit = context.turns.acquire() => permit,
    };
    let Some(mut opened) = open(context, task).await else {
        return;
    };
    observe(context, task, Step::Begun);
    let conclusion = converse(context, task, &mut opened, &mut stop).await;
    drop(permit);
    if conclusion.outcome != Outcome::Abandoned {
        conclude(context, task, &opened, conclusion).await;
    }
}

/// An open session.
struct Opened {
    session: SessionId,
    history: Vec<TranscriptEntry>,
    /// The length of silence that ended the session before, if it did.
    expired: Option<Duration>,
}

/// Opens the session; `None` when there is nothing more to do.
async fn open(context: &Context, task: &Task) -> Option<Opened> {
    let store = &context.ports.store;
    let now = context.ports.clock.now();
    if task.fresh {
        let reset = || store.reset_session(task.session_key.clone(), now);
        context.persist("reset session", reset).await?;
    }
    let idle = match task.message.message.conversation.kind {
        ConversationKind::Direct => context.settings.direct_idle,
        ConversationKind::Group => context.settings.group_idle,
    };
    let begin = Begin {
        sequence: task.message.sequence,
        agent: task.agent.clone(),
        session_key: task.session_key.clone(),
        expired_before: idle.map(|idle| now.before(idle)),
        history: context.settings.history,
        at: now,
    };
    match context
        .persist("begin", || store.begin(begin.clone()))
        .await?
    {
        Begun::Finished => None,
        Begun::Open { attempt, .. } if attempt > context.settings.attempts => {
            tracing::error!(message = %task.message.message.id, attempt, "given up after repeated interruptions");
            context
                .conclude(&task.message, "interrupted", Some(Notice::Interrupted))
                .await;
            None
        }
        Begun::Open {
            session,
            continuity,
            history,
            ..
        } => Some(Opened {
            session,
            history,
            expired: idle.filter(|_| continuity == Continuity::Expired),
        }),
    }
}

/// Lets the agent speak until the machine says that it is over. The history is the agent's then.
async fn converse(
    context: &Context,
    task: &Task,
    opened: &mut Opened,
    stop: &mut oneshot::Receiver<Stop>,
) -> Conclusion {
    let cancel = CancellationToken::new();
    // Reaches tools and child processes also when this task is dropped or panics.
    let _cancel_at_end = cancel.clone().drop_guard();
    let mut deadline = pin!(tokio::time::sleep(context.settings.turn_deadline));
    let mut events = context.ports.agent.run(AgentRequest {
        agent: task.agent.clone(),
        session_key: task.session_key.clone(),
        session: opened.session,
        history: std::mem::take(&mut opened.history),
        message: task.message.message.clone(),
        cancel,
    });
    let mut turn = Turn::default();
    let mut may_stop = true;
    loop {
        let input = tokio::select! {
            biased;
            () = context.abandon.cancelled() => Input::Abandon,
            stopped = &mut *stop, if may_stop => match stopped {
                Ok(Stop { dropped }) => Input::Stop { dropped },
                // Nobody can stop it any more: the dispatcher has gone, the drain goes on.
                Err(_) => { may_stop = false; continue }
            },
            () = &mut deadline => Input::Deadline,
            event = events.next() => match event {
                Some(Ok(event)) => Input::Agent(event),
                Some(Err(error)) => {
                    tracing::warn!(message = %task.message.message.id, kind = ?error.kind, detail = error.detail, "agent failed");
                    Input::AgentFailed(error.kind)
                }
                None => Input::AgentEnded,
            },
        };
        match turn.handle(input) {
            None => {}
            Some(Effect::FirstText) => observe(context, task, Step::FirstText),
            Some(Effect::End(conclusion)) => return conclusion,
        }
    }
}

async fn conclude(context: &Context, task: &Task, opened: &Opened, conclusion: Conclusion) {
    let now = context.ports.clock.now();
    let mut reply = conclusion.reply(context.ports.texts.as_ref(), context.settings.turn_deadline);
    if let Some(idle) = opened.expired {
        let notice = context.ports.texts.notice(&Notice::SessionExpired { idle });
        reply = format!("{notice}\n\n{reply}");
    }
    let question = TranscriptEntry {
        role: TranscriptRole::User,
        text: task.message.message.attributed_text(),
        at: task.message.received_at,
    };
    let transcript = conclusion
        .utterance(now)
        .map(|answer| (opened.session, vec![question, answer]));
    let written = context
        .finish(
            &task.message,
            &reply,
            Finish {
                sequence: task.message.sequence,
                outcome: conclusion.outcome.name(),
                transcript,
                replies: Vec::new(),
                at: now,
            },
        )
        .await;
    if written {
        observe(
            context,
            task,
            Step::Answered {
                outcome: conclusion.outcome.name(),
                usage: conclusion.usage,
                error: match conclusion.outcome {
                    Outcome::AgentFailed(kind) => Some(kind),
                    _ => None,
                },
            },
        );
    }
}

fn observe(context: &Context, task: &Task, step: Step) {
    let message = &task.message.message;
    context.observe(&message.account, &message.id, step);
}
