//! The configuration file as it is written: OpenClaw's shape, in both of its dialects, as far as Chela reads it.
//!
//! These types are the only description of the file: the JSON schema, the check of names and types, and the
//! reading itself all come from them. Nothing here has a default; those are in
//! [`super::settings::defaults`].

mod agents;
mod alerts;
mod backends;
mod budgets;
mod channels;
mod forms;
mod media;
mod models;
mod operation;
mod proxy;
mod root;
mod tools;

pub use self::agents::{
    AgentDefaults, AgentEntry, Agents, Binding, BindingMatch, BindingPeer, BindingSession,
    Identity, ModelChoice, PeerKind, SystemAgent,
};
pub use self::alerts::Alerts;
pub use self::backends::{
    AcpBackend, AcpPermissions, Backend, OpenaiBackend, OpenclawBackend, OpenclawTransport,
};
pub use self::budgets::{BudgetLimit, Budgets};
pub use self::channels::{
    CardStatusLine, CardStreamingMode, ChannelDefaults, Channels, ContextVisibility,
    DingtalkAccount, DingtalkChannel, Direct, DirectPolicy, Group, GroupPolicy, MessageType,
    PrivateAnswers, Quota, QuotaPlan, Streaming,
};
pub use self::forms::Ordered;
pub use self::media::{Media, MediaAudio, MediaCapability, MediaModel, MediaModelKind, ToolsMedia};
pub use self::models::{
    Api, Compat, MaxTokensField, Model, ModelCost, ModelInput, Models, Provider, ProviderAuth,
    SecretFileMode, SecretInput, SecretKind, SecretProvider, SecretReference, Secrets,
    ThinkingFormat,
};
pub use self::operation::{
    Auth, Bind, Commands, ConsoleStyle, DmScope, Gateway, GroupScope, Inbound, Level, Logging,
    Messages, Queue, QueueMode, Reset, ResetByType, ResetMode, Session,
};
pub use self::proxy::{Proxy, ProxyTls};
pub use self::root::{Document, schema};
pub use self::tools::{
    AgentTools, Approvers, Mcp, McpServer, McpToolFilter, McpTransport, Skills, SkillsLoad,
    ToolApproval, ToolLimits, ToolProfile, Tools, UntrustedCalls,
};
