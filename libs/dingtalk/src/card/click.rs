//! Clicks on cards, and what the card shows in answer: the topic `/v1.0/card/instances/callback` (protocol reference
//! §3.6).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use crate::api::CardVariables;
use crate::id::{CorpId, OutTrackId, UnionId, UserId};
use crate::message::json;
use crate::stream::Ack;

/// Somebody has pressed something on a card.
#[derive(Clone, PartialEq)]
pub struct Click {
    /// The card.
    pub card: OutTrackId,
    /// Who pressed. Missing for some versions of DingTalk, and when the card was made for union ids: whoever decides by
    /// person refuses then.
    pub user: Option<UserId>,
    /// Who pressed, on cards that were made for union ids.
    pub union_id: Option<UnionId>,
    /// The organisation.
    pub corp_id: Option<CorpId>,
    /// What was pressed, by the action ids of the template; nearly always one.
    pub actions: Vec<String>,
    /// What the template says along with it. What somebody typed is among it.
    pub parameters: Map<String, Value>,
}

/// Ids and names only: the parameters hold what somebody typed.
impl fmt::Debug for Click {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Click");
        shown
            .field("card", &self.card)
            .field("user", &self.user)
            .field("actions", &self.actions)
            .field("parameters", &self.parameters.keys());
        shown.finish_non_exhaustive()
    }
}

/// A push that is no click on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a click on a card")]
pub struct MalformedClick;

impl Click {
    /// Reads the data of a push of [`crate::stream::Topic::CardCallback`].
    ///
    /// # Errors
    /// When it is no JSON, or names no card.
    pub fn parse(data: &str) -> Result<Self, MalformedClick> {
        let data = json::parse(data).ok_or(MalformedClick)?;
        let card = json::text(&data["outTrackId"]).ok_or(MalformedClick)?;
        let pressed = pressed(&data);
        let actions = pressed["actionIds"].as_array().into_iter().flatten();
        // The encrypted form is nobody's user id (§0.3).
        let id = |name: &str| json::id(&data[name]).filter(|who| !who.starts_with("$:"));
        let is_union = json::id(&data["userIdType"]).as_deref() == Some("2");
        let named = id("userId");
        let (user, union_id) = if is_union {
            (None, named)
        } else {
            (named, None)
        };
        let user = user
            .or_else(|| id("senderStaffId"))
            .or_else(|| id("senderId"));
        Ok(Self {
            card: OutTrackId::new(card),
            user: user.map(UserId::new),
            union_id: union_id.map(UnionId::new),
            corp_id: json::text(&data["corpId"]).map(CorpId::new),
            actions: actions.filter_map(json::id).collect(),
            parameters: json::object(&pressed["params"])
                .as_object()
                .cloned()
                .unwrap_or_default(),
        })
    }

    /// What was pressed.
    pub fn action(&self) -> Option<&str> {
        self.actions.first().map(String::as_str)
    }

    /// A parameter as text; numbers and switches in the way JSON writes them.
    pub fn parameter(&self, name: &str) -> Option<String> {
        match self.parameters.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// What was filled into a form, by field; fields with a choice may have several values.
    pub fn form(&self) -> BTreeMap<String, Vec<String>> {
        let Some(form) = self.parameters.get("form") else {
            return BTreeMap::new();
        };
        let form = json::object(form);
        let fields = form.as_object().into_iter().flatten();
        fields
            .map(|(name, value)| (name.clone(), values(value)))
            .collect()
    }

    /// Whether a form was closed without an answer.
    pub fn is_cancelled(&self) -> bool {
        let cancel = self.parameters.get("user_cancel");
        cancel.is_some_and(|cancel| json::flag(cancel) || *cancel == 1 || *cancel == "1")
    }
}

/// What was pressed stands in `content` or `value` or beside them, each as an object or as a string that holds one.
fn pressed(data: &Value) -> Value {
    let inside = |holder: &Value| -> Option<Value> {
        let holder = json::object(holder);
        // SDKs nest it once more.
        let nested = json::object(&holder["cardActionData"]);
        [&*holder, &*nested]
            .into_iter()
            .map(|one| json::object(&one["cardPrivateData"]).into_owned())
            .find(Value::is_object)
    };
    let places = [&data["content"], &data["value"], data];
    let found: Vec<Value> = places.into_iter().filter_map(inside).collect();
    let says_what = |one: &&Value| {
        let actions = one["actionIds"].as_array();
        actions.is_some_and(|actions| !actions.is_empty())
    };
    let best = found.iter().find(says_what).or_else(|| found.first());
    best.cloned().unwrap_or_default()
}

/// One value, a list of them, or an object that holds either.
fn values(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().flat_map(values).collect(),
        Value::Object(object) => object.get("value").map(values).unwrap_or_default(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// What a card shows in answer to a click. It has to be said within two seconds; what takes longer is said later with
/// [`crate::api::UpdateCard`], never before the click is answered. Variables that are not named stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClickAnswer {
    /// What everybody sees.
    pub variables: CardVariables,
    /// What the person who pressed sees in place of that.
    pub private: CardVariables,
}

impl From<ClickAnswer> for Ack {
    fn from(answer: ClickAnswer) -> Self {
        let mut response = json!({
            "cardUpdateOptions": {"updateCardDataByKey": true, "updatePrivateDataByKey": true},
        });
        if !answer.variables.is_empty() {
            response["cardData"] = answer.variables.json();
        }
        // Not keyed by person, unlike `privateData` of the requests.
        if !answer.private.is_empty() {
            response["userPrivateData"] = answer.private.json();
        }
        Self::TakenWith(response)
    }
}
