//! Cards and their templates.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::card::CardTemplate;
use crate::error::Error;
use crate::id::{OutTrackId, TemplateId};
use crate::screen::Shown;
use crate::server::control::refused::Refused;
use crate::shared::Shared;
use crate::view::View;

type App = State<Arc<Shared>>;

#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    spinning: bool,
}

/// Every card that was delivered, or only those on which people see that something is going on.
pub(crate) async fn list(State(shared): App, Query(which): Query<Which>) -> Json<Value> {
    Json(shared.look(|platform| {
        let view = View::of(platform);
        let shown: Vec<&Shown> = if which.spinning {
            view.spinning_cards().collect()
        } else {
            view.cards().collect()
        };
        json!({"shown": shown})
    }))
}

#[derive(Deserialize)]
pub(crate) struct Name {
    card: OutTrackId,
}

/// One card, and how it came to be so.
pub(crate) async fn one(
    State(shared): App,
    Query(Name { card }): Query<Name>,
) -> Result<Json<Value>, Refused> {
    shared.look(|platform| {
        let shown = View::of(platform)
            .card(&card)
            .ok_or_else(|| Error::UnknownCard(card.to_string()))?;
        let revisions = shown.card.as_ref().map(|card| &card.revisions);
        Ok(Json(json!({"shown": shown, "revisions": revisions})))
    })
}

#[derive(Deserialize)]
pub(crate) struct Click {
    card: OutTrackId,
    person: String,
    action: String,
    #[serde(default)]
    params: Value,
}

/// A person presses something.
pub(crate) async fn click(
    State(shared): App,
    Json(click): Json<Click>,
) -> Result<Json<Value>, Refused> {
    let fate = shared
        .act(|platform| platform.click(&click.card, &click.person, &click.action, &click.params))?;
    Ok(Json(json!({"fate": fate})))
}

pub(crate) async fn templates(State(shared): App) -> Json<Value> {
    Json(shared.look(|platform| json!({"templates": platform.settings.cards.templates})))
}

/// Adds a template, or replaces the one with its id.
pub(crate) async fn add_template(
    State(shared): App,
    Json(template): Json<CardTemplate>,
) -> Json<Value> {
    shared.act(|platform| platform.settings.cards.add(template));
    Json(json!({"done": true}))
}

#[derive(Deserialize)]
pub(crate) struct Unpublished {
    template: TemplateId,
}

/// New cards of this template are refused from now on.
pub(crate) async fn unpublish_template(
    State(shared): App,
    Query(Unpublished { template }): Query<Unpublished>,
) -> Json<Value> {
    let done = shared.act(|platform| platform.settings.cards.unpublish(&template));
    Json(json!({"done": done}))
}
