//! What a command came to, for the texts.

use std::time::Duration;

use crate::conversation::QueueMode;
use crate::id::{AccountId, AgentId};
use crate::ports::{Origin, Thinking, Usage};
use crate::settings::Allowance;

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The commands.
    Help {
        /// Whether the person is an owner.
        owner: bool,
    },
    /// How the session stands.
    Status(Box<Status>),
    /// The models that the agent may use.
    Models {
        /// All of them.
        models: Vec<String>,
        /// The one in use.
        current: Option<String>,
    },
    /// The model in use.
    Model {
        /// Which.
        current: Option<String>,
        /// Whether that is by the person's choice.
        chosen: bool,
    },
    /// The agent has no such model.
    ModelUnknown {
        /// What was asked for.
        asked: String,
        /// What there is.
        models: Vec<String>,
    },
    /// How much the model thinks. `None`: as configured.
    Thinking {
        /// The level.
        level: Option<Thinking>,
    },
    /// There is no such level.
    ThinkingUnknown {
        /// What was asked for.
        asked: String,
    },
    /// Whether something is shown. `None`: where there is a card.
    Switch {
        /// What.
        what: Switch,
        /// Whether.
        on: Option<bool>,
    },
    /// It can only be on or off.
    SwitchUnknown {
        /// What.
        what: Switch,
        /// What was asked for.
        asked: String,
    },
    /// What becomes of messages that come while a turn runs.
    Queue {
        /// What.
        mode: QueueMode,
        /// Whether that is by the person's choice.
        chosen: bool,
    },
    /// There is no such mode.
    QueueUnknown {
        /// What was asked for.
        asked: String,
    },
    /// The history was summed up.
    Compacted {
        /// Tokens before.
        before: usize,
        /// Tokens after.
        after: usize,
    },
    /// The history could not be summed up; its beginning was left out.
    Cut {
        /// Entries that were left out.
        left_out: usize,
    },
    /// There is nothing that could be summed up.
    NothingToCompact,
    /// What the agent is given.
    Context {
        /// Entries of the history.
        entries: usize,
        /// Tokens of them.
        tokens: usize,
        /// Tokens that it is given at most.
        budget: usize,
        /// Tokens of what stands for the beginning.
        summary: Option<usize>,
    },
    /// Tokens that models have read and written for the session.
    Usage {
        /// Tokens read.
        input: u64,
        /// Tokens written.
        output: u64,
        /// Questions and answers.
        entries: usize,
        /// What the person has used today, over all agents and chats.
        today: Usage,
        /// The same of this month.
        month: Usage,
        /// What the person may use on one day.
        allowed: Allowance,
    },
    /// Who the person is.
    WhoAmI {
        /// Ids.
        origin: Box<Origin>,
        /// Whether the person is an owner.
        owner: bool,
    },
    /// What an examination found; `None`: nobody examines here.
    Examined {
        /// In the language of the installation.
        report: Option<String>,
    },
    /// Who asks to be let in: name, bot, code, and how long it holds.
    PairingList {
        /// The longest waiting first.
        waiting: Vec<(String, AccountId, String, Duration)>,
    },
    /// Somebody was let in, or refused.
    PairingDecided {
        /// Her name.
        name: String,
        /// Whether she was let in.
        granted: bool,
    },
    /// There is no such code; `expired`: it held too long ago.
    PairingNoCode {
        /// Whether there was.
        expired: bool,
    },
    /// How the command is given.
    PairingUsage,
    /// There is no question behind `/btw`.
    NoQuestion,
    /// The alias of the chat.
    Alias {
        /// Which, if it has one.
        alias: Option<String>,
    },
    /// It is not a name that an alias can have.
    AliasUnknown {
        /// What was asked for.
        asked: String,
    },
}

/// What can be shown or hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Tools at work.
    Tools,
    /// Reasoning.
    Reasoning,
}

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Who answers.
    pub agent: AgentId,
    /// The name that it goes by.
    pub name: Option<String>,
    /// The model in use.
    pub model: Option<String>,
    /// How much it thinks. `None`: as configured.
    pub thinking: Option<Thinking>,
    /// How old the session is, and how many entries it has. `None`: nothing was said yet.
    pub session: Option<(Duration, usize)>,
    /// Tokens that models have read and written for it.
    pub tokens: (u64, u64),
    /// The name of the session that the chat shares.
    pub alias: Option<String>,
    /// What becomes of messages that come while a turn runs.
    pub queue: QueueMode,
    /// Whether a turn runs.
    pub running: bool,
    /// How many questions wait.
    pub waiting: usize,
    /// How many more questions the bot can answer this month, where that is counted.
    pub answers_left: Option<u64>,
}
