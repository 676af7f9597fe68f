//! What people say to the engine and not to the agent.

mod parse;
mod reply;
mod words;

pub use self::reply::{Reply, Status, Switch};
use crate::conversation::QueueMode;
use crate::id::InquiryId;
use crate::ports::Thinking;

/// An instruction for the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Forget the history; what follows on the same line is the first question of the new one.
    New {
        /// The rest of the message.
        question: Option<String>,
    },
    /// Stop what is running and drop what waits.
    Stop,
    /// Tell what can be said.
    Help,
    /// Tell how the session stands.
    Status,
    /// Tell which models there are.
    Models,
    /// Tell or choose the model of the session.
    Model(Setting<String>),
    /// Tell or choose how much the model thinks.
    Think(Setting<Thinking>),
    /// Tell or choose whether tools are shown.
    Verbose(Setting<bool>),
    /// Tell or choose whether reasoning is shown.
    Reasoning(Setting<bool>),
    /// Tell or choose what becomes of messages that come while a turn runs.
    Queue(Setting<QueueMode>),
    /// Sum the history up now.
    Compact {
        /// What the summary shall keep above all, if the person says so.
        instructions: Option<String>,
    },
    /// Tell what the agent is given.
    Context,
    /// Tell what the session has cost.
    Usage,
    /// Tell the person's own ids.
    WhoAmI,
    /// Answer beside the conversation.
    Btw {
        /// The question.
        question: Option<String>,
    },
    /// Share the session of a name, or end that.
    Alias(Alias),
    /// Look after who asks to be let in.
    Pairing(Pairing),
    /// Examine the bot.
    Doctor {
        /// Whether it was said in a word that may mean something else, and means so in the mouth of anybody but an owner.
        is_word: bool,
    },
    /// Say yes or no to a call that an agent wants to make.
    Approve(Approve),
    /// Answer what an agent asks.
    Answer {
        /// What is answered; `None`: the only thing.
        id: Option<InquiryId>,
        /// The answer.
        text: String,
    },
}

/// What a command is to do with a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting<T> {
    /// Tell it.
    Show,
    /// Let it be as configured.
    Default,
    /// Set it.
    Set(T),
    /// It is not a value that this setting has.
    Unknown(String),
}

/// An answer to an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approve {
    /// Yes, once, or no.
    Say {
        /// To which; `None`: to the only one.
        id: Option<InquiryId>,
        /// Whether it is a yes.
        yes: bool,
    },
    /// It is neither.
    Unknown(String),
}

/// What to do with people who ask to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Tell who waits.
    List,
    /// Let in whoever has this code.
    Approve(String),
    /// Do not.
    Reject(String),
    /// It is nothing that can be done.
    Unknown,
}

/// What to do with the alias of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alias {
    /// Tell it.
    Show,
    /// Give the chat the session of a name.
    Bind(String),
    /// Give the chat its own session again.
    Unbind,
    /// It is not a name that an alias can have.
    Unknown(String),
}

impl Command {
    /// Reads a message. A mention in front of a command and punctuation behind it do not matter.
    pub fn parse(message: &str) -> Option<Self> {
        parse::parse(message)
    }

    /// The name by which rights are given; without the slash.
    pub fn name(&self) -> &'static str {
        match self {
            Self::New { .. } => "new",
            Self::Stop => "stop",
            Self::Help => "help",
            Self::Status => "status",
            Self::Models => "models",
            Self::Model(_) => "model",
            Self::Think(_) => "think",
            Self::Verbose(_) => "verbose",
            Self::Reasoning(_) => "reasoning",
            Self::Queue(_) => "queue",
            Self::Compact { .. } => "compact",
            Self::Context => "context",
            Self::Usage => "usage",
            Self::WhoAmI => "whoami",
            Self::Btw { .. } => "btw",
            Self::Alias(_) => "session-alias",
            Self::Pairing(_) => "pairing",
            Self::Doctor { .. } => "doctor",
            Self::Approve(_) => "approve",
            Self::Answer { .. } => "answer",
        }
    }

    /// Whether only owners may give it, unless the rights say otherwise: it lets people of one chat read another, or tells
    /// how the installation is.
    pub fn is_for_owners(&self) -> bool {
        matches!(
            self,
            Self::Alias(Alias::Bind(_) | Alias::Unbind) | Self::Pairing(_) | Self::Doctor { .. }
        )
    }

    /// Whether everybody may give it who may talk at all: one's own questions are nobody else's business, and whose
    /// yes counts is said by what is asked.
    pub fn is_for_everybody(&self) -> bool {
        matches!(self, Self::Stop | Self::Approve(_) | Self::Answer { .. })
    }
}

/// The names of all commands, for checking what a configuration says about them.
pub const NAMES: [&str; 20] = [
    "help",
    "status",
    "new",
    "stop",
    "model",
    "models",
    "think",
    "verbose",
    "reasoning",
    "compact",
    "context",
    "whoami",
    "usage",
    "queue",
    "btw",
    "session-alias",
    "pairing",
    "doctor",
    "approve",
    "answer",
];
