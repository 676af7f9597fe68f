//! Fields that several card requests have.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::id::PersonId;
use crate::platform::Platform;
use crate::platform::call::Call;
use crate::platform::failure::ApiFailure;
use crate::platform::robot::json_body;
use crate::world::Person;

/// Bytes of a variable's name (C3).
const LONGEST_NAME: usize = 100;

/// Variables by name.
pub(super) type Variables = BTreeMap<String, String>;

/// Which id people have in a request about a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserIdKind {
    UserId,
    UnionId,
}

impl UserIdKind {
    /// `userIdType`: 1, unless it says otherwise, or 2.
    pub(super) fn of(body: &Value) -> Result<Self, ApiFailure> {
        match &body["userIdType"] {
            Value::Null => Ok(Self::UserId),
            value if value.as_i64() == Some(1) => Ok(Self::UserId),
            value if value.as_i64() == Some(2) => Ok(Self::UnionId),
            _ => Err(refused("param.invalid")),
        }
    }
}

/// A refusal whose message repeats the code, as all of cards do (protocol reference §6.6).
pub(super) fn refused(code: &str) -> ApiFailure {
    ApiFailure::bad(code, code)
}

/// The body; one without anything in it lacks every object that is required (C4).
pub(super) fn card_body(call: &Call) -> Result<Value, ApiFailure> {
    let body = json_body(call)?;
    if body.as_object().is_some_and(serde_json::Map::is_empty) {
        return Err(refused("param.empty"));
    }
    Ok(body)
}

/// A text that must be there, or the code of the refusal.
pub(super) fn required<'a>(body: &'a Value, name: &str, code: &str) -> Result<&'a str, ApiFailure> {
    body[name]
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| refused(code))
}

/// A switch, off when it is not there.
pub(super) fn switch(body: &Value, name: &str) -> Result<bool, ApiFailure> {
    match &body[name] {
        Value::Null => Ok(false),
        Value::Bool(is_on) => Ok(*is_on),
        _ => Err(refused("param.invalid")),
    }
}

/// `cardParamMap` of `cardData` or of one person's data: every value is a string, also numbers and lists (C3).
pub(super) fn variables(data: &Value) -> Result<Option<Variables>, ApiFailure> {
    if data.is_null() {
        return Ok(None);
    }
    if !data.is_object() {
        return Err(refused("param.invalid"));
    }
    let map = match &data["cardParamMap"] {
        Value::Null => return Ok(None),
        Value::Object(map) => map,
        _ => return Err(refused("param.invalid")),
    };
    let mut variables = Variables::new();
    for (name, value) in map {
        let text = value.as_str().filter(|_| name.len() <= LONGEST_NAME);
        let text = text.ok_or_else(|| refused("param.invalid"))?;
        variables.insert(name.clone(), text.to_owned());
    }
    Ok(Some(variables))
}

impl Platform {
    pub(super) fn person_by(&self, id: &str, kind: UserIdKind) -> Option<Arc<Person>> {
        match kind {
            UserIdKind::UserId => self.directory.person(id),
            UserIdKind::UnionId => {
                let mut people = self.directory.people().iter();
                people.find(|person| person.union_id == id).cloned()
            }
        }
    }

    /// `privateData`: variables by person.
    pub(super) fn private_data(
        &self,
        body: &Value,
        kind: UserIdKind,
    ) -> Result<BTreeMap<PersonId, Variables>, ApiFailure> {
        let data = match &body["privateData"] {
            Value::Null => return Ok(BTreeMap::new()),
            Value::Object(data) => data,
            _ => return Err(refused("param.invalid")),
        };
        let mut private = BTreeMap::new();
        for (id, data) in data {
            let person = self
                .person_by(id, kind)
                .ok_or_else(|| refused("param.userIdNotExist"))?;
            private.insert(person.id.clone(), variables(data)?.unwrap_or_default());
        }
        Ok(private)
    }
}
