//! Requests that do something.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::millis;
use crate::fault::{Effect, Fault};
use crate::id::{ClientId, MessageId};
use crate::platform::{Cut, Platform, RawPush};
use crate::server::control::refused::Refused;
use crate::shared::Shared;

type App = State<Arc<Shared>>;

#[derive(Deserialize)]
pub(crate) struct Note {
    message: String,
    step: String,
    #[serde(rename = "atMs")]
    at_ms: Option<i64>,
}

pub(crate) async fn note(State(shared): App, Json(note): Json<Note>) -> Json<Value> {
    shared.act(|platform| {
        let at_ms = note.at_ms.unwrap_or(platform.now_ms);
        platform.note(&MessageId::from(note.message), &note.step, at_ms);
    });
    done()
}

#[derive(Deserialize)]
pub(crate) struct Push {
    kind: Option<String>,
    topic: Option<String>,
    /// An object is written as JSON; a string is taken as it is.
    data: Value,
}

pub(crate) async fn push(
    State(shared): App,
    Json(push): Json<Push>,
) -> Result<Json<Value>, Refused> {
    let data = match push.data {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let mut raw = RawPush::bot_message(data);
    raw.kind = push.kind.unwrap_or(raw.kind);
    raw.topic = push.topic.unwrap_or(raw.topic);
    let fate = shared.act(|platform| platform.push_raw(raw))?;
    Ok(Json(json!({"fate": fate})))
}

#[derive(Deserialize)]
pub(crate) struct NewFault {
    #[serde(default = "everywhere")]
    path: String,
    /// How many requests; 4294967295 for all.
    #[serde(default = "once")]
    times: u32,
    effect: Effect,
}

fn everywhere() -> String {
    "/".to_owned()
}

fn once() -> u32 {
    1
}

pub(crate) async fn add_fault(State(shared): App, Json(new): Json<NewFault>) -> Json<Value> {
    shared.act(|platform| {
        platform
            .faults
            .add(Fault::of(new.effect).on(&new.path).times(new.times));
        platform.report_status();
    });
    done()
}

pub(crate) async fn clear_faults(State(shared): App) -> Json<Value> {
    shared.act(|platform| {
        platform.faults.clear();
        platform.duplicates = 0;
        platform.report_status();
    });
    done()
}

#[derive(Deserialize)]
pub(crate) struct Milliseconds {
    milliseconds: u64,
}

pub(crate) async fn slow(
    State(shared): App,
    Json(Milliseconds { milliseconds }): Json<Milliseconds>,
) -> Json<Value> {
    shared.act(|platform| platform.slow_down(milliseconds));
    done()
}

pub(crate) async fn outage(
    State(shared): App,
    Json(Milliseconds { milliseconds }): Json<Milliseconds>,
) -> Json<Value> {
    shared.act(|platform| platform.begin_outage(millis(Duration::from_millis(milliseconds))));
    done()
}

pub(crate) async fn advance(
    State(shared): App,
    Json(Milliseconds { milliseconds }): Json<Milliseconds>,
) -> Json<Value> {
    shared.advance_clock(Duration::from_millis(milliseconds));
    done()
}

pub(crate) async fn cut(State(shared): App) -> Json<Value> {
    struck(&shared, |platform, app| platform.cut(app, Cut::Quietly))
}

pub(crate) async fn half_open(State(shared): App) -> Json<Value> {
    struck(&shared, |platform, app| platform.cut(app, Cut::HalfOpen))
}

pub(crate) async fn disconnect(State(shared): App) -> Json<Value> {
    struck(&shared, Platform::disconnect)
}

/// Does something to the sockets of every application.
fn struck(
    shared: &Shared,
    mut strike: impl FnMut(&mut Platform, &ClientId) -> usize,
) -> Json<Value> {
    let connections: usize = shared.act(|platform| {
        let apps: Vec<ClientId> = platform
            .directory
            .apps()
            .iter()
            .map(|app| app.client_id.clone())
            .collect();
        apps.iter().map(|app| strike(platform, app)).sum()
    });
    Json(json!({"connections": connections}))
}

#[derive(Deserialize)]
pub(crate) struct Duplicate {
    /// Pushes this recent message again.
    message: Option<String>,
    /// Pushes each of the next messages twice; 4294967295 for all, 0 for none.
    next: Option<u32>,
}

pub(crate) async fn duplicate(
    State(shared): App,
    Json(duplicate): Json<Duplicate>,
) -> Result<Json<Value>, Refused> {
    shared.act(|platform| {
        if let Some(next) = duplicate.next {
            platform.duplicates = next;
            platform.report_status();
        }
        duplicate.message.map_or(Ok(Vec::new()), |message| {
            platform.push_again(&MessageId::from(message))
        })
    })?;
    Ok(done())
}

fn done() -> Json<Value> {
    Json(json!({"done": true}))
}
