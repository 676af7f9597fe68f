//! Notices a model that goes round in circles. Pure.

use std::collections::HashMap;

/// How often the same call may be made in one run.
const MOST: u32 = 3;
/// How many calls are refused before the run is brought to its end.
const PATIENCE: u32 = 3;

/// The calls of one run.
#[derive(Debug, Default)]
pub(super) struct Repetition {
    calls: HashMap<(String, String), u32>,
    refused: u32,
}

impl Repetition {
    /// Counts a call; `false` when it was made too often already.
    pub(super) fn permits(&mut self, name: &str, json: &str) -> bool {
        // White space and the order in which it was written make no other call.
        let json = serde_json::from_str::<serde_json::Value>(json)
            .map_or_else(|_| json.to_owned(), |value| sorted(value).to_string());
        let count = self.calls.entry((name.to_owned(), json)).or_default();
        *count += 1;
        let may = *count <= MOST;
        if !may {
            self.refused += 1;
        }
        may
    }

    /// Whether telling the model has not helped.
    pub(super) fn is_hopeless(&self) -> bool {
        self.refused >= PATIENCE
    }
}

fn sorted(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) => {
            let mut members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| (name, sorted(value)))
                .collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.into_iter().collect()
        }
        serde_json::Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_call_is_refused_after_some_times() {
        let mut repetition = Repetition::default();
        let forms = [
            r#"{"a":1,"b":[2]}"#,
            r#"{ "b": [2], "a": 1 }"#,
            r#"{"a":1,"b":[2]}"#,
        ];
        for json in forms {
            assert!(repetition.permits("t", json));
        }
        assert!(!repetition.permits("t", forms[0]));
        assert!(repetition.permits("t", r#"{"a":2}"#));
        assert!(repetition.permits("u", forms[0]));
        assert!(!repetition.is_hopeless());
        assert!(!repetition.permits("t", forms[0]) && !repetition.permits("t", forms[1]));
        assert!(repetition.is_hopeless());
        for _ in 0..3 {
            assert!(repetition.permits("t", "{broken"));
        }
        assert!(!repetition.permits("t", "{broken"));
    }
}
