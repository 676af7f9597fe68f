//! Writes the end of a turn down: the answer with its files, the card that it ends, and what the history keeps.

use std::path::PathBuf;
use std::time::Duration;

use super::driver::{Task, observe};
use super::opening::Opened;
use super::{Conclusion, Outcome};
use crate::attachment::OutboundAttachment;
use crate::context::{Context, Replies};
use crate::draft::Draft;
use crate::id::CardId;
use crate::message::{Ending, FinalCard, Footer};
use crate::ports::{Finish, Notice, Remark, Step, TranscriptEntry, TranscriptRole};
use crate::reply::{self, Answer, FileReference};

/// A turn that is over.
pub(super) struct Ended {
    pub(super) conclusion: Conclusion,
    /// What the agent was asked, if it came to that.
    pub(super) question: Option<String>,
    /// The answer as it was shown, if it was.
    pub(super) draft: Draft,
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
        elapsed,
        card,
    } = ended;
    let now = context.ports.clock.now();
    // The history keeps what the agent said; people see the files in the place of their names.
    let answer = conclusion.utterance(now);
    let Answer { text, files } = reply::take_files(&conclusion.text);
    if !files.is_empty() {
        conclusion.text = text;
    }
    let (attachments, remarks) = collect(context, task, &conclusion.made, files).await;
    let question = TranscriptEntry {
        role: TranscriptRole::User,
        text: question.unwrap_or_else(|| task.message.message.attributed_text()),
        at: task.message.received_at,
    };
    let finish = Finish {
        sequence: task.message.sequence,
        joined: task.joined.clone(),
        outcome: conclusion.outcome.name(),
        transcript: answer.map(|answer| (opened.session, vec![question, answer])),
        replies: Vec::new(),
        at: now,
    };
    let replies = Replies {
        text: text_of(context, opened, &conclusion, remarks),
        card: card.map(|id| FinalCard {
            id,
            ending: ending(conclusion.outcome),
            draft,
            footer: Footer {
                agent: Some(task.agent.clone()),
                model: conclusion.model.take(),
                elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
                tokens: conclusion
                    .usage
                    .map(|usage| (usage.input_tokens, usage.output_tokens)),
            },
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
        };
        observe(context, task, step);
    }
    written
}

/// The answer, with what has to be said before and behind it.
fn text_of(
    context: &Context,
    opened: &Opened,
    conclusion: &Conclusion,
    remarks: Vec<String>,
) -> String {
    let texts = context.ports.texts.as_ref();
    let expired = opened
        .expired
        .map(|idle| texts.notice(&Notice::SessionExpired { idle }));
    let reply = conclusion.reply(texts, context.settings.turn_deadline);
    let pieces: Vec<String> = expired
        .into_iter()
        .chain([reply])
        .chain(remarks)
        .filter(|piece| !piece.is_empty())
        .collect();
    pieces.join("\n\n")
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Answer => Ending::Done,
        Outcome::Stopped { .. } => Ending::Stopped,
        _ => Ending::Failed,
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
