//! Opens the session of a turn.

use super::driver::Task;
use super::fit;
use crate::context::Context;
use crate::draft::Draft;
use crate::id::{CardId, SessionId};
use crate::message::{ConversationKind, Ending, FinalCard, Footer};
use crate::ports::{Begin, Begun, Continuity, Finish, Notice, Origin, TranscriptEntry};
use crate::replies::Replies;
use crate::settings::Reset;

/// An open session.
pub(super) struct Opened {
    pub(super) session: SessionId,
    /// What is said about the session before, if it ended by itself.
    pub(super) expired: Option<Notice>,
    /// The card of this turn or of an earlier one on the message.
    pub(super) card: Option<CardId>,
    /// Whether there was an earlier one, which may have left a card behind.
    pub(super) again: bool,
}

impl Opened {
    /// For a turn beside the conversation: it has no session and no card.
    pub(super) fn aside() -> Self {
        Self {
            session: SessionId(0),
            expired: None,
            card: None,
            again: false,
        }
    }
}

/// Opens the session and gives its history; `None` when there is nothing more to do.
pub(super) async fn open(context: &Context, task: &Task) -> Option<(Opened, Vec<TranscriptEntry>)> {
    let store = &context.ports.store;
    let now = context.ports.clock.now();
    if task.fresh {
        let reset = || store.reset_session(task.session_key.clone(), now);
        context.persist("reset session", reset).await?;
    }
    let settings = &context.settings;
    let reset = match task.message.message.conversation.kind {
        ConversationKind::Direct => settings.direct_reset,
        ConversationKind::Group => settings.group_reset,
    };
    let begin = Begin {
        sequence: task.message.sequence,
        agent: task.agent.clone(),
        session_key: task.session_key.clone(),
        origin: Origin::of(&task.message.message),
        expired_before: reset.expired_before(now, settings.utc_offset),
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
            tracing::error!(message_id = %task.message.message.id, attempt, "given up after repeated interruptions");
            give_up(context, task, card, "interrupted", &Notice::Interrupted).await;
            None
        }
        Begun::Open {
            attempt,
            session,
            continuity,
            history,
            summary,
            card,
        } => {
            let expired = match reset {
                Reset {
                    idle: Some(idle),
                    hour: None,
                } => Notice::SessionExpired { idle },
                Reset { .. } => Notice::SessionOver,
            };
            let opened = Opened {
                session,
                expired: Some(expired).filter(|_| continuity == Continuity::Expired),
                card,
                again: attempt > 1,
            };
            let budget = context.history_tokens(&task.agent);
            Some((opened, fit(history, summary, budget)))
        }
    }
}

/// Ends a message whose turns did not survive, and the card that they may have left.
pub(super) async fn give_up(
    context: &Context,
    task: &Task,
    card: Option<CardId>,
    outcome: &'static str,
    notice: &Notice,
) {
    let card = card.map(|id| FinalCard {
        id,
        ending: Ending::Failed,
        draft: Draft::default(),
        footer: Footer::default(),
        pictures: Vec::new(),
    });
    let replies = Replies {
        text: context.ports.texts.notice(notice),
        card,
        attachments: Vec::new(),
        is_error: true,
    };
    let finish = Finish {
        sequence: task.message.sequence,
        joined: task.joined(),
        outcome,
        transcript: None,
        spent: None,
        replies: Vec::new(),
        follow_ups: Vec::new(),
        at: context.ports.clock.now(),
    };
    context.finish(&task.message, replies, finish).await;
}
