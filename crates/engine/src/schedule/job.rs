//! A job, and what a message knows that comes from one.

use serde::{Deserialize, Serialize};

use super::When;
use crate::id::{AgentId, JobId, MessageId, PersonId};
use crate::message::{InboundMessage, Part, ReplyRoute};
use crate::ports::Origin;
use crate::time::Timestamp;

/// Something that is asked at set times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Which it is.
    pub id: JobId,
    /// What people call it.
    pub name: String,
    /// Who answers.
    pub agent: AgentId,
    /// What is asked.
    pub prompt: String,
    /// When.
    pub when: When,
    /// The name of the time zone; empty: that of the machine.
    pub zone: String,
    /// Whose history it is asked in.
    pub context: Context,
    /// Where the answer goes, ids in their original case.
    pub destination: Origin,
    /// Who made it; `None`: an operator.
    pub author: Option<PersonId>,
    /// Whether it is forgotten when its answer has arrived.
    pub once: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is due next; `None` when it is switched off or over.
    pub next_at: Option<Timestamp>,
}

/// Whose history a job is asked in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// Each time a new one, of the job's own.
    #[default]
    Isolated,
    /// That of the chat where the answer goes.
    Current,
}

/// What a message knows that comes from a job and not from a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// The job.
    pub job: JobId,
    /// Its name.
    pub name: String,
    /// The time that it is about, as people read it.
    pub due: String,
    /// Who answers.
    pub agent: AgentId,
    /// Whose history it is asked in.
    pub context: Context,
    /// Whether an operator has made it, who may send everywhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_operator: bool,
    /// Whether its time was missed: that is told, and nothing is asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missed: bool,
}

/// What somebody wants of a job; what is not there is as usual, or stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Wish {
    /// What people call it.
    pub name: Option<String>,
    /// Once, then.
    pub at: Option<String>,
    /// Again and again, in such intervals.
    pub every: Option<String>,
    /// As an expression says.
    pub cron: Option<String>,
    /// On the clock of which zone.
    pub zone: Option<String>,
    /// What is asked.
    pub message: Option<String>,
    /// Who answers.
    pub agent: Option<String>,
    /// Whose history it is asked in.
    pub context: Option<Context>,
    /// Which bot speaks.
    pub account: Option<String>,
    /// Where the answer goes: `user:ID`, `group:ID`, a conversation's id, or a name that is known.
    pub to: Option<String>,
    /// Whether it is forgotten when its answer has arrived.
    pub once: Option<bool>,
    /// Whether it runs at all.
    pub enabled: Option<bool>,
}

impl Job {
    /// The message that one run of the job is, told apart by `run`: the same run is the same message, which the inbox takes
    /// once.
    pub fn message(&self, run: &str, due: String, missed: bool, now: Timestamp) -> InboundMessage {
        let Origin {
            channel,
            account,
            conversation,
            person,
        } = self.destination.clone();
        InboundMessage {
            channel,
            account,
            id: MessageId::new(format!("cron:{}:{run}", self.id)),
            conversation,
            sender: person,
            parts: vec![Part::Text {
                text: self.prompt.clone(),
            }],
            quote: None,
            sent_at: now,
            // There is nothing to answer to: the platform is asked directly.
            reply_route: ReplyRoute::new("{}"),
            mentions_people: false,
            addressed: None,
            scheduled: Some(Scheduled {
                job: self.id.clone(),
                name: self.name.clone(),
                due,
                agent: self.agent.clone(),
                context: self.context,
                by_operator: self.author.is_none(),
                missed,
            }),
        }
    }
}
