//! Keeps web pages of others away from the control API: no foreign `Host` (DNS rebinding), no foreign `Origin`
//! (cross-site requests).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Names under which this server may be addressed.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    authorities: Arc<[String]>,
}

impl Guard {
    pub(crate) fn for_address(address: Option<SocketAddr>) -> Self {
        let port = address.map_or(0, |address| address.port());
        Self {
            authorities: ["127.0.0.1", "localhost"]
                .map(|host| format!("{host}:{port}"))
                .into(),
        }
    }

    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap_or("unreadable"))
        };
        let is_ours = |authority: &str| self.authorities.iter().any(|ours| ours == authority);
        let host = text("host").is_some_and(is_ours);
        let origin =
            text("origin").is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_ours));
        let site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
        host && origin && site
    }
}

pub(crate) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if guard.lets_in(request.headers()) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "this address may only be used from this machine's own pages and programs",
        )
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_get_in() {
        let guard = Guard::for_address(Some(([127, 0, 0, 1], 8080).into()));
        let lets_in = |pairs: &[(&'static str, &'static str)]| {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            guard.lets_in(&headers)
        };
        assert!(lets_in(&[("host", "127.0.0.1:8080")]));
        assert!(lets_in(&[
            ("host", "localhost:8080"),
            ("origin", "http://localhost:8080")
        ]));
        assert!(!lets_in(&[]));
        assert!(!lets_in(&[("host", "evil.example:8080")]));
        assert!(!lets_in(&[
            ("host", "127.0.0.1:8080"),
            ("origin", "http://evil.example")
        ]));
        assert!(!lets_in(&[("host", "127.0.0.1:8080"), ("origin", "null")]));
        assert!(!lets_in(&[
            ("host", "127.0.0.1:8080"),
            ("sec-fetch-site", "cross-site")
        ]));
    }
}
