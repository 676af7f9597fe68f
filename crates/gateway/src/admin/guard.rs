//! Who may ask: whoever shows the token, and never a web page that was led here by a trick with names.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::secret::Secret;

/// Refuses requests whose `Host` is a name other than `localhost`: a page on another site can make its own name point
/// to 127.0.0.1 (DNS rebinding), but not change the name that the browser sends.
pub(super) async fn require_local_host(request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if host.is_some_and(is_local) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "unexpected host\n").into_response()
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        // An address of version 6 has colons of its own, and brackets when a port follows.
        _ if host.parse::<IpAddr>().is_ok() => host,
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// Refuses requests without `Authorization: Bearer <token>`.
pub(super) async fn require_token(
    State(token): State<Arc<Secret>>,
    request: Request,
    next: Next,
) -> Response {
    if shows(request.headers(), token.expose()) {
        next.run(request).await
    } else {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        (
            StatusCode::UNAUTHORIZED,
            challenge,
            "token missing or wrong\n",
        )
            .into_response()
    }
}

fn shows(headers: &HeaderMap, token: &str) -> bool {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
    shown.is_some_and(|shown| same(shown.as_bytes(), token.as_bytes()))
}

/// Compares without telling by the time it takes where the first difference is.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_local() {
        for host in [
            "127.0.0.1:18789",
            "localhost",
            "LOCALHOST:80",
            "[::1]:18789",
            "::1",
            "10.0.0.5:18789",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:18789",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn the_token_must_be_exact() {
        let headers = |value: &str| {
            [(header::AUTHORIZATION, value.parse().unwrap())]
                .into_iter()
                .collect::<HeaderMap>()
        };
        assert!(shows(&headers("Bearer abc"), "abc"));
        for wrong in [
            "Bearer ab",
            "Bearer abcd",
            "Bearer abd",
            "abc",
            "Basic abc",
            "Bearer ",
        ] {
            assert!(!shows(&headers(wrong), "abc"), "{wrong}");
        }
        assert!(!shows(&HeaderMap::new(), "abc"));
    }
}
