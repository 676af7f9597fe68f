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
    /// By kind of conversation; wins over both.
    pub reset_by_type: Option<ResetByType>,
    /// By platform, such as `dingtalk`; wins over all of the above.
    pub reset_by_channel: Option<BTreeMap<String, Reset>>,
    /// Whose history it is when people write to a bot alone. Default: per-channel-peer.
    pub dm_scope: Option<DmScope>,
    /// Whose history it is in a group. Default: group.
    pub group_scope: Option<GroupScope>,
    /// The ids under which the same person is known, by a name for the person: `{"lin": ["dingtalk:a", "dingtalk:b"]}`.
    pub identity_links: Option<BTreeMap<String, Vec<String>>>,
}

/// Whose history it is when people write to a bot alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DmScope {
    /// All people share one.
    Main,
    /// Each person has one, over all platforms.
    PerPeer,
    /// Each person has one on each platform.
    PerChannelPeer,
    /// Each person has one with each bot.
    PerAccountChannelPeer,
}

/// Whose history it is in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupScope {
    /// The group's.
    Group,
    /// The same in OpenClaw's words.
    #[serde(rename = "per-group")]
    PerGroup,
    /// Each member has one in each group.
    GroupSender,
    /// The one that all share with `dmScope: "main"`.
    Main,
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
    /// Minutes of silence. Default: 30 with `idle`, none with `daily`.
    #[schemars(range(min = 1, max = 525_600))]
    pub idle_minutes: Option<u32>,
    /// The hour of the day for `daily`, in the time zone of the machine. Default: 4.
    #[schemars(range(min = 0, max = 23))]
    pub at_hour: Option<u8>,
}

/// What ends a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResetMode {
    /// Nothing but `/new`.
    None,
    /// A certain hour of the day; and silence, where `idleMinutes` is set, too.
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
    /// What becomes of messages that come while an answer is written. Default: followup.
    pub mode: Option<QueueMode>,
    /// The same for one platform.
    pub by_channel: Option<BTreeMap<String, QueueMode>>,
    /// Whether who waits behind more than the running answer is told so once. Each notice is a call. Default: true.
    pub show_position: Option<bool>,
}

/// What becomes of messages that come while an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QueueMode {
    /// They wait and are answered one by one.
    Followup,
    /// The same in older files.
    Queue,
    /// They wait; what one person said becomes one question.
    Collect,
    /// The running agent hears them before its next step.
    Steer,
    /// The running answer stops and makes room.
    Interrupt,
}

/// Who may give which command in a chat.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Commands {
    /// Owners, who may give all commands: `dingtalk:<id>`.
    pub owner_allow_from: Option<Vec<String>>,
    /// Who may give the others, by platform; `*` is any platform. Without it: everybody who may talk to the bot.
    pub allow_from: Option<BTreeMap<String, Vec<String>>>,
    /// Who may give one command, by its name: `{"model": ["dingtalk:<id>"]}`. Wins over `allowFrom`.
    pub rights: Option<BTreeMap<String, Vec<String>>>,
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
