//! Requests that only look.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Error;
use crate::fault::Effect;
use crate::id::ConversationId;
use crate::platform::{Platform, direct_conversation, lwcp_id};
use crate::screen::Shown;
use crate::server::control::refused::Refused;
use crate::shared::Shared;
use crate::view::View;

type App = State<Arc<Shared>>;

/// Who and what exists, so that a page can offer it.
pub(crate) async fn world(State(shared): App) -> Json<Value> {
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
pub(crate) async fn status(State(shared): App) -> Json<Value> {
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
pub(crate) struct ScreenQuery {
    person: Option<String>,
    conversation: Option<String>,
}

/// One conversation, or all conversations of a person; with a person only what that person sees.
pub(crate) async fn screen(
    State(shared): App,
    Query(query): Query<ScreenQuery>,
) -> Result<Json<Value>, Refused> {
    shared.look(|platform| {
        let person = match &query.person {
            Some(person) => Some(platform.directory.person_called(person)?.id.clone()),
            None => None,
        };
        let conversations = match (query.conversation, query.person) {
            (Some(conversation), _) => vec![ConversationId::from(conversation)],
            (None, Some(person)) => conversations_of(platform, &person)?,
            (None, None) => return Err(Refused::bad("give a person or a conversation")),
        };
        let shown: Vec<Value> = conversations
            .iter()
            .map(|id| {
                let shown: Vec<&Shown> = platform
                    .screen
                    .conversation(id)
                    .filter(|shown| {
                        person
                            .as_ref()
                            .is_none_or(|person| shown.is_visible_to(person))
                    })
                    .collect();
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

/// The bytes of an attachment. What a browser does not show by itself is only offered for keeping, and nothing in
/// it can run as a page of ours.
pub(crate) async fn media(State(shared): App, Path(number): Path<u64>) -> Response {
    let media = shared.look(|platform| platform.media.get(number).cloned());
    let Some(media) = media else {
        return (StatusCode::NOT_FOUND, "forgotten, or never there").into_response();
    };
    let kind = media.content_type();
    let is_shown = ["image/", "audio/", "video/"]
        .iter()
        .any(|shown| kind.starts_with(shown));
    let (kind, disposition) = if is_shown {
        (kind, "inline")
    } else {
        ("application/octet-stream", "attachment")
    };
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "private, max-age=3600"),
    ];
    (headers, media.bytes).into_response()
}

#[derive(Deserialize)]
pub(crate) struct Last {
    #[serde(default = "hundred")]
    last: usize,
}

fn hundred() -> usize {
    100
}

pub(crate) async fn requests(State(shared): App, Query(Last { last }): Query<Last>) -> Json<Value> {
    Json(shared.look(|platform| {
        let mut requests: Vec<_> = platform.record.requests().rev().take(last).collect();
        requests.reverse();
        json!({"requests": requests})
    }))
}

pub(crate) async fn pushes(State(shared): App, Query(Last { last }): Query<Last>) -> Json<Value> {
    Json(shared.look(|platform| {
        let mut pushes: Vec<_> = platform.record.pushes().rev().take(last).collect();
        pushes.reverse();
        json!({"pushes": pushes})
    }))
}

pub(crate) async fn timeline(State(shared): App, Query(Last { last }): Query<Last>) -> Json<Value> {
    Json(shared.look(|platform| {
        let mut ways: Vec<_> = platform.timeline.recent().rev().take(last).collect();
        ways.reverse();
        json!({"ways": ways})
    }))
}

pub(crate) async fn faults(State(shared): App) -> Json<Value> {
    Json(shared.look(|platform| json!({"faults": platform.faults.waiting()})))
}
