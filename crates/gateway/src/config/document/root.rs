//! The whole file.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Agents, Alerts, Binding, Budgets, Channels, Commands, Gateway, Logging, Mcp, Media, Messages,
    Models, Proxy, Secrets, Session, Skills, Tools,
};

/// Configuration of Chela, in the form of OpenClaw. Sections that are not listed here are accepted and not used.
// No `Debug`: `env` holds secrets.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Document {
    /// Where editors find the schema of the file.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// Variables for `${NAME}`, directly or under `vars`. The process environment wins.
    pub env: Option<Map<String, Value>>,
    /// The way to the internet.
    pub proxy: Option<Proxy>,
    /// Where secrets are fetched.
    pub secrets: Option<Secrets>,
    /// Model services.
    pub models: Option<Models>,
    /// How much may be used of models.
    pub budgets: Option<Budgets>,
    /// Who answers.
    pub agents: Option<Agents>,
    /// Which agent answers where; the most specific wins, the first among equals.
    pub bindings: Option<Vec<Binding>>,
    /// When a conversation is forgotten.
    pub session: Option<Session>,
    /// Who may give which command in a chat.
    pub commands: Option<Commands>,
    /// How messages are queued.
    pub messages: Option<Messages>,
    /// The platforms on which people write.
    pub channels: Option<Channels>,
    /// What agents can do, and how attachments are understood.
    pub tools: Option<Tools>,
    /// Servers of tools.
    pub mcp: Option<Mcp>,
    /// Instructions for special tasks.
    pub skills: Option<Skills>,
    /// How long and how much is kept of attachments.
    pub media: Option<Media>,
    /// Where the operator is told what needs a person, when the bots cannot.
    pub alerts: Option<Alerts>,
    /// The administration interface.
    pub gateway: Option<Gateway>,
    /// What is logged and where.
    pub logging: Option<Logging>,
}

/// The JSON schema of the file.
pub fn schema() -> Value {
    schemars::schema_for!(Document).to_value()
}
