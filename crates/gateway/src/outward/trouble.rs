//! What stood in the way, read from a failure.
//!
//! The client tells it only in words; `tests/network_proxies.rs` holds each of them against a real proxy, so that another
//! version of the client cannot change them unnoticed.

use std::error::Error;

use crate::catalogue::Code;

/// What stood in the way of a call to DingTalk, if the way is to blame.
pub(crate) fn cause(error: &dingtalk::Error) -> Option<Code> {
    match error.code.as_str() {
        // Not the platform's JSON: a page for people.
        "unexpectedResponse" if error.status == Some(407) => Some(Code::ProxyRefuses),
        "unexpectedResponse" => Some(Code::CaptivePortal),
        "transport" if error.status == Some(407) => Some(Code::ProxyRefuses),
        // The platform refuses a WebSocket with 400 (protocol reference §2.2); others are those of somebody in between.
        "transport" if matches!(error.status, Some(400 | 401 | 403 | 404)) => None,
        "transport" if error.status.is_some() => Some(Code::WebSocketBlocked),
        "transport" if error.message.contains("does not speak WebSocket") => {
            Some(Code::WebSocketBlocked)
        }
        _ if error.status.is_none() => of_words(&error.message),
        _ => None,
    }
}

/// The same, of any failure with its causes.
pub(crate) fn cause_of(error: &(dyn Error + 'static)) -> Option<Code> {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    of_words(&words)
}

fn of_words(words: &str) -> Option<Code> {
    let words = words.to_ascii_lowercase();
    let has = |part: &str| words.contains(part);
    match () {
        () if has("invalid peer certificate") || has("unknownissuer") => {
            Some(Code::CertificateUntrusted)
        }
        () if has("proxy authorization required") => Some(Code::ProxyRefuses),
        () if has("socks error") && (has("authentication") || has("credentials")) => {
            Some(Code::ProxyRefuses)
        }
        () if has("failed to create underlying connection") => Some(Code::ProxyUnreachable),
        () if has("socks proxy") || has("tunnel") => Some(Code::ProxyInterferes),
        () => None,
    }
}
