//! The control API: what [`Emulator`](crate::Emulator) offers, over HTTP with JSON, for pages and other processes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::millis;
use crate::error::Error;
use crate::fault::{Effect, Fault};
use crate::id::{ClientId, ConversationId, MessageId};
use crate::platform::{Cut, Place, Platform, RawPush, direct_conversation, lwcp_id};
use crate::screen::Shown;
use crate::server::events::events;
use crate::shared::Shared;
use crate::utterance::{Mention, Utterance};
use crate::view::View;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/control/world", get(world))
        .route("/control/status", get(status))
        .route("/control/events", get(events))
        .route("/control/screen", get(screen))
        .route("/control/requests", get(requests))
        .route("/control/pushes", get(pushes))
        .route("/control/timeline", get(timeline).post(note))
        .route("/control/say", post(say))
        .route("/control/push", post(push))
        .route(
            "/control/faults",
            get(faults).post(add_fault).delete(clear_faults),
        )
        .route("/control/slow", post(slow))
        .route("/control/cut", post(cut))
        .route("/control/disconnect", post(disconnect))
        .route("/control/half-open", post(half_open))
        .route("/control/outage", post(outage))
        .route("/control/duplicate", post(duplicate))
        .route("/control/clock/advance", post(advance))
}

type App = State<Arc<Shared>>;

// --- Reading ---

/// Who and what exists, so that a page can offer it.
async fn world(State(shared): App) -> Json<Value> {
    Json(shared.look(|platform| {
        let directory = &platform.directory;
        let apps = directory.apps();
        let people: Vec<Value> = directory
            .people()
            .iter()
            .map(|person| {
                let direct: BTreeMap<&str, ConversationId> = apps
                    .iter()
                    .map(|app| (app.robot_code.as_str(), direct_conversation(&app.client_id, &person.id)))
                    .collect();
                let encrypted: BTreeMap<&str, String> =
                    apps.iter().map(|app| (app.robot_code.as_str(), lwcp_id(&app.client_id, person.id.as_str()))).collect();
                json!({"id": person.id, "name": person.name, "unionId": person.union_id, "direct": direct, "dingtalkIds": encrypted})
            })
            .collect();
        json!({
            "company": directory.company,
            "corpId": directory.corp_id,
            "bots": apps.iter().map(|app| json!({"robotCode": app.robot_code, "name": app.bot_name})).collect::<Vec<_>>(),
            "people": people,
            "groups": directory.groups().iter().map(|group| json!({
                "conversation": group.conversation_id, "title": group.title, "members": group.members, "bots": group.bots,
            })).collect::<Vec<_>>(),
        })
    }))
}

/// Connections, faults and sums.
async fn status(State(shared): App) -> Json<Value> {
    Json(shared.look(|platform| {
        let view = View::of(platform);
        let slow = platform
            .faults
            .waiting()
            .iter()
            .find_map(|fault| match fault.effect {
                Effect::Latency { milliseconds } => Some(milliseconds),
                _ => None,
            });
        json!({
            "nowMs": platform.now_ms,
            "connections": view.connections(),
            "sockets": view.sockets(),
            "outageMs": platform.faults.outage_left_ms(platform.now_ms),
            "slowMs": slow.unwrap_or(0),
            "duplicates": platform.duplicates,
            "counters": view.counters(),
        })
    }))
}

#[derive(Deserialize)]
struct ScreenQuery {
    person: Option<String>,
    conversation: Option<String>,
}

/// One conversation, or all conversations of a person.
async fn screen(
    State(shared): App,
    Query(query): Query<ScreenQuery>,
) -> Result<Json<Value>, Refused> {
    shared.look(|platform| {
        let conversations = match (query.conversation, query.person) {
            (Some(conversation), _) => vec![ConversationId::from(conversation)],
            (None, Some(person)) => conversations_of(platform, &person)?,
            (None, None) => return Err(Refused::bad("give a person or a conversation")),
        };
        let shown: Vec<Value> = conversations
            .iter()
            .map(|id| {
                let shown: Vec<&Shown> = platform.screen.conversation(id).collect();
                json!({"conversation": id, "shown": shown})
            })
            .collect();
        Ok(Json(json!({"conversations": shown})))
    })
}

fn conversations_of(platform: &Platform, person: &str) -> Result<Vec<ConversationId>, Error> {
    let person = platform.directory.person_called(person)?;
    let direct = platform
        .directory
        .apps()
        .iter()
        .map(|app| direct_conversation(&app.client_id, &person.id));
    let groups = platform
        .directory
        .groups()
        .iter()
        .filter(|group| group.members.contains(&person.id));
    Ok(direct
        .chain(groups.map(|group| group.conversation_id.clone()))
        .collect())
}

#[derive(Deserialize)]
struct Last {
    #[serde(default = "hundred")]
    last: usize,
}

fn hundred() -> usize {
    100
}

async fn requests(State(shared): App, Query(Last { last }): Query<Last>) -> Json<Value> {
    Json(shared.look(|platform| {
        let mut requests: Vec<_> = platform.record.requests().rev().take(last).collect();
        requests.reverse();
        json!({"requests": requests})
    }))
}

