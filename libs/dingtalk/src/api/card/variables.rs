//! The variables of a card.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

/// Values for the variables of a template. All of them are strings (protocol reference §6.3); what is something else in
/// the template is written as JSON: [`CardVariables::set_json`]. Documented are at most 100 bytes for a name and 1 KiB for
/// a value, and much longer values are taken in practice (§4.9).
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CardVariables(BTreeMap<String, String>);

impl CardVariables {
    /// No variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more, as it is.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets one, as it is.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Sets one that is a number, a switch, a list or an object in the template.
    pub fn set_json(&mut self, name: impl Into<String>, value: &Value) {
        self.set(name, value.to_string());
    }

    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes those of `earlier` that have not been set since.
    pub(crate) fn fill_from(&mut self, earlier: Self) {
        for (name, value) in earlier.0 {
            self.0.entry(name).or_insert(value);
        }
    }

    /// As the platform wants it.
    pub(crate) fn json(&self) -> Value {
        json!({ "cardParamMap": self })
    }
}

/// Names only: the values are what people read.
impl fmt::Debug for CardVariables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("CardVariables")
            .field(&self.0.keys())
            .finish()
    }
}
