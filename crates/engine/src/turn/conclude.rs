//! Writes the end of a turn down: the answer with its files, the card that it ends, and what the history keeps.

use std::time::Duration;

use super::driver::{Task, observe};
use super::files::{Carried, carry};
use super::opening::Opened;
use super::{Conclusion, Outcome};
use crate::context::Context;
use crate::draft::Draft;
use crate::hints;
use crate::id::CardId;
use crate::message::{Ending, FinalCard, Footer};
use crate::ports::{Attempt, Finish, Spent, Step, TranscriptEntry, TranscriptRole, Usage};
use crate::replies::Replies;
use crate::text::tokens;

/// A turn that is over.
pub(super) struct Ended {
    pub(super) conclusion: Conclusion,
    /// What the agent was asked, if it came to that.
    pub(super) question: Option<String>,
    /// The answer as it was shown, if it was.
    pub(super) draft: Draft,
    /// Tokens of history that the agent was given.
    pub(super) read: usize,
    pub(super) elapsed: Duration,
    /// The card that must come to an end, if one is there.
    pub(super) card: Option<CardId>,
}

/// Writes the end down; tells whether it is written.
pub(super) async fn conclude(
    context: &Context,
    task: &Task,
    opened: &Opened,
    ended: Ended,
) -> bool {
    let Ended {
        mut conclusion,
        question,
        draft,
        read,
        elapsed,
        card,
    } = ended;
    let now = context.ports.clock.now();
    // The history keeps what the agent said; people see the files in the place of their names.
    let answer = conclusion.utterance(now);
    let seen = card.as_ref().map(|_| &draft);
    let carried = carry(context, task, &conclusion.text, &conclusion.made, seen).await;
    let Carried {
        pictures,
        attachments,
        mut remarks,
        ..
    } = carried;
    conclusion.text = carried.text;
    let asked = question.as_deref().map_or(0, tokens);
    let mut text = question.unwrap_or_else(|| task.message.message.attributed_text());
    text.push_str(&conclusion.annotations);
    let transcript = said(task, text, answer, conclusion.outcome);
    let finish = Finish {
        sequence: task.message.sequence,
        joined: task.joined(),
        outcome: conclusion.outcome.name(),
        transcript: transcript.map(|entries| (opened.session, entries)),
        spent: spent(task, &conclusion, read + asked),
        replies: Vec::new(),
        follow_ups: Vec::new(),
        at: now,
    };
    let preface = match card {
        Some(_) => String::new(),
        None => task.view.preface(&draft),
    };
    // The answer to what the person said next is all that anybody wants to see.
    let silent = conclusion.outcome == Outcome::Superseded
        && conclusion.text.trim().is_empty()
        && card.is_none();
    let text = if silent {
        String::new()
    } else {
        if !task.aside {
            remarks.extend(hints::take(context, hints::sender(&task.message.message)).await);
        }
        let around = [preface, remarks.join("\n\n")];
        text_of(context, task, opened, &conclusion, around)
    };
    let ending = ending(conclusion.outcome);
    let replies = Replies {
        text,
        is_error: ending == Ending::Failed && conclusion.text.trim().is_empty(),
        card: card.map(|id| FinalCard {
            id,
            ending,
            draft,
            footer: Footer {
                agent: Some(task.agent.clone()),
                model: conclusion.model().map(str::to_owned),
                effort: task.choices.thinking,
                elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
                tokens: conclusion
                    .usage
                    .map(|usage| (usage.input_tokens, usage.output_tokens)),
            },
            pictures,
        }),
        attachments,
    };
    let written = context.finish(&task.message, replies, finish).await;
    if written {
        let step = Step::Answered {
            outcome: conclusion.outcome.name(),
            usage: conclusion.usage,
            error: match conclusion.outcome {
                Outcome::AgentFailed(kind) => Some(kind),
                _ => None,
            },
            agent: task.agent.clone(),
            attempts: conclusion.attempts,
        };
        observe(context, task, step);
    }
    written
}

/// What the history keeps: the question, what was said into the run, and the answer. A question that was given up for
/// the next one is kept, too, as that may lean on it.
fn said(
    task: &Task,
    question: String,
    answer: Option<TranscriptEntry>,
    outcome: Outcome,
) -> Option<Vec<TranscriptEntry>> {
    if task.aside || answer.is_none() && outcome != Outcome::Superseded {
        return None;
    }
    let user = |text, at| TranscriptEntry {
        role: TranscriptRole::User,
        text,
        at,
    };
    let taken = task.interjections.close().into_iter();
    let heard = taken.map(|(_, message)| user(message.attributed_text(), message.sent_at));
    let entries = [user(question, task.message.received_at)].into_iter();
    Some(entries.chain(heard).chain(answer).collect())
}

/// The answer, with what has to be said before and behind it.
fn text_of(
    context: &Context,
    task: &Task,
    opened: &Opened,
    conclusion: &Conclusion,
    [preface, remarks]: [String; 2],
) -> String {
    let texts = context.ports.texts.as_ref();
    let said = conclusion.remarks.iter().map(|remark| texts.remark(remark));
    let expired = opened.expired.as_ref().map(|notice| texts.notice(notice));
    let reply = conclusion.reply(texts, context.settings.turn_deadline);
    let label = task.label.clone();
    let pieces: Vec<String> = expired
        .into_iter()
        .chain(label)
        .chain([preface, reply])
        .chain(said)
        .chain([remarks])
        .filter(|piece| !piece.is_empty())
        .collect();
    pieces.join("\n\n")
}

/// What the turn has used of models; nothing when it asked none. A service tells at the end of an answer: of one that was
/// cut off before, it is estimated from what was `read` and said.
fn spent(task: &Task, conclusion: &Conclusion, read: usize) -> Option<Spent> {
    let answered = |attempt: &Attempt| attempt.failure.is_none();
    let estimate = || {
        let began = conclusion.attempts.iter().any(answered);
        began.then(|| Usage {
            input_tokens: u64::try_from(read).unwrap_or(u64::MAX),
            output_tokens: u64::try_from(tokens(&conclusion.text)).unwrap_or(u64::MAX),
            ..Usage::default()
        })
    };
    let is_cut = !matches!(conclusion.outcome, Outcome::Answer | Outcome::Empty);
    let usage = conclusion.usage.or_else(|| estimate().filter(|_| is_cut));
    let asked = !conclusion.attempts.is_empty() || conclusion.usage.is_some();
    asked.then(|| Spent {
        agent: task.agent.clone(),
        person: task.message.message.sender.id.clone(),
        usage: usage.unwrap_or_default(),
        attempts: conclusion.attempts.clone(),
    })
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Answer => Ending::Done,
        Outcome::Stopped { .. } | Outcome::Superseded => Ending::Stopped,
        _ => Ending::Failed,
    }
}
