//! What an operator may choose, and what is checked of it before the first connection.

use std::collections::BTreeSet;
use std::time::Duration;

use chela_engine::id::PersonId;
use secrecy::SecretString;
use url::Url;

use super::device::Device;

/// How to reach a gateway. All agents with the same settings share one connection.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// `ws://127.0.0.1:18789` or the same with `wss`, `http` or `https`; one port serves both.
    pub url: Url,
    /// What lets us in; `None` for a gateway without authentication.
    pub credential: Option<Credential>,
    /// Who we are to the gateway.
    pub device: Device,
    /// How to talk to it.
    pub transport: Transport,
    /// How long things may take.
    pub patience: Patience,
}

/// What lets us into a gateway.
#[derive(Clone, Debug)]
pub enum Credential {
    /// `gateway.auth.token` of OpenClaw.
    Token(SecretString),
    /// `gateway.auth.password` of OpenClaw.
    Password(SecretString),
}

/// How to talk to a gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// WebSocket; HTTP while the WebSocket is refused.
    #[default]
    Auto,
    /// WebSocket and nothing else.
    WebSocket,
    /// `/v1/chat/completions`, which has to be switched on in OpenClaw. Only text comes this way: no tools, no reasoning.
    Http,
}

/// How long things may take. The whole turn is limited by the engine.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Opening a socket, and the handshake on it.
    pub connect: Duration,
    /// A gateway that is not there: OpenClaw takes up to a minute and a half to start on a small machine.
    pub absence: Duration,
    /// A run of which nothing is heard, before its history is looked at.
    pub check: Duration,
    /// A run of which nothing is heard and nothing is found.
    pub silence: Duration,
    /// The longest pause between two tries to connect.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            absence: Duration::from_secs(120),
            check: Duration::from_secs(30),
            silence: Duration::from_secs(300),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// Which agent of a gateway answers, and to whom it obeys.
#[derive(Clone, Debug)]
pub struct AgentSettings {
    /// The agent's id in OpenClaw.
    pub agent: String,
    /// The agent that answers everybody who is no owner; `None`: the same.
    pub guest_agent: Option<String>,
    /// Whose slash commands OpenClaw obeys. To OpenClaw, every question that comes over its token is its owner's
    /// (reference of OpenClaw core §4.4), so that it cannot tell people apart itself.
    pub owners: Owners,
    /// Whether OpenClaw's session goes on when Chela begins a new one.
    pub keep_sessions: bool,
    /// How long one answer may take, for OpenClaw to know.
    pub timeout: Duration,
}

/// The owners of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// Everybody who may talk to the agent is one.
    pub everybody: bool,
    /// These are.
    pub people: BTreeSet<PersonId>,
}

impl Owners {
    pub(super) fn hold(&self, person: &PersonId) -> bool {
        self.everybody || self.people.contains(person)
    }
}

/// Why settings cannot work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The address has no scheme of the web.
    #[error("the gateway's address is none of ws, wss, http, https")]
    Address,
    /// The HTTP client cannot start.
    #[error("the HTTP client cannot start")]
    Client(#[source] reqwest::Error),
}
