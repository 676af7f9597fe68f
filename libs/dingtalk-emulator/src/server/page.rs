//! The page: a phone, and what happens below it. All of it is in the binary.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn index() -> impl IntoResponse {
    file(
        "text/html; charset=utf-8",
        include_str!("../../page/index.html"),
    )
}

pub(crate) async fn style() -> impl IntoResponse {
    file(
        "text/css; charset=utf-8",
        include_str!("../../page/page.css"),
    )
}

pub(crate) async fn script() -> impl IntoResponse {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../../page/page.js"),
    )
}

pub(crate) async fn markdown() -> impl IntoResponse {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../../page/markdown.js"),
    )
}

pub(crate) async fn words() -> impl IntoResponse {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../../page/words.js"),
    )
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, text)
}
