//! The configuration as the rest of the program sees it: complete, checked, every default filled in.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chela_agents::service::Prices;
use chela_agents::tool::{ApprovalRules, Rules as ToolRules};
use chela_channels::dingtalk::quota::Plan;
use chela_channels::dingtalk::{AckReaction, Look};
use chela_engine::id::{AccountId, AgentId};
use chela_engine::ports::Cost;
use chela_engine::router::Rules;
use chela_engine::settings::Reset;
use url::Url;

use super::backends::Backend;
use super::document::Compat;
use super::media::Media;
use super::network::Network;
use super::tools::Tools;
use crate::secret::SecretSource;

/// Everything that an administrator has set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it was read.
    pub origin: Origin,
    /// Who may talk, which agent answers, in which format. Accounts that are switched off are not in it.
    pub rules: Rules,
    /// The bots that are switched on, in the order of the file.
    pub accounts: Vec<Account>,
    /// The bots that are switched on and lack something, so that they do not run.
    pub incomplete: Vec<Incomplete>,
    /// The agents by id; holds at least [`Rules::default_agent`] and every agent that a binding names.
    pub agents: BTreeMap<AgentId, Agent>,
    /// How many turns may run at the same time, over all agents.
    pub max_concurrent_turns: usize,
    /// The way to everything but the bots' platform.
    pub network: Network,
    /// The model services by name.
    pub providers: BTreeMap<String, Provider>,
    /// How much may be used of models.
    pub budgets: Budgets,
    /// When a conversation is forgotten.
    pub session: Session,
    /// How many messages of one conversation may be in work, the running one included.
    pub queue_capacity: usize,
    /// Whether who waits behind more than the running answer is told so.
    pub show_position: bool,
    /// What becomes of attachments.
    pub media: Media,
    /// Where the operator is told what needs a person.
    pub alerts: Option<Alerts>,
    /// What agents can do.
    pub tools: Tools,
    /// The administration interface.
    pub admin: Admin,
    /// What is logged and where.
    pub logging: Logging,
}

impl Config {
    /// Whether any bot asks for detailed logs (`debug: true`).
    pub fn is_debug(&self) -> bool {
        self.accounts.iter().any(|account| account.debug)
    }
}

/// Where a configuration was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// There is no file; environment variables and defaults are all there is.
    Environment,
}

/// One bot with its credentials.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name under `accounts`; `default` for the one that stands directly in `channels.dingtalk`.
    pub id: AccountId,
    /// The name that logs and status show, if there is one.
    pub name: Option<String>,
    /// The app's client id (AppKey).
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretSource,
    /// The robot's code; the client id unless set.
    pub robot_code: String,
    /// The organisation, if it was given.
    pub corp_id: Option<String>,
    /// The app's agent id, if it was given. Has nothing to do with AI agents.
    pub app_agent_id: Option<String>,
    /// How answers are written.
    pub message_type: MessageType,
    /// How cards look and type.
    pub look: Look,
    /// What is shown below messages that are being answered.
    pub ack_reaction: Option<AckReaction>,
    /// Whether details are logged.
    pub debug: bool,
    /// Base address of the new Open API and of Stream mode.
    pub endpoint: Url,
    /// Base address of the old Open API.
    pub oapi_endpoint: Url,
    /// The way there.
    pub network: Network,
    /// Calls per second to one interface.
    pub calls_per_second: NonZeroU32,
    /// What the organisation may use in a month.
    pub plan: Plan,
    /// The account before it in the list that has the same client id. Such an account must not be connected.
    pub conflicts_with: Option<AccountId>,
}

/// A bot that somebody has begun to set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete {
    /// Its name, as of [`Account::id`].
    pub id: AccountId,
    /// The app's client id, if it is there.
    pub client_id: Option<String>,
    /// The setting that is missing.
    pub missing: &'static str,
}

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MessageType {
    /// Plain text.
    Text,
    /// Markdown.
    #[default]
    Markdown,
    /// An AI Card.
    Card,
}

/// One agent.
#[derive(Clone, Debug, Default)]
pub struct Agent {
    /// The name that it goes by.
    pub name: Option<String>,
    /// A sign for it.
    pub emoji: Option<String>,
    /// Who answers.
    pub backend: Backend,
    /// The models to ask, the first that works first. Empty: none is configured.
    pub models: Vec<ModelReference>,
    /// Whether `@name` reaches it.
    pub addressable: bool,
    /// What it is told before each conversation.
    pub system_prompt: Option<String>,
    /// The folder with its files, if one is named.
    pub workspace: Option<PathBuf>,
    /// What it can do, of what all can.
    pub tools: ToolRules,
    /// What of it needs a person's yes.
    pub approval: ApprovalRules,
    /// How long one answer may take.
    pub timeout: Duration,
}

/// A model of a provider, written `provider/model`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelReference {
    /// The name under `models.providers`.
    pub provider: String,
    /// The model's own name; may contain slashes.
    pub model: String,
}

impl fmt::Display for ModelReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.provider, self.model)
    }
}

/// A model service.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Base address, such as `https://api.openai.com/v1`.
    pub base_url: Url,
    /// The key, for services that want one.
    pub api_key: Option<SecretSource>,
    /// Whether the key is a bearer token whatever the interface.
    pub bearer: bool,
    /// Which interface it speaks.
    pub api: ModelApi,
    /// Headers to add to every request.
    pub headers: Headers,
    /// How long it may say nothing, if that is set.
    pub silence: Option<Duration>,
    /// What is known of its models, by name.
    pub models: BTreeMap<String, ModelFacts>,
}

