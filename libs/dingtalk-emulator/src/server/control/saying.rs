//! `POST /control/say`: a person says anything, with bytes in base64.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::id::{ConversationId, MessageId};
use crate::platform::{Place, Platform};
use crate::server::control::message;
use crate::server::control::refused::Refused;
use crate::shared::Shared;
use crate::utterance::{Mention, Utterance};

#[derive(Deserialize)]
pub(crate) struct Say {
    person: String,
    /// A group by conversation id or title, or a private conversation by id; the first bot's when absent.
    conversation: Option<String>,
    /// Whom to mention: bots by name or code, people by name or id, or «所有人».
    #[serde(default)]
    at: Vec<String>,
    /// `msgId` of what is quoted.
    quote: Option<String>,
    /// `kind`, `text` when absent, and the fields of that [`message`]; or any `kind` with its `content`.
    #[serde(flatten)]
    message: Map<String, Value>,
}

pub(crate) async fn say(
    State(shared): State<Arc<Shared>>,
    Json(say): Json<Say>,
) -> Result<Json<Value>, Refused> {
    let content = message::content(say.message)?;
    let said = shared.act(|platform| {
        let mut utterance = Utterance::of(&say.person, content);
        if let Some(conversation) = &say.conversation {
            utterance = placed(platform, utterance, conversation);
        }
        for name in &say.at {
            utterance = utterance.mentioning(mention(platform, name));
        }
        if let Some(quoted) = say.quote {
            utterance = utterance.quoting(&MessageId::from(quoted));
        }
        platform.utter(&utterance)
    })?;
    Ok(Json(json!(said)))
}

fn placed(platform: &Platform, utterance: Utterance, conversation: &str) -> Utterance {
    match platform
        .directory
        .place_of(&ConversationId::from(conversation))
    {
        Some(Place::Direct { app, .. }) => match platform.directory.app(app.as_str()) {
            Some(app) => utterance.to_bot(&app.robot_code),
            None => utterance,
        },
        Some(Place::Group(_)) | None => utterance.in_group(conversation),
    }
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
