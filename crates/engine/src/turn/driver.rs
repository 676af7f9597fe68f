//! Runs one turn: opens the session, feeds the machine, writes the end down.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::showing::Showing;
use super::{Conclusion, Effect, Input, Outcome, Turn};
use crate::attachment::OutboundAttachment;
use crate::context::{Context, Counted, Replies};
use crate::draft::Draft;
use crate::id::{AgentId, CardId, Sequence, SessionId, SessionKey};
use crate::intake::{self, Prepared};
use crate::message::{ConversationKind, Ending, FinalCard, Footer};
use crate::ports::{
    AgentError, AgentEvent, AgentRequest, Begin, Begun, Continuity, Finish, Notice, Remark, Step,
    StoredMessage, TranscriptEntry, TranscriptRole,
};
use crate::reply::{self, Answer, FileReference};

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
            .conclude(
                &task.message,
                &task.joined,
                "internal_error",
                Some(Notice::Internal),
            )
            .await;
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
    let Some(opened) = open(context, task).await else {
        return;
    };
    observe(context, task, Step::Begun);
    let began = Instant::now();
    let question = OnceLock::new();
    let (drafts, draft) = watch::channel(Draft::default());
    let mut showing = Showing::new(context, task, &opened, draft);
    let conclusion = tokio::select! {
        biased;
        conclusion = converse(context, task, &opened, &question, &drafts, &mut stop) => conclusion,
        never = showing.run() => match never {},
    };
    drop(permit);
    if conclusion.outcome != Outcome::Abandoned {
        let draft = drafts.borrow().clone();
        drop(drafts);
        let card = showing.end(context.settings.delivery_deadline).await;
        let card = card.map(|id| final_card(id, task, draft, &conclusion, began.elapsed()));
        let question = question.get().map(String::as_str);
        conclude(context, task, &opened, question, conclusion, card).await;
    }
}

/// An open session.
pub(super) struct Opened {
    session: SessionId,
    history: Vec<TranscriptEntry>,
    /// The length of silence that ended the session before, if it did.
    expired: Option<Duration>,
    /// The card of this turn or of an earlier one on the message.
    pub(super) card: Option<CardId>,
    /// Whether there was an earlier one, which may have left a card behind.
    pub(super) again: bool,
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
        card: task.card.clone(),
        at: now,
    };
    match context
        .persist("begin", || store.begin(begin.clone()))
        .await?
    {
        Begun::Finished => None,
        Begun::Open { attempt, card, .. } if attempt > context.settings.attempts => {
            tracing::error!(message = %task.message.message.id, attempt, "given up after repeated interruptions");
            give_up(context, task, card).await;
            None
        }
        Begun::Open {
            attempt,
            session,
            continuity,
            history,
            card,
        } => Some(Opened {
            session,
            history,
            expired: idle.filter(|_| continuity == Continuity::Expired),
            card,
            again: attempt > 1,
        }),
    }
}

/// Ends a message whose turns did not survive, and the card that they may have left.
async fn give_up(context: &Context, task: &Task, card: Option<CardId>) {
    let card = card.map(|id| FinalCard {
        id,
        ending: Ending::Failed,
        draft: Draft::default(),
        footer: Footer::default(),
    });
    let text = context.ports.texts.notice(&Notice::Interrupted);
    let replies = Replies {
        text,
        card,
        attachments: Vec::new(),
    };
    let finish = Finish {
        sequence: task.message.sequence,
        joined: task.joined.clone(),
        outcome: "interrupted",
        transcript: None,
        replies: Vec::new(),
        at: context.ports.clock.now(),
    };
    context.finish(&task.message, replies, finish).await;
}

/// Lets the agent speak until the machine says that it is over.
async fn converse(
    context: &Context,
    task: &Task,
    opened: &Opened,
    question: &OnceLock<String>,
    drafts: &watch::Sender<Draft>,
    stop: &mut oneshot::Receiver<Stop>,
) -> Conclusion {
    let cancel = CancellationToken::new();
    // Reaches tools and child processes also when this task is dropped or panics.
    let _cancel_at_end = cancel.clone().drop_guard();
    let deadline = Instant::now() + context.settings.turn_deadline;
    let mut events = Box::pin(ask(context, task, opened, question, cancel).flatten_stream());
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
            () = tokio::time::sleep_until(deadline) => Input::Deadline,
            event = events.next() => match event {
                Some(Ok(event)) => Input::Agent(event),
                Some(Err(error)) => {
                    tracing::warn!(message = %task.message.message.id, kind = ?error.kind, detail = error.detail, "agent failed");
                    Input::AgentFailed(error.kind)
                }
                None => Input::AgentEnded,
            },
        };
        if let (Input::Agent(event), Some(_)) = (&input, &opened.card) {
            drafts.send_modify(|draft| write(draft, event));
        }
        match turn.handle(input) {
            None => {}
            Some(Effect::FirstText) => observe(context, task, Step::FirstText),
            Some(Effect::End(conclusion)) => return conclusion,
        }
    }
}