impl Provider {
    /// The interface of one of its models.
    pub fn api_of(&self, model: &str) -> &ModelApi {
        let facts = self.models.get(model);
        facts
            .and_then(|facts| facts.api.as_ref())
            .unwrap_or(&self.api)
    }
}

/// Headers by name. Their values are often secrets: `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// Takes names and values.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.keys()).finish()
    }
}

/// The interfaces of model services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelApi {
    /// OpenAI's chat completions and everything that imitates them.
    OpenAiCompletions,
    /// Anthropic's messages and what imitates them.
    AnthropicMessages,
    /// One that OpenClaw knows and that is not supported.
    Unsupported(&'static str),
}

/// What is known of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelFacts {
    /// Its interface, where it is not that of the service.
    pub api: Option<ModelApi>,
    /// Tokens of question, history and answer together.
    pub context_window: Option<u32>,
    /// Tokens of an answer.
    pub max_tokens: Option<u32>,
    /// Whether it takes pictures.
    pub sees: bool,
    /// Whether it can think before it answers; `None`: as its name lets expect.
    pub reasons: Option<bool>,
    /// What its tokens cost.
    pub prices: Prices,
    /// In what its service differs from what its address lets expect.
    pub compat: Compat,
}

/// How much may be used of models.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budgets {
    /// What each person may use on one day.
    pub person_per_day: Limit,
    /// What each agent may use in one month.
    pub agent_per_month: Limit,
    /// From which share on a warning is given, in percent.
    pub warn_percent: u32,
}

/// The end of a budget. Nothing set: it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Tokens, read and written.
    pub tokens: Option<u64>,
    /// Money.
    pub cost: Option<Cost>,
}

/// When a conversation is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// With one person.
    pub direct: Reset,
    /// In a group.
    pub group: Reset,
}

/// A custom robot that tells the operator what needs a person.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// Its address, with its token.
    pub webhook: SecretSource,
    /// What its messages are signed with, if it wants that.
    pub secret: Option<SecretSource>,
    /// A word that each of its messages must have.
    pub keyword: Option<String>,
}

/// The administration interface.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The address to listen on.
    pub address: IpAddr,
    /// The port; 0 takes any that is free.
    pub port: u16,
    /// The token that callers show; without one, a random token is kept in the state directory.
    pub token: Option<SecretSource>,
}

/// What is logged and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// The least important lines that are kept.
    pub level: Level,
    /// A file instead of the one in the state directory; it gets the date appended.
    pub file: Option<PathBuf>,
    /// How lines on the terminal look.
    pub console: ConsoleStyle,
}

/// How important a line of the log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is logged.
    Silent,
    /// What went wrong.
    Error,
    /// What may go wrong.
    Warn,
    /// What happens.
    #[default]
    Info,
    /// How it happens.
    Debug,
    /// Every detail.
    Trace,
}

/// How lines on the terminal look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConsoleStyle {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object per line.
    Json,
}

/// What holds where the file says nothing. Each default is stated here and nowhere else.
pub mod defaults {
    use super::{Duration, IpAddr, Ipv4Addr, NonZeroU32};

    /// Account that stands directly in `channels.dingtalk`.
    pub const ACCOUNT: &str = "default";
    /// Agent when none is configured.
    pub const AGENT: &str = "main";
    /// Base address of the new Open API.
    pub const ENDPOINT: &str = "https://api.dingtalk.com";
    /// Base address of the old Open API.
    pub const OAPI_ENDPOINT: &str = "https://oapi.dingtalk.com";
    /// Calls per second to one interface: what a standard organisation has.
    pub const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
    /// Provider that `OPENAI_API_KEY` sets up.
    pub const PROVIDER: &str = "openai";
    /// Its base address without `OPENAI_BASE_URL`.
    pub const PROVIDER_URL: &str = "https://api.openai.com/v1";
    /// Its model without `OPENAI_MODEL`.
    pub const PROVIDER_MODEL: &str = "gpt-4o-mini";
    /// Share of a budget from which on a warning is given, in percent.
    pub const WARN_PERCENT: u32 = 80;
    /// Time for one answer.
    pub const TURN_TIMEOUT: Duration = Duration::from_secs(600);
    /// Turns at the same time.
    pub const MAX_CONCURRENT_TURNS: usize = 64;
    /// Silence that ends a conversation.
    pub const IDLE: Duration = Duration::from_secs(30 * 60);
    /// Hour that ends a conversation with `daily`.
    pub const HOUR: u8 = 4;
    /// Messages of one conversation in work.
    pub const QUEUE_CAPACITY: usize = 8;
    /// Address of the administration interface.
    pub const ADMIN_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    /// Port of the administration interface.
    pub const ADMIN_PORT: u16 = 18_789;
    /// The largest attachment, in megabytes: what the platform takes (protocol reference §5.1).
    pub const ATTACHMENT_MB: u32 = 20;
    /// Days for which files are kept.
    pub const RETENTION_DAYS: u32 = 7;
    /// Megabytes of files that are kept.
    pub const MEDIA_MB: u32 = 2_048;
    /// Characters of one attachment for an agent.
    pub const TEXT_CHARACTERS: u32 = 20_000;
    /// Time to write speech down.
    pub const TRANSCRIPTION: Duration = Duration::from_secs(60);
}
