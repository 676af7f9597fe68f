//! Who answers in the place of a model, complete and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value};
use url::Url;

use super::document::{AcpPermissions, OpenclawTransport};
use super::settings::Headers;
use crate::secret::SecretSource;

/// Who answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// Chela itself, with a model.
    #[default]
    Builtin,
    /// A running gateway of OpenClaw.
    OpenClaw(OpenClaw),
    /// An application behind an OpenAI-compatible API.
    Application(Application),
    /// A coding agent that speaks the Agent Client Protocol.
    Acp(Acp),
    /// It was chosen and cannot be reached: a setting that it needs is missing, which was said.
    Missing,
}

/// A running gateway of OpenClaw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenClaw {
    /// Its address.
    pub url: Url,
    /// Its token.
    pub token: Option<SecretSource>,
    /// Its password.
    pub password: Option<SecretSource>,
    /// The agent there.
    pub agent: String,
    /// The agent there for whoever is no owner.
    pub guest_agent: Option<String>,
    /// Whose slash commands are obeyed; `*` is everybody.
    pub owners: BTreeSet<String>,
    /// How to talk to it.
    pub transport: OpenclawTransport,
    /// Whether its sessions go on when ours begin anew.
    pub keep_sessions: bool,
}

/// An application behind an OpenAI-compatible API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its address.
    pub base_url: Url,
    /// Its key.
    pub api_key: Option<SecretSource>,
    /// The model that it is asked for.
    pub model: String,
    /// Headers to add to every request.
    pub headers: Headers,
    /// The field in which it looks for the conversation.
    pub session_field: Option<String>,
    /// The header in which it looks for the conversation; wins.
    pub session_header: Option<String>,
    /// Whether what was said before is sent.
    pub send_history: bool,
    /// Whether it takes pictures.
    pub images: bool,
    /// Further fields of every request.
    pub body: Map<String, Value>,
}

/// A coding agent that speaks the Agent Client Protocol.
#[derive(Clone, PartialEq, Eq)]
pub struct Acp {
    /// The program.
    pub command: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// All variables that it gets.
    pub environment: BTreeMap<String, String>,
    /// The folder in which it works; `None`: nobody said.
    pub directory: Option<PathBuf>,
    /// What it may do when it asks.
    pub permissions: AcpPermissions,
}

impl Acp {
    /// The program's name, without where it lies.
    pub fn name(&self) -> String {
        let name = self.command.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Without the values of variables, which are often secrets.
impl std::fmt::Debug for Acp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Acp")
            .field("command", &self.command)
            .field("directory", &self.directory)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}
