//! The port of a tool.

use std::path::PathBuf;
use std::sync::Arc;

use chela_engine::id::{AgentId, SessionKey};
use chela_engine::message::InboundMessage;
use chela_engine::ports::{Inquirer, Material};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::Provenance;

/// Something that an agent can do.
pub trait Tool: Send + Sync + 'static {
    /// What the model is told, and what the tool can cause.
    fn definition(&self) -> &Definition;

    /// Whether it waits for people, and therefore longer than tools may: it ends by itself.
    fn waits_for_people(&self) -> bool {
        false
    }

    /// Does it. The arguments follow the schema. Must end within two seconds once `call.cancel` is cancelled; dropping
    /// the future ends it at once.
    fn call(&self, call: Call) -> BoxFuture<'static, Output>;
}

/// A place where tools come and go, such as a server.
pub trait ToolSource: Send + Sync + 'static {
    /// The tools that are there now. Never waits.
    fn tools(&self) -> Vec<Arc<dyn Tool>>;
}

/// What is known of a tool before it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does and when to use it, for the model.
    pub description: String,
    /// JSON schema of its arguments, which are an object.
    pub schema: Value,
    /// What it can cause.
    pub effect: Effect,
    /// The argument that leaves this machine although the tool only reads, such as the address of a page. Beside
    /// untrusted content it must be one that stands in the conversation: a model could be talked into writing what it
    /// knows into it.
    pub carries: Option<&'static str>,
}

/// What a tool can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Nothing: it looks things up.
    Read,
    /// It changes something of this installation.
    Write,
    /// It reaches people or systems outside of the conversation.
    External,
    /// It costs money besides.
    Money,
}

impl Effect {
    /// A stable word for logs and pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::External => "external",
            Self::Money => "money",
        }
    }
}

/// One use of a tool.
pub struct Call {
    /// What the model wants.
    pub arguments: Map<String, Value>,
    /// For whom and where.
    pub situation: Arc<Situation>,
    /// Cancelled when the run is.
    pub cancel: CancellationToken,
}

impl Call {
    /// A text among the arguments; empty where the model gave none.
    pub fn text(&self, name: &str) -> &str {
        self.arguments
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A number among the arguments that counts something.
    pub fn count(&self, name: &str) -> Option<usize> {
        let number = self.arguments.get(name)?;
        // Models write `3.0`, too.
        let number = number.as_u64().or_else(|| {
            let number = number.as_f64()?;
            (0.0..1e9).contains(&number).then_some(number as u64)
        });
        usize::try_from(number?).ok()
    }
}

/// For whom and where a tool works.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The agent that calls it.
    pub agent: AgentId,
    /// The conversation's key.
    pub session_key: SessionKey,
    /// The question: who asks, and in which chat.
    pub message: InboundMessage,
    /// The files of the conversation, the newest first.
    pub files: Vec<Material>,
    /// The way to people in the middle of the work.
    pub inquirer: Inquirer,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// What the model reads.
    pub text: String,
    /// Files that were made, which the answer may carry.
    pub files: Vec<PathBuf>,
    /// Where the words come from.
    pub provenance: Provenance,
    /// Whether it did not do what was asked.
    pub failed: bool,
}

impl Output {
    /// A result.
    pub fn new(text: impl Into<String>, provenance: Provenance) -> Self {
        Self {
            text: text.into(),
            files: Vec::new(),
            provenance,
            failed: false,
        }
    }

    /// A failure in the gateway's own words.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self {
            failed: true,
            ..Self::new(reason, Provenance::Gateway)
        }
    }
}
