//! Opens a connection: challenge, signed introduction, hello (reference of OpenClaw core §4.3).

use std::time::Duration;

use chela_engine::ports::{AgentError, AgentErrorKind};
use chela_engine::time::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::device::Claim;
use super::failure;
use super::frame::{self, Frame};
use super::settings::{Credential, GatewaySettings};
use super::socket::{Socket, SocketError};

/// The only client of the protocol's list that stands for a program of somebody else.
const CLIENT: &str = "gateway-client";
const MODE: &str = "backend";
const ROLE: &str = "operator";
const PLATFORM: &str = "linux";
/// `admin` is what `suppressCommandInterpretation` and `sessions.reset` ask for.
const SCOPES: [&str; 3] = ["operator.admin", "operator.read", "operator.write"];
/// The versions that we speak.
const PROTOCOLS: (u64, u64) = (3, 4);
/// The id of our first request.
const CONNECT: &str = "connect";

/// What was agreed on.
#[derive(Clone, Debug)]
pub(super) struct Hello {
    pub(super) protocol: u64,
    pub(super) server: String,
    pub(super) boot: Boot,
    /// Whether it lets us suppress commands and reset sessions.
    pub(super) admin: bool,
    /// How often it says `tick`.
    pub(super) tick: Duration,
    /// Bytes of one picture, and of all.
    pub(super) image_bytes: u64,
    pub(super) attachment_bytes: u64,
}

/// Tells one life of a gateway from the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Boot {
    id: Option<String>,
    /// By the gateway's own clock.
    at_ms: i64,
}

impl Boot {
    /// Protocol 3 has no id; what it says of its age may be off by seconds on a busy machine.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (Some(own), Some(other)) => own == other,
            _ => self.at_ms.abs_diff(other.at_ms) <= 10_000,
        }
    }

    /// Whether the gateway was there at a time and has not restarted since.
    pub(super) fn is_before(&self, time: Timestamp) -> bool {
        self.at_ms <= time.0
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may pass by itself.
    Passing(AgentError),
    /// Somebody has to change something.
    Lasting(AgentError),
    /// The address speaks HTTP only.
    NoWebSocket(AgentError),
}

pub(super) async fn open(
    client: &reqwest::Client,
    settings: &GatewaySettings,
) -> Result<(Socket, Hello), Failure> {
    let patience = settings.patience.connect;
    let opening = tokio::time::timeout(patience, Socket::open(client, settings.url.clone()));
    let socket = opening.await.map_err(|_| silent())?;
    let socket = socket.map_err(|error| match &error {
        SocketError::Refused(status) if !status.is_server_error() => {
            let kind = AgentErrorKind::Unavailable;
            Failure::NoWebSocket(failure::error(kind, error.to_string()))
        }
        _ => broken(&error),
    })?;
    tokio::time::timeout(patience, introduce(socket, settings))
        .await
        .map_err(|_| silent())?
}

async fn introduce(
    mut socket: Socket,
    settings: &GatewaySettings,
) -> Result<(Socket, Hello), Failure> {
    let challenge = loop {
        match next(&mut socket).await? {
            Frame::Event { name, payload, .. } if name == "connect.challenge" => break payload,
            _ => {}
        }
    };
    let params = introduction(settings, &challenge);
    let request = frame::request(CONNECT, "connect", &params);
    socket.send(request).await.map_err(|error| broken(&error))?;
    loop {
        match next(&mut socket).await? {
            Frame::Response { id, result } if id == CONNECT => {
                let hello = result.map_err(|refusal| {
                    let error = failure::of_refusal(&refusal);
                    if refusal.retryable || refusal.code == "UNAVAILABLE" {
                        Failure::Passing(error)
                    } else {
                        Failure::Lasting(error)
                    }
                })?;
                return Ok((socket, read(&hello, &challenge)?));
            }
            _ => {}
        }
    }
}

async fn next(socket: &mut Socket) -> Result<Frame, Failure> {
    let text = socket.next().await.map_err(|error| broken(&error))?;
    Frame::read(&text).map_err(|_| {
        let detail = "what answers is not OpenClaw: its first frames cannot be read";
        Failure::Lasting(failure::error(AgentErrorKind::Protocol, detail))
    })
}

