//! How the gateway is: the answer of `GET /api/status` and the input of `chela gateway status`.

use chela_channels::dingtalk::quota::Snapshot;
use chela_engine::ports::Counts;
use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How the gateway is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// Process id.
    pub pid: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// The bots.
    pub accounts: Vec<AccountStatus>,
    /// The month of each organisation.
    #[serde(default)]
    pub quota: Vec<QuotaStatus>,
    /// What the store holds; `None` when it does not answer.
    pub store: Option<Counts>,
    /// What the store could not do lately, such as write on a full disk.
    #[serde(default)]
    pub store_trouble: Option<Trouble>,
    /// What became of the last change of the configuration; `None` when it has not changed since the start.
    #[serde(default)]
    pub reload: Option<Reload>,
    /// Turns that run or wait for a permit.
    pub open_turns: usize,
    /// Questions that wait behind a turn of their conversation.
    pub waiting: usize,
    /// People who wait to be let in.
    #[serde(default)]
    pub pairing_requests: usize,
    /// The servers of tools.
    #[serde(default)]
    pub tool_servers: Vec<ToolServer>,
}

/// How a server of tools is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolServer {
    /// Its name in the configuration.
    pub name: String,
    /// Whether it runs.
    pub is_running: bool,
    /// How many of its tools are used.
    pub tools: usize,
    /// Why it does not run; `None` while it is being started.
    pub trouble: Option<String>,
}

/// What became of a change of the configuration while the gateway ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reload {
    /// When.
    pub at: Timestamp,
    /// Whether it holds now. When it does not, what held before still does.
    pub applied: bool,
    /// The settings that have changed, without their values.
    pub changed: Vec<String>,
    /// Those among them that hold only after a restart.
    pub after_restart: Vec<String>,
    /// Why it does not hold.
    pub trouble: Option<Trouble>,
}

/// Something that an operator should see to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Its code in the catalogue, as in `CHELA-2004`.
    pub code: String,
    /// What it is, in the language of the gateway.
    pub message: String,
}

/// How the month of an organisation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaStatus {
    /// Its `corpId`; `default` for bots without one.
    pub organisation: String,
    /// Its bots, which share the quota.
    pub accounts: Vec<String>,
    /// The counts.
    #[serde(flatten)]
    pub snapshot: Snapshot,
}

/// How one bot is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountStatus {
    /// Its name in the configuration.
    pub account: String,
    /// Its client id.
    pub client_id: String,
    /// The state of its connection.
    pub state: State,
    /// When the platform last showed life on it.
    pub last_frame_at: Option<Timestamp>,
    /// The code of what an operator should know.
    #[serde(default)]
    pub code: Option<String>,
    /// What an operator should know, such as the platform's error.
    pub detail: Option<String>,
    /// Why its answers come as messages in place of cards for now, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards_paused: Option<CardsPaused>,
}

/// Why a bot has no cards for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardsPaused {
    /// Its code in the catalogue.
    pub code: String,
    /// Why, in the language of the gateway.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
}

/// The state of a bot's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The first connection is being made.
    Connecting,
    /// Connected, and the platform showed life lately.
    Connected,
    /// The connection was lost and is being made again.
    Reconnecting,
    /// The credentials are refused; tried again slowly.
    Parked,
    /// Not started: another bot uses the same client id.
    Conflict,
    /// Not started: a credential is missing.
    Incomplete,
}

impl Status {
    /// Whether every bot that should be connected is, and what they receive can be stored.
    pub fn is_ready(&self) -> bool {
        self.store.is_some()
            && self.store_trouble.is_none()
            && self
                .running()
                .all(|account| account.state == State::Connected)
    }

    /// The codes of what keeps it from being ready, as far as there are any.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let bots = self
            .running()
            .filter(|account| account.state != State::Connected);
        let store = self.store_trouble.as_ref();
        store
            .map(|trouble| trouble.code.as_str())
            .into_iter()
            .chain(bots.filter_map(|account| account.code.as_deref()))
    }

    fn running(&self) -> impl Iterator<Item = &AccountStatus> {
        self.accounts
            .iter()
            .filter(|account| !matches!(account.state, State::Conflict | State::Incomplete))
    }
}
