//! Gives whatever went wrong one of the engine's kinds, and keeps what the server said about it.

use std::error::Error as StdError;
use std::time::Duration;

use chela_engine::ports::{AgentError, AgentErrorKind};
use chela_engine::text::{readable, truncate};
use http::{HeaderMap, StatusCode};

use super::said::Said;

/// Characters that are kept of what a server said.
const DETAIL: usize = 500;
/// Characters that are kept of a body that is no error we can read: enough to see what it is.
const EXCERPT: usize = 200;

/// An error with our own words.
pub(crate) fn error(kind: AgentErrorKind, detail: impl Into<String>) -> AgentError {
    AgentError {
        kind,
        detail: detail.into(),
        retry_after: None,
    }
}

/// An answer with a status other than success.
pub(crate) fn from_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> AgentError {
    let body = String::from_utf8_lossy(body);
    let said = Said::read(&body);
    let kind = said.kind().unwrap_or_else(|| kind_of_status(status));
    let detail = match (said.message, headers.get(http::header::LOCATION)) {
        (Some(message), _) => format!("HTTP {status}: {}", kept(&message, DETAIL)),
        (None, Some(_)) if status.is_redirection() => {
            format!("HTTP {status}: the base URL is not the final address")
        }
        (None, _) => format!("HTTP {status}: {}", kept(&body, EXCERPT)),
    };
    AgentError {
        kind,
        detail,
        retry_after: retry_after(headers),
    }
}

/// An event that tells an error in the place of an answer.
pub(crate) fn from_event(data: &str) -> AgentError {
    let said = Said::read(data);
    let status = || said.status().map(kind_of_status);
    let kind = said.kind().or_else(status);
    let kind = kind.unwrap_or(AgentErrorKind::Unavailable);
    let message = said.message.as_deref().unwrap_or(data);
    error(kind, kept(message, DETAIL))
}

/// An event that cannot be read.
pub(crate) fn malformed(reason: &serde_json::Error, data: &str) -> AgentError {
    // Neither the event nor the full reason, which quotes it: both may hold a part of the answer.
    let detail = format!(
        "an event of {} bytes cannot be read: {:?} error at line {}, column {}",
        data.len(),
        reason.classify(),
        reason.line(),
        reason.column()
    );
    error(AgentErrorKind::Protocol, detail)
}

/// A success that is neither a stream of events nor JSON.
pub(crate) fn wrong_content_type(content_type: &str, body: &[u8]) -> AgentError {
    let excerpt = kept(&String::from_utf8_lossy(body), EXCERPT);
    let detail = format!(
        "the server answered 200 with `{}` where events belong; is the base URL right? {excerpt}",
        kept(content_type, EXCERPT)
    );
    error(AgentErrorKind::Protocol, detail)
}

/// The connection could not be made, or broke.
pub(crate) fn from_transport(failure: reqwest::Error) -> AgentError {
    let kind = if failure.is_timeout() && !failure.is_connect() {
        AgentErrorKind::Timeout
    } else if failure.is_builder() {
        AgentErrorKind::InvalidRequest
    } else {
        AgentErrorKind::Unavailable
    };
    // The address may carry a key in its query.
    let failure = failure.without_url();
    let mut detail = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        detail = format!("{detail}: {cause}");
        source = cause.source();
    }
    error(kind, kept(&detail, DETAIL))
}

/// The server sent nothing for so long.
pub(crate) fn silence(limit: Duration) -> AgentError {
    error(
        AgentErrorKind::Timeout,
        format!("the server was silent for {} s", limit.as_secs_f32()),
    )
}

fn kind_of_status(status: StatusCode) -> AgentErrorKind {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => AgentErrorKind::Auth,
        StatusCode::PAYMENT_REQUIRED => AgentErrorKind::QuotaExhausted,
        StatusCode::TOO_MANY_REQUESTS => AgentErrorKind::RateLimited,
        StatusCode::PAYLOAD_TOO_LARGE => AgentErrorKind::ContextTooLong,
        StatusCode::REQUEST_TIMEOUT => AgentErrorKind::Unavailable,
        // The model's name or the address is wrong; another model has another of both.
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => {
            AgentErrorKind::UnknownModel
        }
        _ if status.is_redirection() => AgentErrorKind::UnknownModel,
        _ if status.is_server_error() => AgentErrorKind::Unavailable,
        _ => AgentErrorKind::InvalidRequest,
    }
}

