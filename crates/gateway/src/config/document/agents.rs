//! `agents` and `bindings`: who answers, and where.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::{
    AcpBackend, AgentTools, Backend, DmScope, GroupScope, OpenaiBackend, OpenclawBackend, Ordered,
};

/// Who answers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Agents {
    /// What holds for every agent that does not say otherwise.
    pub defaults: Option<AgentDefaults>,
    /// The agents, as files up to 2026.6 write them.
    pub list: Option<Vec<AgentEntry>>,
    /// The agents by id, as newer files write them. Wins over `list`.
    pub entries: Option<Ordered<AgentEntry>>,
}

/// What holds for every agent that does not say otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentDefaults {
    /// The model: `provider/model`, or `{primary, fallbacks}`.
    pub model: Option<ModelChoice>,
    /// Who answers: builtin, openclaw, openai or acp. Default: builtin.
    pub backend: Option<Backend>,
    /// The gateway of OpenClaw that answers.
    pub openclaw: Option<OpenclawBackend>,
    /// The OpenAI-compatible application that answers.
    pub openai: Option<OpenaiBackend>,
    /// The coding agent that answers.
    pub acp: Option<AcpBackend>,
    /// How many turns run at the same time, over all agents. Default: 64.
    #[schemars(range(min = 1, max = 10_000))]
    pub max_concurrent: Option<u32>,
    /// How many seconds one answer may take. Default: 600.
    #[schemars(range(min = 1, max = 172_800))]
    pub timeout_seconds: Option<u32>,
    /// What an agent is told before each conversation.
    pub system_prompt: Option<String>,
    /// The folder in which agents work; files in it may be sent.
    pub workspace: Option<String>,
    /// The time zone of the people, such as `Asia/Shanghai`. Default: that of the machine.
    pub user_timezone: Option<String>,
    /// The agent that answers where no binding says otherwise.
    pub system_agent: Option<SystemAgent>,
}

/// Names the agent that answers where no binding says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SystemAgent {
    /// Its id.
    pub agent_id: Option<String>,
}

/// One agent.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentEntry {
    /// Its id, in `list`.
    pub id: Option<String>,
    /// Whether it answers where no binding says otherwise.
    #[serde(rename = "default")]
    pub is_default: Option<bool>,
    /// Its name.
    pub name: Option<String>,
    /// Its model; a plain name keeps the fallbacks of the defaults.
    pub model: Option<ModelChoice>,
    /// Who answers: builtin, openclaw, openai or acp. Default: builtin.
    pub backend: Option<Backend>,
    /// The gateway of OpenClaw that answers.
    pub openclaw: Option<OpenclawBackend>,
    /// The OpenAI-compatible application that answers.
    pub openai: Option<OpenaiBackend>,
    /// The coding agent that answers.
    pub acp: Option<AcpBackend>,
    /// Who it is for people.
    pub identity: Option<Identity>,
    /// The folder in which it works; files in it may be sent.
    pub workspace: Option<String>,
    /// What it can do.
    pub tools: Option<AgentTools>,
    /// What it is told before each conversation.
    pub system_prompt: Option<String>,
    /// Whether `@name` in a message reaches it, wherever it is bound. Default: true.
    pub addressable: Option<bool>,
    /// How many seconds one of its answers may take.
    #[schemars(range(min = 1, max = 172_800))]
    pub timeout_seconds: Option<u32>,
}

/// Who an agent is for people.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Identity {
    /// The name that it goes by.
    pub name: Option<String>,
    /// A sign for it.
    pub emoji: Option<String>,
}

/// The model of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelChoice {
    /// `provider/model`.
    pub primary: Option<String>,
    /// What to ask when the primary fails; absent when only a name was given.
    pub fallbacks: Option<Vec<String>>,
}

impl<'de> Deserialize<'de> for ModelChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ModelChoiceVisitor)
    }
}

struct ModelChoiceVisitor;

impl<'de> Visitor<'de> for ModelChoiceVisitor {
    type Value = ModelChoice;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a model's name or an object with primary and fallbacks")
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(ModelChoice {
            primary: Some(value.to_owned()),
            fallbacks: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let full =
            ModelChoiceObject::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        Ok(ModelChoice {
            primary: full.primary,
            fallbacks: full.fallbacks,
        })
    }
}

/// A model and what to ask when it fails.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
struct ModelChoiceObject {
    /// `provider/model`.
    primary: Option<String>,
    /// Others, in this order.
    fallbacks: Option<Vec<String>>,
}

impl JsonSchema for ModelChoice {
    fn schema_name() -> Cow<'static, str> {
        "ModelChoice".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "string" }, generator.subschema_for::<ModelChoiceObject>()],
        })
    }
}

/// One line of the routing table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// Who answers.
    pub agent_id: Option<String>,
    /// What must be so.
    #[serde(rename = "match")]
    pub matches: Option<BindingMatch>,
    /// Whose history it is where this line decides; otherwise as `session` says.
    pub session: Option<BindingSession>,
    /// A note for people.
    pub comment: Option<String>,
}

/// Whose history it is where a binding decides.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BindingSession {
    /// When people write to a bot alone.
    pub dm_scope: Option<DmScope>,
    /// In groups.
    pub group_scope: Option<GroupScope>,
}

/// What must be so for a binding to hold.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BindingMatch {
    /// The platform: `dingtalk`.
    pub channel: Option<String>,
    /// The bot; `*` is any. Default: the default account.
    pub account_id: Option<String>,
    /// The chat.
    pub peer: Option<BindingPeer>,
}

/// The chat that a binding means.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BindingPeer {
    /// Alone or in a group.
    pub kind: Option<PeerKind>,
    /// The person (alone) or the group; `*` or nothing is any.
    pub id: Option<String>,
}

/// Alone or in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PeerKind {
    /// One person and the bot.
    Direct,
    /// The same in older files.
    Dm,
    /// A group.
    Group,
    /// A group on platforms that call it so.
    Channel,
}