/// Reads what came with the question, then asks the agent. What was asked is left in `question` for the history.
async fn ask(
    context: &Context,
    task: &Task,
    opened: &Opened,
    question: &OnceLock<String>,
    cancel: CancellationToken,
) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
    let message = task.message.message.clone();
    let Prepared { materials, quotes } = intake::prepare(context, &message).await;
    let request = AgentRequest {
        agent: task.agent.clone(),
        session_key: task.session_key.clone(),
        session: opened.session,
        history: opened.history.clone(),
        message,
        materials,
        quotes,
        cancel,
    };
    question.get_or_init(|| intake::briefing(&request));
    context.ports.agent.run(request)
}

fn write(draft: &mut Draft, event: &AgentEvent) {
    match event {
        AgentEvent::Text(more) => draft.say(more),
        AgentEvent::Reasoning(more) => draft.think(more),
        AgentEvent::ToolStarted { call, name } => draft.tool_started(call, name),
        AgentEvent::ToolEnded { call, succeeded } => draft.tool_ended(call, *succeeded),
        AgentEvent::Made(_) | AgentEvent::Usage(_) => {}
    }
}

fn final_card(
    id: CardId,
    task: &Task,
    draft: Draft,
    conclusion: &Conclusion,
    elapsed: Duration,
) -> FinalCard {
    FinalCard {
        id,
        ending: match conclusion.outcome {
            Outcome::Answer => Ending::Done,
            Outcome::Stopped { .. } => Ending::Stopped,
            _ => Ending::Failed,
        },
        draft,
        footer: Footer {
            agent: Some(task.agent.clone()),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            tokens: conclusion
                .usage
                .map(|usage| (usage.input_tokens, usage.output_tokens)),
        },
    }
}

async fn conclude(
    context: &Context,
    task: &Task,
    opened: &Opened,
    question: Option<&str>,
    mut conclusion: Conclusion,
    card: Option<FinalCard>,
) {
    let now = context.ports.clock.now();
    // The history keeps what the agent said; people see the files in the place of their names.
    let answer = conclusion.utterance(now);
    let Answer { text, files } = reply::take_files(&conclusion.text);
    if !files.is_empty() {
        conclusion.text = text;
    }
    let (attachments, remarks) = collect(context, task, &conclusion.made, files).await;
    let mut reply = conclusion.reply(context.ports.texts.as_ref(), context.settings.turn_deadline);
    if let Some(idle) = opened.expired {
        let notice = context.ports.texts.notice(&Notice::SessionExpired { idle });
        reply = format!("{notice}\n\n{reply}");
    }
    for remark in remarks {
        reply = format!("{reply}\n\n{remark}").trim().to_owned();
    }
    let question = TranscriptEntry {
        role: TranscriptRole::User,
        text: question.map_or_else(|| task.message.message.attributed_text(), str::to_owned),
        at: task.message.received_at,
    };
    let transcript = answer.map(|answer| (opened.session, vec![question, answer]));
    let written = context
        .finish(
            &task.message,
            Replies {
                text: reply,
                card,
                attachments,
            },
            Finish {
                sequence: task.message.sequence,
                joined: task.joined.clone(),
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

/// Fetches the files of an answer; what is not sent is said.
async fn collect(
    context: &Context,
    task: &Task,
    made: &[PathBuf],
    files: Vec<FileReference>,
) -> (Vec<OutboundAttachment>, Vec<String>) {
    let mut attachments = Vec::new();
    let mut remarks = Vec::new();
    for file in files {
        let collector = &context.ports.collector;
        match collector
            .collect(file.reference, file.kind, made.to_vec())
            .await
        {
            Ok(attachment) => attachments.push(attachment),
            Err(error) => {
                tracing::warn!(message = %task.message.message.id, %error, "a file of the answer is not sent");
                remarks.push(context.ports.texts.remark(&Remark::NotSent { error }));
            }
        }
    }
    remarks.dedup();
    (attachments, remarks)
}

fn observe(context: &Context, task: &Task, step: Step) {
    let message = &task.message.message;
    context.observe(&message.account, &message.id, step);
}
