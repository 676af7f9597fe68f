//! One error for every call: what kind of failure, whether another try makes sense, and what DingTalk's support asks for.
//!
//! The platform fails in three styles (protocol reference §1.4, §4): HTTP ≥ 400 with `code`; HTTP 200 with `errcode`;
//! HTTP 200 with a per-target list of who was not reached. All of them end here.

mod kind;
mod quoted;

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

pub use self::kind::ErrorKind;
pub(crate) use self::quoted::private;
use crate::id::RequestId;
use crate::transport::{HttpResponse, Stage, TransportError};

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// The platform's code, such as `invalidParameter.userIds.empty` or `300001`; `transport` when it never answered,
    /// `notSent` when it was not asked because it had had enough calls.
    pub code: String,
    /// The platform's words, at most 500 characters, without secrets and texts that we sent.
    pub message: String,
    /// The platform's id of the request.
    pub request_id: Option<RequestId>,
    /// The HTTP status; `None` when there was no answer.
    pub status: Option<u16>,
}

/// Words beyond this are not for people.
const LONGEST_MESSAGE: usize = 500;
/// The advice of the platform's documents for its limits per second (protocol reference §4.10).
const AFTER_QPS: Duration = Duration::from_secs(1);
/// For limits per minute.
const AFTER_QPM: Duration = Duration::from_secs(60);
/// Nobody waits longer, whatever the answer says.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// The page of the firewall is a few lines.
const LONGEST_BLOCK_PAGE: usize = 8 * 1024;
/// A robot that sends too fast is blocked for this long.
const AFTER_BLOCK: Duration = Duration::from_secs(600);

/// The code of a call that our own limit kept from being made.
const NOT_SENT: &str = "notSent";

impl Error {
    /// Whether the same call may succeed later and has surely not been executed now.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Transient | ErrorKind::RateLimited { .. }
        )
    }

    /// How long the platform wants to be left alone, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            ErrorKind::RateLimited { after } => Some(after),
            _ => None,
        }
    }

    /// Whether the access token must be fetched anew: DingTalk says so with HTTP 400 as often as with 401.
    pub fn is_token_rejected(&self) -> bool {
        self.status == Some(401) && self.code != "authFailed"
            || matches!(
                self.code.as_str(),
                "InvalidAuthentication" | "invalidAccessToken" | "40014" | "42001"
            )
    }

    /// Whether a card of this name was there already. After a creation whose outcome nobody knows
    /// ([`ErrorKind::Unknown`]) this is the answer to the repetition, and means that the first one was executed.
    pub fn is_card_there_already(&self) -> bool {
        self.code == "param.cardAlreadyExist"
    }

    /// Whether the template of a card does not exist or is not published (protocol reference §6.6).
    pub fn is_template_unusable(&self) -> bool {
        matches!(
            self.code.as_str(),
            "param.templateNotExist" | "param.templateUnpublished"
        )
    }

    /// A refusal that came as HTTP 200.
    pub(crate) fn refused(kind: ErrorKind, code: &str, message: String) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: shorten(message),
            request_id: None,
            status: Some(200),
        }
    }

    /// Whether our own limit kept the call from being made.
    pub(crate) fn is_not_sent(&self) -> bool {
        self.code == NOT_SENT && self.status.is_none()
    }

    /// The limit leaves no room for so long; nothing was sent.
    pub(crate) fn not_sent(after: Duration) -> Self {
        Self {
            kind: ErrorKind::RateLimited { after },
            code: NOT_SENT.to_owned(),
            message: format!(
                "the limit of calls leaves no room for {} s",
                after.as_secs()
            ),
            request_id: None,
            status: None,
        }
    }

    /// Of a call that may as well be made twice.
    pub(crate) fn harmless(self) -> Self {
        match self.kind {
            ErrorKind::Unknown => Self {
                kind: ErrorKind::Transient,
                ..self
            },
            _ => self,
        }
    }

    /// An error of our own making, found before anything was sent.
    pub(crate) fn invalid(code: &str, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Invalid,
            code: code.to_owned(),
            message: message.into(),
            request_id: None,
            status: None,
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self {
            kind: match error.stage {
                Stage::NotSent => ErrorKind::Transient,
                Stage::Sent => ErrorKind::Unknown,
            },
            code: "transport".to_owned(),
            message: error.detail,
            request_id: None,
            status: error.status,
        }
    }
}

/// The error bodies of both APIs; each field as each of them spells it, whatever type it comes in.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    code: Option<Value>,
    message: Value,
    #[serde(alias = "requestId", alias = "request_id")]
    requestid: Option<Value>,
    errcode: Option<Value>,
    errmsg: Value,
    /// What `errcode` 88 is wrapped around (§1.4).
    sub_code: Option<Value>,
    sub_msg: Value,
    #[serde(alias = "accessDeniedDetail")]
    accessdenieddetail: Value,
    /// The block page of the firewall: `{"status":1111,"wait":5,…}`.
    status: Option<Value>,
    wait: Value,
}

