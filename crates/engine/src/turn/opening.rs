//! Opens the session of a turn.

use std::time::Duration;

use super::driver::Task;
use crate::context::{Context, Replies};
use crate::draft::Draft;
use crate::id::{CardId, SessionId};
use crate::message::{ConversationKind, Ending, FinalCard, Footer};
use crate::ports::{Begin, Begun, Continuity, Finish, Notice, TranscriptEntry};

/// An open session.
pub(super) struct Opened {
    pub(super) session: SessionId,
    /// The length of silence that ended the session before, if it did.
    pub(super) expired: Option<Duration>,
    /// The card of this turn or of an earlier one on the message.
    pub(super) card: Option<CardId>,
    /// Whether there was an earlier one, which may have left a card behind.
    pub(super) again: bool,
}

/// Opens the session and gives its history; `None` when there is nothing more to do.
pub(super) async fn open(context: &Context, task: &Task) -> Option<(Opened, Vec<TranscriptEntry>)> {
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
            tracing::error!(message_id = %task.message.message.id, attempt, "given up after repeated interruptions");
            give_up(context, task, card, "interrupted", &Notice::Interrupted).await;
            None
        }
        Begun::Open {
            attempt,
            session,
            continuity,
            history,
            card,
        } => {
            let opened = Opened {
                session,
                expired: idle.filter(|_| continuity == Continuity::Expired),
                card,
                again: attempt > 1,
            };
            Some((opened, history))
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
    });
    let replies = Replies {
        text: context.ports.texts.notice(notice),
        card,
        attachments: Vec::new(),
    };
    let finish = Finish {
        sequence: task.message.sequence,
        joined: task.joined.clone(),
        outcome,
        transcript: None,
        replies: Vec::new(),
        at: context.ports.clock.now(),
    };
    context.finish(&task.message, replies, finish).await;
}
