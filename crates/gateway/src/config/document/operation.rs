//! `session`, `messages`, `gateway`, `logging`: how the gateway runs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretInput;

/// When a conversation is forgotten.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Session {
    /// For every conversation.
    pub reset: Option<Reset>,
    /// Minutes of silence, as older files write it. `reset` wins.
    #[schemars(range(min = 1, max = 525_600))]
    pub idle_minutes: Option<u32>,
    /// By kind of conversation; wins over the others.
    pub reset_by_type: Option<ResetByType>,
}

/// When conversations of a kind are forgotten.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ResetByType {
    /// With one person.
    pub direct: Option<Reset>,
    /// The same in older files.
    pub dm: Option<Reset>,
    /// In groups.
    pub group: Option<Reset>,
}

/// When a conversation is forgotten.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Reset {
    /// Never, every day, or after silence. Default: idle.
    pub mode: Option<ResetMode>,
    /// Minutes of silence. Default: 30.
    #[schemars(range(min = 1, max = 525_600))]
    pub idle_minutes: Option<u32>,
}

/// What ends a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResetMode {
    /// Nothing but `/new`.
    None,
    /// A certain hour of the day. Treated as a day of silence for now.
    Daily,
    /// Silence.
    Idle,
}

/// How messages are treated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Messages {
    /// The queue of each conversation.
    pub queue: Option<Queue>,
    /// How messages that belong together become one question.
    pub inbound: Option<Inbound>,
    /// What is shown below a message while it is answered, on platforms that do not say otherwise. Default: nothing.
    pub ack_reaction: Option<String>,
}

/// How messages that belong together become one question, when one writes to the bot alone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Inbound {
    /// How many milliseconds a text waits for more. Without it, texts do not wait, and pictures and files wait 1.5 s for
    /// the question about them; 0: nothing waits.
    #[schemars(range(min = 0, max = 10_000))]
    pub debounce_ms: Option<u32>,
    /// The same for one platform.
    pub by_channel: Option<BTreeMap<String, u32>>,
}

/// The queue of each conversation.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Queue {
    /// How many messages may be in work, the running one included. Default: 8.
    #[schemars(range(min = 1, max = 1_000))]
    pub cap: Option<u32>,
}

/// The administration interface.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Gateway {
    /// The port; 0 takes any that is free. Default: 18789.
    pub port: Option<u16>,
    /// Who can reach it. Default: loopback.
    pub bind: Option<Bind>,
    /// The address for `bind: "custom"`.
    pub custom_bind_host: Option<String>,
    /// How callers prove themselves.
    pub auth: Option<Auth>,
}

/// Who can reach the administration interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Bind {
    /// This machine only.
    Loopback,
    /// Everybody in the network.
    Lan,
    /// Treated as `loopback` for now.
    Tailnet,
    /// As `loopback`.
    Auto,
    /// The address in `customBindHost`.
    Custom,
}

/// How callers of the administration interface prove themselves.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Auth {
    /// The token. Default: a random one in the state directory.
    pub token: Option<SecretInput>,
}

/// What is logged and where.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Logging {
    /// The least important lines that are kept. Default: info.
    pub level: Option<Level>,
    /// A file instead of the one in the state directory; it gets the date appended.
    pub file: Option<String>,
    /// How lines on the terminal look. Default: pretty.
    pub console_style: Option<ConsoleStyle>,
}

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Nothing.
    Silent,
    /// As error.
    Fatal,
    /// What went wrong.
    Error,
    /// What may go wrong.
    Warn,
    /// What happens.
    Info,
    /// How it happens.
    Debug,
    /// Every detail.
    Trace,
}

/// How lines on the terminal look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConsoleStyle {
    /// For people.
    Pretty,
    /// The same in older files.
    Compact,
    /// One JSON object per line.
    Json,
}
