//! `channels`: the platforms. DingTalk's keys are those of the product page and of the OpenClaw plugins.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Ordered, SecretInput};

/// The platforms on which people write.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Channels {
    /// What holds for every platform that does not say otherwise.
    pub defaults: Option<ChannelDefaults>,
    /// DingTalk (钉钉).
    pub dingtalk: Option<DingtalkChannel>,
}

/// What holds for every platform that does not say otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelDefaults {
    /// Whose quoted messages agents get to see in groups. Default: all.
    pub context_visibility: Option<ContextVisibility>,
}

/// Writes the keys that a channel and each of its accounts share, once for both.
macro_rules! dingtalk_settings {
    ($(
        $(#[$doc:meta])*
        $field:ident: $kind:ty,
    )*) => {
        /// DingTalk. What stands here holds for every account that does not say otherwise.
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", default)]
        pub struct DingtalkChannel {
            $($(#[$doc])* pub $field: Option<$kind>,)*
            /// Several bots by name.
            pub accounts: Option<Ordered<DingtalkAccount>>,
            /// The account that bindings without `accountId` mean.
            pub default_account: Option<String>,
        }

        /// One of several bots.
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", default)]
        pub struct DingtalkAccount {
            $($(#[$doc])* pub $field: Option<$kind>,)*
        }

        impl DingtalkAccount {
            /// Fills what the account leaves open with what the channel says.
            pub fn over(self, channel: &DingtalkChannel) -> Self {
                Self { $($field: self.$field.or_else(|| channel.$field.clone()),)* }
            }
        }
    };
}

dingtalk_settings! {
    /// Name for logs and status.
    name: String,
    /// Whether it is switched on. Default: true.
    enabled: bool,
    /// Client id (AppKey) of the app, `dingXXX`, from the DingTalk Open Platform.
    client_id: String,
    /// Client secret (AppSecret) of the app, from the DingTalk Open Platform.
    client_secret: SecretInput,
    /// Code of the robot. Default: the client id.
    robot_code: String,
    /// Id of the organisation, from the DingTalk admin console.
    corp_id: String,
    /// AgentId of the app, from the DingTalk Open Platform. No AI agent is meant.
    agent_id: String,
    /// Who may write to the bot alone. Default: open.
    dm_policy: DirectPolicy,
    /// In which groups the bot answers when it is mentioned. Default: open.
    group_policy: GroupPolicy,
    /// How answers are written. Default: markdown.
    message_type: MessageType,
    /// Whether AI Cards type themselves. Default: true.
    streaming: Streaming,
    /// What cards show while an answer is written; wins over `streaming`. Default: answer.
    card_streaming_mode: CardStreamingMode,
    /// Milliseconds between two updates of a card, at least 500. Default: 1000.
    card_stream_interval: NonZeroU32,
    /// Milliseconds for which answers come as messages once a card was refused, at least 60000. Default: a minute where it
    /// may pass, else half an hour.
    aicard_degrade_ms: NonZeroU32,
    /// The template of cards. Default: DingTalk's public one, which has no buttons.
    card_template_id: String,
    /// The variable of your own template that streams. Default: content.
    card_template_key: String,
    /// Whether your own template shows answers in blocks: has the variables `blockList`, `copy_content` and `statusLine` of
    /// the public template with buttons. Default: false.
    card_template_blocks: bool,
    /// Whether people are notified when a card appears. What is written on it later notifies nobody. Default: true.
    card_notifications: bool,
    /// What stands at the foot of a finished card.
    card_status_line: CardStatusLine,
    /// Which answers in groups only the asker sees, on a card or, where there is none, in a message to them alone.
    /// Default: off.
    private_answers: PrivateAnswers,
    /// The most messages that an answer takes, beside its card; a longer one goes out as one file. 0: as many as it needs.
    /// Default: 3.
    long_answer_messages: u32,
    /// What is shown below a message while it is answered: `emoji`, `kaomoji`, or any text. Default: nothing (`""`, `off`),
    /// for each message costs two calls or more; without it `messages.ackReaction` holds.
    ack_reaction: String,
    /// Whether connections and messages are logged in detail. Default: false.
    debug: bool,
    /// People who may write to the bot alone under `dmPolicy: "allowlist"`; `*` is everybody.
    allow_from: Vec<String>,
    /// People who may ask in groups that have no list of their own. Without it everybody; `[]` is nobody.
    group_allow_from: Vec<String>,
    /// Groups by conversation id, `*` for all others.
    groups: Ordered<Group>,
    /// People who write to the bot alone, by their id, where answers are written in another way.
    dms: Ordered<Direct>,
    /// Base address of the Open API and of Stream mode. Default: <https://api.dingtalk.com>.
    endpoint: String,
    /// Base address of the old Open API. Default: <https://oapi.dingtalk.com>.
    oapi_endpoint: String,
    /// The proxy to DingTalk, in place of `proxy.proxyUrl`, or `none`.
    proxy_url: SecretInput,
    /// Calls per second that the organisation may make to one interface. Default: 20, what a standard organisation has.
    calls_per_second: NonZeroU32,
    /// How much of DingTalk the organisation may use in a month. Bots of one `corpId` share it; so do those without one.
    quota: Quota,
    /// Whose quoted messages agents get to see in groups. Default: all.
    context_visibility: ContextVisibility,
    /// The largest attachment that is taken, in megabytes. The largest number of all bots holds for each. Default: 20.
    #[schemars(range(min = 1, max = 500))]
    media_max_mb: NonZeroU32,
    /// From where files may be fetched that an answer names by an address: host, `*.suffix`, host:port, IP or CIDR.
    /// Without it from every public address; with it only from these, which may also be private. That of all bots
    /// together holds for each.
    media_url_allowlist: Vec<String>,
    /// Folders from which answers may send files, beside the workspaces of agents. Those of all bots together hold for
    /// each.
    media_local_roots: Vec<String>,
}

/// How much of DingTalk an organisation may use in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Quota {
    /// What the organisation has bought. Default: standard, or custom where numbers are given.
    pub plan: Option<QuotaPlan>,
    /// Calls of the Open API in a month. Default: those of the plan.
    pub calls_per_month: Option<NonZeroU32>,
    /// Messages of Stream and webhooks in a month. Default: those of the plan.
    pub messages_per_month: Option<NonZeroU32>,
}

/// The editions of DingTalk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum QuotaPlan {
    /// 5,000 calls and 3,000 messages.
    Standard,
    /// 200,000 calls and 50,000 messages.
    Professional,
    /// What `callsPerMonth` and `messagesPerMonth` say; what is not said is that of the standard edition.
    Custom,
}

/// Whose quoted messages agents get to see in groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContextVisibility {
    /// Everybody's.
    All,
    /// Those of people who may ask in the group, and the bot's own.
    Allowlist,
    /// As `allowlist`, but what the asker quotes is always seen. Quotes are all the context that DingTalk gives, so that
    /// this is the same as `all`.
    AllowlistQuote,
}

/// Which answers in groups only the asker sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PrivateAnswers {
    /// None.
    Off,
    /// Those that only say that something went wrong.
    Errors,
    /// All.
    All,
}

/// What cards show while an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CardStreamingMode {
    /// Nothing: the card appears with the finished answer.
    Off,
    /// The answer.
    Answer,
    /// The answer, and before it what was thought and done.
    All,
}