fn introduction(settings: &GatewaySettings, challenge: &Value) -> Value {
    let nonce = challenge["nonce"].as_str().unwrap_or_default();
    // The gateway's own clock, so that ours may be wrong.
    let signed_at_ms = challenge["ts"].as_u64().unwrap_or_default();
    let (auth, token) = match &settings.credential {
        None => (json!({}), ""),
        Some(Credential::Token(token)) => {
            let token = token.expose_secret();
            (json!({ "token": token }), token)
        }
        Some(Credential::Password(password)) => {
            (json!({ "password": password.expose_secret() }), "")
        }
    };
    let device = &settings.device;
    let signature = device.sign(&Claim {
        client: CLIENT,
        mode: MODE,
        role: ROLE,
        scopes: &SCOPES,
        signed_at_ms,
        token,
        nonce,
        platform: PLATFORM,
    });
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "minProtocol": PROTOCOLS.0,
        "maxProtocol": PROTOCOLS.1,
        "client": {
            "id": CLIENT, "version": version, "platform": PLATFORM, "mode": MODE, "displayName": "Chela",
        },
        "role": ROLE,
        "scopes": SCOPES,
        "caps": ["tool-events"],
        "auth": auth,
        "device": {
            "id": device.id(),
            "publicKey": device.public_key(),
            "signature": signature,
            "signedAt": signed_at_ms,
            "nonce": nonce,
        },
        "locale": "zh-CN",
        "userAgent": format!("chela/{version}"),
    })
}

fn read(hello: &Value, challenge: &Value) -> Result<Hello, Failure> {
    let lasting = |kind, detail: &str| Failure::Lasting(failure::error(kind, detail));
    let protocol = hello["protocol"].as_u64().unwrap_or_default();
    if !(PROTOCOLS.0..=PROTOCOLS.1).contains(&protocol) {
        let detail = format!("the gateway wants protocol {protocol}, which is not spoken here");
        return Err(lasting(AgentErrorKind::Protocol, &detail));
    }
    // Protocol 3 does not repeat the scopes.
    let scopes: Option<Vec<&str>> = hello["auth"]["scopes"]
        .as_array()
        .map(|scopes| scopes.iter().filter_map(Value::as_str).collect());
    let has = |scope| scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope));
    let admin = has("operator.admin");
    if !admin && !has("operator.write") {
        let detail = "the gateway gives this device no right to write";
        return Err(lasting(AgentErrorKind::Auth, detail));
    }
    let number = |value: &Value| value.as_u64();
    let policy = &hello["policy"];
    let uptime = hello["snapshot"]["uptimeMs"].as_i64().unwrap_or_default();
    let attachments = &policy["attachments"];
    Ok(Hello {
        protocol,
        server: hello["server"]["version"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        boot: Boot {
            id: hello["server"]["bootId"].as_str().map(str::to_owned),
            at_ms: challenge["ts"].as_i64().unwrap_or_default() - uptime,
        },
        admin,
        tick: Duration::from_millis(number(&policy["tickIntervalMs"]).unwrap_or(30_000)),
        image_bytes: number(&attachments["maxImageBytes"]).unwrap_or(5_000_000),
        attachment_bytes: number(&attachments["maxBytes"]).unwrap_or(15_000_000),
    })
}

fn silent() -> Failure {
    let detail = "the gateway does not answer the handshake";
    Failure::Passing(failure::error(AgentErrorKind::Unavailable, detail))
}

fn broken(error: &SocketError) -> Failure {
    match error {
        SocketError::Closed { code: 1002, .. } => {
            Failure::Lasting(failure::error(AgentErrorKind::Protocol, error.to_string()))
        }
        SocketError::Closed { code: 1008, .. } => {
            Failure::Lasting(failure::error(AgentErrorKind::Auth, error.to_string()))
        }
        _ => Failure::Passing(failure::error(
            AgentErrorKind::Unavailable,
            error.to_string(),
        )),
    }
}
