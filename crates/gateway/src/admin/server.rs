//! The HTTP server. `/healthz` and `/readyz` are open, since they say nothing but codes; everything else wants the token.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use chela_engine::ports::StoreError;
use chela_engine::time::Timestamp;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::guard::{require_local_host, require_token};
use super::{Arrival, Status, Traced};
use crate::catalogue::Code;
use crate::outbox::{Handled, Order, Row};
use crate::pairing;
use crate::schedule;
use crate::secret::Secret;
use crate::spending::Account;

/// The most days that are summed up: as long as they are kept.
const MOST_DAYS: u32 = 400;

/// Where the answers come from.
pub trait Source: Send + Sync + 'static {
    /// How the gateway is now.
    fn status(&self) -> BoxFuture<'_, Status>;

    /// What was used of models on the last days, today included.
    fn usage(&self, days: u32) -> BoxFuture<'_, Result<Account, StoreError>>;
    /// What is known of a message, by its id or the key of its answer; none of its content.
    fn journal(&self, key: String) -> BoxFuture<'_, Option<Vec<Traced>>>;

    /// The last messages since a moment, oldest first; nothing of their content.
    fn recent(&self, since: Timestamp) -> BoxFuture<'_, Vec<Arrival>>;

    /// Replies that wait or were given up.
    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Row>, StoreError>>;

    /// Sends some of them again, or drops them.
    fn carry_out(&self, order: Order) -> BoxFuture<'_, Result<Vec<Handled>, StoreError>>;

    /// Looks after who asks to be let in.
    fn pair(&self, order: pairing::Order) -> BoxFuture<'_, Result<pairing::Answer, StoreError>>;

    /// Looks after jobs.
    fn schedule(&self, order: schedule::Order) -> BoxFuture<'_, schedule::Answer>;

    /// The metrics as Prometheus reads them.
    fn metrics(&self) -> BoxFuture<'_, String>;
}

/// A server that listens already and does not answer yet.
pub struct Admin {
    listener: TcpListener,
    token: Secret,
}

impl Admin {
    /// Listens. Port 0 takes any that is free.
    pub async fn bind(address: SocketAddr, token: Secret) -> std::io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            token,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `shutdown`; requests on their way are answered first.
    pub async fn serve(
        self,
        source: Arc<dyn Source>,
        shutdown: CancellationToken,
    ) -> std::io::Result<()> {
        let protected = Router::new()
            .route("/metrics", get(metrics))
            .route("/api/status", get(status))
            .route("/api/usage", get(usage))
            .route("/api/journal", get(journal))
            .route("/api/recent", get(recent))
            .route("/api/outbox", get(outbox).post(carry_out))
            .route("/api/cron", post(cron))
            .route("/api/pairing", post(pair))
            .route_layer(middleware::from_fn_with_state(
                Arc::new(self.token),
                require_token,
            ));
        let router = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(ready))
            .merge(protected)
            .layer(middleware::from_fn(require_local_host))
            .with_state(source);
        axum::serve(self.listener, router)
            .with_graceful_shutdown(shutdown.cancelled_owned())
            .await
    }
}

type Sourced = State<Arc<dyn Source>>;

async fn ready(State(source): Sourced) -> Response {
    let status = source.status().await;
    if status.is_ready() {
        return (StatusCode::OK, "ready\n").into_response();
    }
    let codes: Vec<&str> = status.codes().collect();
    let text = match codes.as_slice() {
        [] => "not ready\n".to_owned(),
        codes => format!("not ready: {}\n", codes.join(" ")),
    };
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

async fn metrics(State(source): Sourced) -> Response {
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, source.metrics().await).into_response()
}

#[derive(Deserialize)]
struct Days {
    days: Option<u32>,
}

async fn usage(State(source): Sourced, Query(days): Query<Days>) -> Response {
    let days = days.days.unwrap_or(1).clamp(1, MOST_DAYS);
    match source.usage(days).await {
        Ok(account) => Json(account).into_response(),
        Err(error) => {
            let code = format!("{}\n", Code::of_store(error.kind));
            (StatusCode::SERVICE_UNAVAILABLE, code).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Key {
    key: String,
}

async fn journal(State(source): Sourced, Query(Key { key }): Query<Key>) -> Response {
    match source.journal(key).await {
        Some(traced) => Json(traced).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[derive(Deserialize)]
struct Since {
    since: i64,
}

async fn recent(State(source): Sourced, Query(Since { since }): Query<Since>) -> Response {
    Json(source.recent(Timestamp(since)).await).into_response()
}

async fn status(State(source): Sourced) -> Json<Status> {
    Json(source.status().await)
}

async fn outbox(State(source): Sourced) -> Response {
    answer(source.outbox().await)
}

async fn carry_out(State(source): Sourced, Json(order): Json<Order>) -> Response {
    answer(source.carry_out(order).await)
}

async fn pair(State(source): Sourced, Json(order): Json<pairing::Order>) -> Response {
    answer(source.pair(order).await)
}

async fn cron(State(source): Sourced, Json(order): Json<schedule::Order>) -> Response {
    Json(source.schedule(order).await).into_response()
}

fn answer(result: Result<impl Serialize, StoreError>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}
