//! Runs one turn: opens the session, feeds the machine, writes the end down.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::compaction::keep_short;
use super::conclude::{Ended, conclude};
use super::converse::Conversing;
use super::opening::{Opened, give_up, open};
use super::seat::Seat;
use super::showing::Showing;
use super::view::View;
use super::{Input, Outcome};
use crate::context::{Context, Counted};
use crate::draft::Draft;
use crate::id::{AgentId, CardId, Sequence, SessionKey};
use crate::intake::Shared;
use crate::marks::Marker;
use crate::ports::{
    Choices, Inquirer, Interjections, Notice, Phase, Step, StoredMessage, TranscriptEntry,
};
use crate::text::tokens;

/// Tells a running turn to stop.
pub(crate) enum Stop {
    /// The person wants no more.
    Person {
        /// Waiting questions that were dropped with it.
        dropped: usize,
    },
    /// The person has said something else.
    Superseded,
}

impl Stop {
    pub(super) fn input(self, in_time: bool) -> Input {
        match self {
            Self::Person { dropped } => Input::Stop { dropped, in_time },
            Self::Superseded => Input::Supersede,
        }
    }
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
    /// Whether it is answered beside the conversation, which hears nothing of it.
    pub(crate) aside: bool,
    /// What stands before the answer, so that people know what it belongs to.
    pub(crate) label: Option<String>,
    pub(crate) choices: Choices,
    pub(crate) view: View,
    /// What is said while the turn runs.
    pub(crate) interjections: Interjections,
    /// How its agent asks people, and the place that it leaves while it waits for them.
    pub(crate) inquirer: Inquirer,
    pub(crate) seat: Arc<Seat>,
    /// What came with the question, where other agents answer it, too.
    pub(crate) shared: Option<Shared>,
}

impl Task {
    /// The messages that end with this one: those that formed the question, and those that the agent has taken. From now
    /// on it takes none.
    pub(super) fn joined(&self) -> Vec<Sequence> {
        let taken = self.interjections.close().into_iter();
        let taken = taken.map(|(sequence, _)| sequence);
        self.joined.iter().copied().chain(taken).collect()
    }
}

/// Runs a turn to its end. When the gateway ends first, the message stays in the inbox.
pub(crate) async fn run(context: &Context, task: Task, stop: oneshot::Receiver<Stop>) {
    let _open = Counted::new(&context.open_turns);
    let attempt = AssertUnwindSafe(run_inner(context, &task, stop)).catch_unwind();
    let attempted = attempt.await;
    task.seat.free();
    if attempted.is_err() {
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
        Ok(stop) = &mut stop => {
            let (outcome, notice) = match stop {
                Stop::Person { dropped } => ("stopped", Some(Notice::StoppedEmpty { dropped })),
                Stop::Superseded => ("superseded", None),
            };
            return context
                .conclude(&task.message, &task.joined(), outcome, notice)
                .await;
        }
        permit = Arc::clone(&context.turns).acquire_owned() => permit,
    };
    if let Ok(permit) = permit {
        task.seat.sit(permit);
    }
    let begun = if task.aside {
        Some((Opened::aside(), Vec::new()))
    } else {
        open(context, task).await
    };
    let Some((opened, history)) = begun else {
        return;
    };
    observe(context, task, Step::Begun);
    let said: usize = history.iter().map(|entry| tokens(&entry.text)).sum();
    if let Some(marker) = &task.marker {
        marker.phase(Phase::Thinking);
    }
    let ended = turn(context, task, &opened, history, stop).await;
    if ended && !task.aside {
        keep_short(context, task, opened.session, said).await;
    }
    task.seat.free();
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
    let read = history.iter().map(|entry| tokens(&entry.text)).sum();
    let question = OnceLock::new();
    let cancel = CancellationToken::new();
    let mut first = Draft::default();
    if let Some(label) = &task.label {
        first.say(&format!("{label}\n\n"));
    }
    let (drafts, draft) = watch::channel(first);
    let mut showing = Showing::new(context, task, opened, draft);
    let conversing = Conversing {
        context,
        task,
        opened,
        question: &question,
        drafts: &drafts,
        cancel: &cancel,
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
        read,
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