/// When to come back, in OpenAI's milliseconds or HTTP's seconds. A date is ignored: its sense depends on two clocks.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| -> Option<f64> {
        let number: f64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
        Some(number)
    };
    let seconds = number("retry-after-ms")
        .map(|milliseconds| milliseconds / 1_000.0)
        .or_else(|| number("retry-after"))?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn kept(text: &str, limit: usize) -> String {
    let text = readable(text);
    let text = text.trim();
    let head = truncate(text, limit);
    if head == text {
        head.to_owned()
    } else {
        format!("{head}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, body: &str) -> AgentError {
        let status = StatusCode::from_u16(code).unwrap();
        from_status(status, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn what_servers_say_has_a_kind() {
        use AgentErrorKind::*;
        for (code, body, kind) in [
            (
                401,
                r#"{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}"#,
                Auth,
            ),
            (
                403,
                r#"{"error":{"message":"Country not supported"}}"#,
                Auth,
            ),
            (
                400,
                r#"{"code":"Arrearage","message":"Access denied"}"#,
                QuotaExhausted,
            ),
            (
                402,
                r#"{"error":{"message":"Insufficient Balance"}}"#,
                QuotaExhausted,
            ),
            (
                429,
                r#"{"error":{"message":"余额不足或无可用资源包","code":"1113"}}"#,
                QuotaExhausted,
            ),
            (
                429,
                r#"{"error":{"type":"insufficient_quota"}}"#,
                QuotaExhausted,
            ),
            (
                429,
                r#"{"error":{"message":"Slow down","code":null}}"#,
                RateLimited,
            ),
            (
                400,
                r#"{"error":{"code":"context_length_exceeded"}}"#,
                ContextTooLong,
            ),
            (
                400,
                r#"{"error":{"message":"This model's maximum context length is 8192"}}"#,
                ContextTooLong,
            ),
            (413, "", ContextTooLong),
            (
                400,
                r#"{"error":{"code":"data_inspection_failed"}}"#,
                Refused,
            ),
            (
                404,
                r#"{"error":{"message":"The model `x` does not exist"}}"#,
                UnknownModel,
            ),
            (
                404,
                r#"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#,
                UnknownModel,
            ),
            (
                400,
                r#"{"error":{"message":"Model Not Exist"}}"#,
                UnknownModel,
            ),
            (404, "<html>not here</html>", UnknownModel),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#,
                QuotaExhausted,
            ),
            (
                422,
                r#"{"detail":[{"loc":["body"],"msg":"bad"}]}"#,
                InvalidRequest,
            ),
            (301, "", UnknownModel),
            (408, "", Unavailable),
            (500, "<html>oops</html>", Unavailable),
            (503, r#"{"error":"model is loading"}"#, Unavailable),
            (529, r#"{"error":{"type":"overloaded_error"}}"#, Unavailable),
        ] {
            assert_eq!(status(code, body).kind, kind, "{code} {body}");
        }
    }

    #[test]
    fn the_message_is_kept_and_cut_between_characters() {
        let error = status(
            404,
            r#"{"error":{"message":"没有这个模型\u0000","code":42}}"#,
        );
        assert_eq!(error.detail, "HTTP 404 Not Found: 没有这个模型");
        let error = status(
            422,
            r#"{"detail":[{"msg":"too small","input":"我的秘密"}]}"#,
        );
        assert_eq!(error.detail, "HTTP 422 Unprocessable Entity: too small");
        let error = status(500, &"👨‍👩‍👧".repeat(1_000));
        let expected = format!("HTTP 500 Internal Server Error: {}…", "👨‍👩‍👧".repeat(200));
        assert_eq!(error.detail, expected);
    }

    #[test]
    fn when_to_come_back() {
        let read = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(read("retry-after", "2"), Some(Duration::from_secs(2)));
        assert_eq!(
            read("retry-after-ms", "1500"),
            Some(Duration::from_millis(1_500))
        );
        for odd in [
            "-1",
            "soon",
            "NaN",
            "1e300",
            "Wed, 21 Oct 2026 07:28:00 GMT",
        ] {
            assert_eq!(read("retry-after", odd), None, "{odd}");
        }
    }
}