impl Body {
    fn request_id(&self) -> Option<RequestId> {
        self.requestid.as_ref().map(text).map(RequestId::new)
    }
}

/// Reads a response: its body as JSON, or the failure that it is. `private` is what must not be seen of the request.
pub(crate) fn read(
    response: &HttpResponse,
    private: impl FnOnce() -> Vec<String>,
) -> Result<Value, Error> {
    understand(response).map_err(|mut error| {
        error.message = shorten(quoted::without(error.message, &private()));
        error
    })
}

fn understand(response: &HttpResponse) -> Result<Value, Error> {
    let value = serde_json::from_slice(&response.body)
        .ok()
        .or_else(|| block_page(&response.body));
    let body = value
        .as_ref()
        .and_then(|value| Body::deserialize(value).ok())
        .unwrap_or_default();
    if body
        .status
        .as_ref()
        .is_some_and(|status| text(status) == "1111")
    {
        return Err(blocked(response, &body));
    }
    if response.status >= 400 {
        return Err(refused(response, body));
    }
    if let Some(errcode) = body
        .errcode
        .as_ref()
        .map(text)
        .filter(|errcode| errcode != "0")
    {
        let (errcode, message) = match &body.sub_code {
            Some(inner) if errcode == "88" => (text(inner), text(&body.sub_msg)),
            _ => (errcode, text(&body.errmsg)),
        };
        return Err(Error {
            kind: kind::of_errcode(&errcode, &message),
            code: errcode,
            message,
            request_id: body.request_id(),
            status: Some(response.status),
        });
    }
    if value
        .as_ref()
        .is_some_and(|value| value["success"] == false)
    {
        return Err(Error {
            kind: ErrorKind::Invalid,
            code: "success:false".to_owned(),
            ..not_dingtalk(response)
        });
    }
    match value {
        Some(value) if (200..300).contains(&response.status) => Ok(value),
        _ => Err(not_dingtalk(response)),
    }
}

fn refused(response: &HttpResponse, body: Body) -> Error {
    let Some(code) = body.code.as_ref().map(text) else {
        return Error {
            kind: kind::of_foreign(response),
            ..not_dingtalk(response)
        };
    };
    let scopes = body.accessdenieddetail["requiredScopes"].as_array();
    let scopes = scopes.into_iter().flatten().map(text).collect();
    Error {
        kind: kind::of_code(&code, scopes, response),
        code,
        message: text(&body.message),
        request_id: body.request_id(),
        status: Some(response.status),
    }
}

/// The source address calls too often and is shut out for some minutes.
fn blocked(response: &HttpResponse, body: &Body) -> Error {
    let wait: u64 = text(&body.wait).parse().unwrap_or(5);
    Error {
        kind: ErrorKind::RateLimited {
            after: Duration::from_secs(wait.saturating_mul(60)).min(LONGEST_WAIT),
        },
        code: "1111".to_owned(),
        message: format!("blocked by the platform's firewall for {wait} min"),
        request_id: None,
        status: Some(response.status),
    }
}

/// Not JSON, or no JSON of DingTalk's: a proxy, a captive portal, a block page.
fn not_dingtalk(response: &HttpResponse) -> Error {
    Error {
        kind: ErrorKind::Unknown,
        code: "unexpectedResponse".to_owned(),
        message: format!(
            "HTTP {} without the platform's JSON; is a proxy in between?",
            response.status
        ),
        request_id: None,
        status: Some(response.status),
    }
}

/// The firewall in front of the platform answers with a web page around its JSON (protocol reference §4.10).
fn block_page(body: &[u8]) -> Option<Value> {
    let page = std::str::from_utf8(body).ok()?;
    let (_, json) = page.split_at(page.find(r#"{"status":1111"#)?);
    serde_json::Deserializer::from_str(json)
        .into_iter()
        .next()?
        .ok()
}

/// Whether what came for a file is the page of the firewall. A file of a person does not begin like that.
pub(crate) fn is_block_page(beginning: &[u8]) -> bool {
    let page = beginning.trim_ascii_start();
    let may_be = page.starts_with(br#"{"status":1111"#) || page.starts_with(b"<");
    may_be && page.len() < LONGEST_BLOCK_PAGE && block_page(page).is_some()
}

/// The platform writes codes as numbers and as strings.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn shorten(message: String) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => message.split_at(end).0.to_owned(),
        None => message,
    }
}

#[cfg(test)]
mod tests;
