//! Frames of the protocol, alike in versions 3 and 4 (reference of OpenClaw core §4.2).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

/// What the gateway sends.
#[derive(Debug)]
pub(super) enum Frame {
    /// Something happened.
    Event {
        name: String,
        payload: Value,
        /// Counts the events of this connection; a gap is a lost one.
        seq: Option<u64>,
    },
    /// What became of a request.
    Response {
        id: String,
        result: Result<Value, Refusal>,
    },
    /// Anything else.
    Other,
}

/// A request that was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
    /// `details.code`, which says more than `code`.
    pub(super) reason: Option<String>,
    pub(super) retryable: bool,
    pub(super) retry_after: Option<Duration>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    ok: Option<bool>,
    event: Option<String>,
    #[serde(default)]
    payload: Value,
    #[serde(default)]
    error: RawError,
    seq: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawError {
    code: String,
    message: String,
    details: Value,
    retryable: bool,
    retry_after_ms: Option<u64>,
}

impl Frame {
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let raw: Raw = serde_json::from_str(text)?;
        Ok(match (raw.kind.as_str(), raw.id, raw.event) {
            ("event", _, Some(name)) => Self::Event {
                name,
                payload: raw.payload,
                seq: raw.seq,
            },
            ("res", Some(id), _) => Self::Response {
                id,
                result: if raw.ok == Some(true) {
                    Ok(raw.payload)
                } else {
                    Err(raw.error.into())
                },
            },
            _ => Self::Other,
        })
    }
}

impl From<RawError> for Refusal {
    fn from(error: RawError) -> Self {
        let reason = ["code", "reason"]
            .into_iter()
            .find_map(|key| error.details[key].as_str());
        Self {
            reason: reason.map(str::to_owned),
            code: error.code,
            message: error.message,
            retryable: error.retryable,
            retry_after: error.retry_after_ms.map(Duration::from_millis),
        }
    }
}

/// A request as it is written.
pub(super) fn request(id: &str, method: &str, params: &Value) -> String {
    json!({ "type": "req", "id": id, "method": method, "params": params }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart_and_garbage_is_refused() {
        let read = |text: &str| Frame::read(text);
        assert!(matches!(
            read(r#"{"type":"event","event":"tick","payload":{"ts":1},"seq":7}"#),
            Ok(Frame::Event { seq: Some(7), .. })
        ));
        let Ok(Frame::Response {
            result: Err(refusal),
            ..
        }) = read(
            r#"{"type":"res","id":"1","ok":false,"error":{"code":"UNAVAILABLE","message":"启动中","retryable":true,
                "retryAfterMs":250,"details":{"reason":"startup-sidecars"}}}"#,
        )
        else {
            panic!("it is a refusal");
        };
        assert_eq!(refusal.reason.as_deref(), Some("startup-sidecars"));
        assert_eq!(refusal.retry_after, Some(Duration::from_millis(250)));
        assert!(refusal.retryable);
        assert!(matches!(read(r#"{"type":"hello"}"#), Ok(Frame::Other)));
        for garbage in ["", "<html>", "[]", r#"{"type":7}"#, r#"{"event":"x"}"#] {
            assert!(read(garbage).is_err(), "{garbage}");
        }
    }
}