async fn pushes(State(shared): App, Query(Last { last }): Query<Last>) -> Json<Value> {
    Json(shared.look(|platform| {
        let mut pushes: Vec<_> = platform.record.pushes().rev().take(last).collect();
        pushes.reverse();
        json!({"pushes": pushes})
    }))
}

async fn timeline(State(shared): App, Query(Last { last }): Query<Last>) -> Json<Value> {
    Json(shared.look(|platform| {
        let mut ways: Vec<_> = platform.timeline.recent().rev().take(last).collect();
        ways.reverse();
        json!({"ways": ways})
    }))
}

// --- Acting ---

#[derive(Deserialize)]
struct Note {
    message: String,
    step: String,
    #[serde(rename = "atMs")]
    at_ms: Option<i64>,
}

async fn note(State(shared): App, Json(note): Json<Note>) -> Json<Value> {
    shared.act(|platform| {
        let at_ms = note.at_ms.unwrap_or(platform.now_ms);
        platform.note(&MessageId::from(note.message), &note.step, at_ms);
    });
    done()
}

#[derive(Deserialize)]
struct Say {
    person: String,
    /// A group by conversation id or title, or a private conversation by id; the first bot's when absent.
    conversation: Option<String>,
    text: String,
    /// Whom to mention: bots by name or code, people by name or id, or «所有人».
    #[serde(default)]
    at: Vec<String>,
}

async fn say(State(shared): App, Json(say): Json<Say>) -> Result<Json<Value>, Refused> {
    let said = shared.act(|platform| {
        let mut utterance = Utterance::text(&say.person, &say.text);
        if let Some(conversation) = &say.conversation {
            utterance = match platform
                .directory
                .place_of(&ConversationId::from(conversation.as_str()))
            {
                Some(Place::Direct { app, .. }) => match platform.directory.app(app.as_str()) {
                    Some(app) => utterance.to_bot(&app.robot_code),
                    None => utterance,
                },
                Some(Place::Group(_)) | None => utterance.in_group(conversation),
            };
        }
        for name in &say.at {
            utterance = utterance.mentioning(mention(platform, name));
        }
        platform.utter(&utterance)
    })?;
    Ok(Json(json!(said)))
}

fn mention(platform: &Platform, name: &str) -> Mention {
    let bot = platform
        .directory
        .apps()
        .iter()
        .find(|app| app.bot_name == name || app.robot_code == *name);
    match bot {
        Some(app) => Mention::Bot(app.robot_code.clone()),
        None if name == "所有人" => Mention::Everybody,
        None => Mention::Person(name.to_owned()),
    }
}

#[derive(Deserialize)]
struct Push {
    kind: Option<String>,
    topic: Option<String>,
    /// An object is written as JSON; a string is taken as it is.
    data: Value,
}

async fn push(State(shared): App, Json(push): Json<Push>) -> Result<Json<Value>, Refused> {
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
struct NewFault {
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

async fn faults(State(shared): App) -> Json<Value> {
    Json(shared.look(|platform| json!({"faults": platform.faults.waiting()})))
}

async fn add_fault(State(shared): App, Json(new): Json<NewFault>) -> Json<Value> {
    shared.act(|platform| {
        platform
            .faults
            .add(Fault::of(new.effect).on(&new.path).times(new.times));
        platform.report_status();
    });
    done()
}

async fn clear_faults(State(shared): App) -> Json<Value> {
    shared.act(|platform| {
        platform.faults.clear();
        platform.duplicates = 0;
        platform.report_status();
    });
    done()
}

#[derive(Deserialize)]
struct Milliseconds {
    milliseconds: u64,
}

async fn slow(
    State(shared): App,
    Json(Milliseconds { milliseconds }): Json<Milliseconds>,
) -> Json<Value> {
    shared.act(|platform| platform.slow_down(milliseconds));
    done()
}

async fn outage(
    State(shared): App,
    Json(Milliseconds { milliseconds }): Json<Milliseconds>,
) -> Json<Value> {
    shared.act(|platform| platform.begin_outage(millis(Duration::from_millis(milliseconds))));
    done()
}

async fn advance(
    State(shared): App,
    Json(Milliseconds { milliseconds }): Json<Milliseconds>,
) -> Json<Value> {
    shared.advance_clock(Duration::from_millis(milliseconds));
    done()
}

async fn cut(State(shared): App) -> Json<Value> {
    struck(&shared, |platform, app| platform.cut(app, Cut::Quietly))
}

async fn half_open(State(shared): App) -> Json<Value> {
    struck(&shared, |platform, app| platform.cut(app, Cut::HalfOpen))
}

async fn disconnect(State(shared): App) -> Json<Value> {
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
struct Duplicate {
    /// Pushes this recent message again.
    message: Option<String>,
    /// Pushes each of the next messages twice; 4294967295 for all, 0 for none.
    next: Option<u32>,
}

async fn duplicate(
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

/// A request that cannot be carried out: HTTP 400 and a sentence.
struct Refused(String);

impl Refused {
    fn bad(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}