/// What stands at the foot of a finished card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CardStatusLine {
    /// Which model answered. Default: false.
    pub model: Option<bool>,
    /// How hard the model was told to think, when the agent tells. Default: false.
    pub effort: Option<bool>,
    /// Who answered. Default: false.
    pub agent: Option<bool>,
    /// How long it took. Default: false.
    pub task_time: Option<bool>,
    /// What it cost in tokens. Default: false.
    pub tokens: Option<bool>,
    /// How many calls of the Open API the card has taken. Default: false.
    pub dapi_usage: Option<bool>,
    /// That an AI wrote it. Default: true.
    pub label: Option<bool>,
}

/// One group.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Group {
    /// Whether the bot answers here. Default: true.
    pub enabled: Option<bool>,
    /// People who may ask here; `*` is everybody, `[]` is nobody.
    pub allow_from: Option<Vec<String>>,
    /// The same under the name that the plugins use.
    pub group_allow_from: Option<Vec<String>>,
    /// How answers are written here.
    pub message_type: Option<MessageType>,
    /// The agent that answers here, whatever the bindings say.
    pub agent_id: Option<String>,
}

/// One person who writes to the bot alone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Direct {
    /// How answers are written here.
    pub message_type: Option<MessageType>,
}

/// Who may write to a bot alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DirectPolicy {
    /// Everybody whom DingTalk lets through.
    Open,
    /// People in `allowFrom`; others are told how to be added.
    Pairing,
    /// People in `allowFrom`.
    Allowlist,
    /// Nobody.
    Disabled,
}

/// In which groups a bot answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum GroupPolicy {
    /// In all.
    Open,
    /// In those under `groups`.
    Allowlist,
    /// In none.
    Disabled,
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MessageType {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// An AI Card.
    Card,
}

/// Whether cards type themselves: `true`, `false`, or OpenClaw's newer `{mode: "off" | "partial" | …}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streaming(pub bool);

impl<'de> Deserialize<'de> for Streaming {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StreamingVisitor)
    }
}

struct StreamingVisitor;

impl<'de> Visitor<'de> for StreamingVisitor {
    type Value = Streaming;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("true, false or an object with mode")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Streaming(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut on = true;
        while let Some(key) = map.next_key::<String>()? {
            if key == "mode" {
                on = map.next_value::<String>()? != "off";
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Streaming(on))
    }
}

impl JsonSchema for Streaming {
    fn schema_name() -> Cow<'static, str> {
        "Streaming".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "boolean" },
                {
                    "type": "object",
                    "properties": { "mode": { "type": "string", "enum": ["off", "partial", "block", "progress"] } },
                    "additionalProperties": true,
                },
            ],
        })
    }
}
