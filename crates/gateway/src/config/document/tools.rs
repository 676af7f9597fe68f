//! `tools`, `mcp` and `skills`: what agents can do.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Ordered, ToolsMedia};

/// What agents can do. Without a word, they have the tools that only read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Tools {
    /// The set of tools to begin with.
    pub profile: Option<ToolProfile>,
    /// The only tools: names, patterns with `*`, or groups such as `group:web`.
    pub allow: Option<Vec<String>>,
    /// Tools besides those of the profile.
    pub also_allow: Option<Vec<String>>,
    /// Tools that are never there.
    pub deny: Option<Vec<String>>,
    /// How much one answer may use of them.
    pub limits: Option<ToolLimits>,
    /// Which calls need a person's yes.
    pub approval: Option<ToolApproval>,
    /// How attachments are understood.
    pub media: Option<ToolsMedia>,
}

/// What one agent can do.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentTools {
    /// The set of tools to begin with, in place of that for all agents.
    pub profile: Option<ToolProfile>,
    /// The only tools, of those that all agents may have.
    pub allow: Option<Vec<String>>,
    /// Tools besides those of the profile.
    pub also_allow: Option<Vec<String>>,
    /// Tools that it does not have.
    pub deny: Option<Vec<String>>,
    /// Which of its calls need a person's yes; `require` comes on top of that for all agents.
    pub approval: Option<ToolApproval>,
}

/// Which calls need a person's yes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ToolApproval {
    /// Tools of which each call does: names, patterns with `*`, or groups such as `group:external`.
    pub require: Option<Vec<String>>,
    /// Whose yes counts. Default: `asker`.
    pub approvers: Option<Approvers>,
    /// What becomes of calls that change or send something beside untrusted content. Default: `ask`.
    pub untrusted: Option<UntrustedCalls>,
    /// How many seconds an answer is waited for. Default: 600.
    #[schemars(range(min = 10, max = 86_400))]
    pub timeout_seconds: Option<u32>,
}

/// Whose yes counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Approvers {
    /// The person's for whom the agent works.
    Asker,
    /// That of an owner (`commands.ownerAllowFrom`).
    Owners,
}

/// What becomes of calls that change or send something beside untrusted content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum UntrustedCalls {
    /// A person is asked.
    Ask,
    /// They are refused.
    Refuse,
}

/// A set of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ToolProfile {
    /// The time.
    Minimal,
    /// What reads, and notes.
    Coding,
    /// What reads, and messages.
    Messaging,
    /// Everything.
    Full,
}

/// How much one answer may use of tools.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ToolLimits {
    /// How often the model may call tools and go on. Default: 25.
    #[schemars(range(min = 1, max = 200))]
    pub max_rounds: Option<u32>,
    /// How many seconds one call may take. Default: 60.
    #[schemars(range(min = 1, max = 3_600))]
    pub timeout_seconds: Option<u32>,
    /// Characters of one result that the model reads. Default: 20000.
    #[schemars(range(min = 500, max = 200_000))]
    pub max_chars: Option<u32>,
}

/// Servers of tools.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Mcp {
    /// The servers by name; their tools are called `name__tool`.
    pub servers: Option<Ordered<McpServer>>,
}

/// A server of tools: a program of this machine, or an address.
// No `Debug`: `env` and `headers` hold secrets.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct McpServer {
    /// The program.
    pub command: Option<String>,
    /// What it is told.
    pub args: Option<Vec<String>>,
    /// Variables that it gets besides the usual ones, such as `PATH` and `HOME`. It inherits no other.
    pub env: Option<BTreeMap<String, String>>,
    /// The folder in which it works.
    pub cwd: Option<String>,
    /// The address, for a server that is no program.
    pub url: Option<String>,
    /// How one talks to it. Default: `stdio` for a program, `streamable-http` for an address.
    pub transport: Option<McpTransport>,
    /// The same, as files up to 2026.6 write it.
    #[serde(rename = "type")]
    pub kind: Option<McpTransport>,
    /// Headers to add to every request.
    pub headers: Option<BTreeMap<String, String>>,
    /// Whether it is used. Default: true.
    pub enabled: Option<bool>,
    /// The opposite, as files up to 2026.6 write it.
    pub disabled: Option<bool>,
    /// How many milliseconds it may take to start. Default: 30000.
    #[schemars(range(min = 100, max = 600_000))]
    pub connection_timeout_ms: Option<u32>,
    /// How many milliseconds one call may take. Default: 60000.
    #[schemars(range(min = 100, max = 3_600_000))]
    pub request_timeout_ms: Option<u32>,
    /// Which of its tools are used.
    pub tool_filter: Option<McpToolFilter>,
    /// Tools that only read, by the server's own names, with `*` for anything. The others count as reaching outside.
    pub read_only_tools: Option<Vec<String>>,
    /// Whether the server's own word is taken that a tool only reads. Default: false.
    pub trust_annotations: Option<bool>,
}

/// Which tools of a server are used, by its own names, with `*` for anything.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct McpToolFilter {
    /// Only these.
    pub include: Option<Vec<String>>,
    /// Not these.
    pub exclude: Option<Vec<String>>,
}

/// How one talks to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum McpTransport {
    /// Over the pipes of a program.
    Stdio,
    /// Over HTTP.
    StreamableHttp,
    /// The same.
    Http,
    /// Over HTTP in the way of before 2025. Not supported.
    Sse,
}

/// Instructions for special tasks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Skills {
    /// From where they are read.
    pub load: Option<SkillsLoad>,
}

/// From where skills are read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SkillsLoad {
    /// Folders besides those in the workspace of an agent.
    pub extra_dirs: Option<Vec<String>>,
}
