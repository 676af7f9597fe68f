//! `agents.*.backend`: who answers in the place of a model.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::SecretInput;

/// Who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Backend {
    /// Chela itself, with a model.
    #[default]
    Builtin,
    /// A running gateway of OpenClaw: `openclaw`.
    Openclaw,
    /// An application behind an OpenAI-compatible API: `openai`.
    Openai,
    /// A coding agent that speaks the Agent Client Protocol: `acp`.
    Acp,
}

/// A running gateway of OpenClaw.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OpenclawBackend {
    /// Its address: `ws://127.0.0.1:18789`.
    pub url: Option<String>,
    /// `gateway.auth.token` of OpenClaw.
    pub token: Option<SecretInput>,
    /// `gateway.auth.password` of OpenClaw, in the place of a token.
    pub password: Option<SecretInput>,
    /// The agent's id there. Default: main.
    pub agent: Option<String>,
    /// The agent there that answers whoever is no owner. Default: the same.
    pub guest_agent: Option<String>,
    /// Whose slash commands OpenClaw obeys; `*` is everybody who may talk. Default: nobody's.
    pub owners: Option<Vec<String>>,
    /// How to talk to it. Default: auto.
    pub transport: Option<OpenclawTransport>,
    /// Whether OpenClaw's session goes on when a conversation begins anew here. Default: false.
    pub keep_sessions: Option<bool>,
}

/// How to talk to a gateway of OpenClaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OpenclawTransport {
    /// WebSocket; HTTP where that is refused.
    Auto,
    /// WebSocket only.
    Websocket,
    /// HTTP only.
    Http,
}

/// An application behind an OpenAI-compatible API, such as Dify, FastGPT, LangGraph or n8n.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OpenaiBackend {
    /// Its address, as its documentation gives it.
    pub base_url: Option<String>,
    /// Its key.
    pub api_key: Option<SecretInput>,
    /// The name of the model that it wants to be sent. Default: default.
    pub model: Option<String>,
    /// Headers to add to every request.
    pub headers: Option<BTreeMap<String, String>>,
    /// The field in which it looks for the conversation, such as `chatId`; empty for none. Default: user.
    pub session_field: Option<String>,
    /// The header in which it looks for the conversation, in the place of a field.
    pub session_header: Option<String>,
    /// Whether what was said before is sent, too. Default: true, unless a field or a header for the conversation is set.
    pub send_history: Option<bool>,
    /// Whether it takes pictures. Default: false.
    pub images: Option<bool>,
    /// Further fields of every request.
    pub body: Option<Map<String, Value>>,
}

/// A coding agent that speaks the Agent Client Protocol.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AcpBackend {
    /// The program; no shell is involved.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Option<Vec<String>>,
    /// Variables for it. Of our own environment it gets `PATH`, `HOME`, the locale and the proxies.
    pub env: Option<BTreeMap<String, String>>,
    /// The folder in which it works. Default: the agent's workspace.
    pub directory: Option<String>,
    /// What it may do when it asks. Default: deny.
    pub permissions: Option<AcpPermissions>,
}

/// What a coding agent may do when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AcpPermissions {
    /// Nothing that it has to ask for.
    Deny,
    /// What only reads.
    AllowRead,
    /// Everything.
    AllowAll,
}
