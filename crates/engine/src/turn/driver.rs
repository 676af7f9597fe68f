//! Runs one turn: opens the session, feeds the machine, writes the end down.

use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;

use futures_util::FutureExt;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::Outcome;
use super::conclude::{Ended, conclude};
use super::converse::Conversing;
use super::opening::{Opened, give_up, open};
use super::showing::Showing;
use crate::context::{Context, Counted};
use crate::draft::Draft;
use crate::id::{AgentId, CardId, Sequence, SessionKey};
use crate::marks::Marker;
use crate::ports::{Notice, Phase, Step, StoredMessage, TranscriptEntry};

/// Tells a running turn to stop.
pub(crate) struct Stop {
    /// Waiting questions that were dropped with it.
    pub(crate) dropped: usize,
}

/// What a turn is about.
pub(crate) struct Task {
    /// The question; where several messages form one, the last of them with the parts of all.
    pub(crate) message: StoredMessage,
    /// The others.
    pub(crate) joined: Vec<Sequence>,
    /// The card on which the answer is written, if it is.
    pub(crate) card: Option<CardId>,
    /// The sign below the question, if it bears one.
    pub(crate) marker: Option<Marker>,
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
        // The panic itself is logged by the process's hook. The conversation must go on, the person must know, and the
        // card, which may be there, must come to an end.
        let card = task.card.clone();
        give_up(context, &task, card, "internal_error", &Notice::Internal).await;
    }
}

async fn run_inner(context: &Context, task: &Task, mut stop: oneshot::Receiver<Stop>) {
    let permit = tokio::select! {
        biased;
        () = context.abandon.cancelled() => return,
        Ok(Stop { dropped }) = &mut stop => {
            let notice = Notice::StoppedEmpty { dropped };
            return context
                .conclude(&task.message, &task.joined, "stopped", Some(notice))
                .await;
        }
        permit = context.turns.acquire() => permit,
    };
    let Some((opened, history)) = open(context, task).await else {
        return;
    };
    observe(context, task, Step::Begun);
    if let Some(marker) = &task.marker {
        marker.phase(Phase::Thinking);
    }
    let ended = turn(context, task, &opened, history, stop).await;
    drop(permit);
    if !ended {
        let_go(context, task).await;
    }
}

/// Answers, and writes the answer down; `false` when the gateway ended first.
async fn turn(
    context: &Context,
    task: &Task,
    opened: &Opened,
    history: Vec<TranscriptEntry>,
    stop: oneshot::Receiver<Stop>,
) -> bool {
    let began = Instant::now();
    let question = OnceLock::new();
    let (drafts, draft) = watch::channel(Draft::default());
    let mut showing = Showing::new(context, task, opened, draft);
    let conversing = Conversing {
        context,
        task,
        opened,
        question: &question,
        drafts: &drafts,
    };
    let conclusion = tokio::select! {
        biased;
        conclusion = conversing.run(history, stop) => conclusion,
        never = showing.run() => match never {},
    };
    if conclusion.outcome == Outcome::Abandoned {
        return false;
    }
    let (draft, elapsed) = (drafts.borrow().clone(), began.elapsed());
    drop(drafts);
    let ended = Ended {
        conclusion,
        question: question.into_inner(),
        draft,
        elapsed,
        card: showing.end().await,
    };
    conclude(context, task, opened, ended).await
}

/// The turn did nothing wrong: however often the gateway is restarted, its message is not given up for that.
async fn let_go(context: &Context, task: &Task) {
    let sequence = task.message.sequence;
    context
        .persist("abandon", || context.ports.store.abandon(sequence))
        .await;
}

pub(super) fn observe(context: &Context, task: &Task, step: Step) {
    let message = &task.message.message;
    context.observe(&message.account, &message.id, step);
}
