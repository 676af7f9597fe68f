//! The page: a phone, and what happens below it. All of it is in the binary.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::shared::Shared;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data: blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal $kind:ident $file:literal;)+) => {
        &[$(($path, $kind, include_str!(concat!("../../page/", $file)))),+]
    };
}

/// Path, content type and text of every file.
const FILES: &[(&str, &str, &str)] = files! {
    "/" HTML "index.html";
    "/page.css" STYLE "page.css";
    "/talk.css" STYLE "talk.css";
    "/cards.css" STYLE "cards.css";
    "/page.js" SCRIPT "page.js";
    "/attachments.js" SCRIPT "attachments.js";
    "/below.js" SCRIPT "below.js";
    "/bubbles.js" SCRIPT "bubbles.js";
    "/cards.js" SCRIPT "cards.js";
    "/composer.js" SCRIPT "composer.js";
    "/emulator.js" SCRIPT "emulator.js";
    "/make.js" SCRIPT "make.js";
    "/markdown.js" SCRIPT "markdown.js";
    "/voice.js" SCRIPT "voice.js";
    "/words.js" SCRIPT "words.js";
};

pub(crate) fn routes() -> Router<Arc<Shared>> {
    FILES
        .iter()
        .fold(Router::new(), |router, &(path, kind, text)| {
            router.route(path, get(move || async move { file(kind, text) }))
        })
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
