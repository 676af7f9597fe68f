//! Which path does what.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::server::control::{acting, cards, reading, saying};
use crate::server::events::events;
use crate::shared::Shared;

/// Twenty megabytes in base64, several times.
const LARGEST_MESSAGE: usize = 128 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/control/world", get(reading::world))
        .route("/control/status", get(reading::status))
        .route("/control/events", get(events))
        .route("/control/screen", get(reading::screen))
        .route("/control/requests", get(reading::requests))
        .route("/control/pushes", get(reading::pushes))
        .route(
            "/control/timeline",
            get(reading::timeline).post(acting::note),
        )
        .route(
            "/control/say",
            post(saying::say).layer(DefaultBodyLimit::max(LARGEST_MESSAGE)),
        )
        .route("/control/media/{number}", get(reading::media))
        .route("/control/cards", get(cards::list))
        .route("/control/card", get(cards::one))
        .route("/control/click", post(cards::click))
        .route(
            "/control/templates",
            get(cards::templates)
                .post(cards::add_template)
                .delete(cards::unpublish_template),
        )
        .route("/control/push", post(acting::push))
        .route(
            "/control/faults",
            get(reading::faults)
                .post(acting::add_fault)
                .delete(acting::clear_faults),
        )
        .route("/control/slow", post(acting::slow))
        .route("/control/cut", post(acting::cut))
        .route("/control/disconnect", post(acting::disconnect))
        .route("/control/half-open", post(acting::half_open))
        .route("/control/outage", post(acting::outage))
        .route("/control/duplicate", post(acting::duplicate))
        .route("/control/clock/advance", post(acting::advance))
}
