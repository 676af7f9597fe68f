//! Whether arguments follow a JSON schema: the keywords with which tools describe theirs.
//!
//! Keywords that are not known here forbid nothing: the tool itself has the last word.

use std::fmt;

use serde_json::{Map, Value};

/// How deep schemas are followed, so that one that refers to itself has an end.
const DEEPEST: usize = 24;
/// Bytes of a schema that a model can be asked to read.
const LARGEST: usize = 16 * 1024;

/// What is wrong with arguments, in words for the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    path: String,
    reason: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() {
            "the arguments"
        } else {
            self.path.trim_start_matches('.')
        };
        write!(formatter, "{path}: {}", self.reason)
    }
}

/// Whether a schema describes arguments at all, and is small enough to be shown to a model.
pub fn is_usable(schema: &Value) -> bool {
    let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
    let properties = schema.get("properties");
    let has_properties = properties.is_none_or(|properties| {
        properties
            .as_object()
            .is_some_and(|all| all.values().all(|one| one.is_object() || one.is_boolean()))
    });
    is_object && has_properties && schema.to_string().len() <= LARGEST
}

/// Compares arguments with a schema.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(schema: &Value, arguments: &Map<String, Value>) -> Result<(), Mismatch> {
    let checker = Checker { root: schema };
    let arguments = Value::Object(arguments.clone());
    checker.value(schema, &arguments, "", 0)
}

struct Checker<'a> {
    root: &'a Value,
}

impl Checker<'_> {
    fn value(
        &self,
        schema: &Value,
        value: &Value,
        path: &str,
        depth: usize,
    ) -> Result<(), Mismatch> {
        let wrong = |reason: String| {
            Err(Mismatch {
                path: path.to_owned(),
                reason,
            })
        };
        if depth > DEEPEST {
            return Ok(());
        }
        if *schema == Value::Bool(false) {
            return wrong("is not allowed".to_owned());
        }
        if let Some(target) = self.target(schema) {
            return self.value(target, value, path, depth + 1);
        }
        if let Some(types) = schema.get("type")
            && !is_of(types, value)
        {
            return wrong(format!("must be {}, is {}", words(types), kind(value)));
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array)
            && !choices.contains(value)
        {
            let choices: Vec<_> = choices.iter().map(Value::to_string).collect();
            return wrong(format!("must be one of {}", choices.join(", ")));
        }
        if let Some(only) = schema.get("const")
            && only != value
        {
            return wrong(format!("must be {only}"));
        }
        if let Some(reason) = out_of_bounds(schema, value) {
            return wrong(reason);
        }
        for all in schemas(schema, "allOf") {
            self.value(all, value, path, depth + 1)?;
        }
        for any in ["anyOf", "oneOf"] {
            let mut choices = schemas(schema, any).peekable();
            let is_given = choices.peek().is_some();
            let results: Vec<_> = choices
                .map(|choice| self.value(choice, value, path, depth + 1))
                .collect();
            if is_given && results.iter().all(Result::is_err) {
                return results.into_iter().next().unwrap_or(Ok(()));
            }
        }
        match value {
            Value::Object(members) => self.members(schema, members, path, depth),
            Value::Array(items) => self.items(schema, items, path, depth),
            _ => Ok(()),
        }
    }

    fn members(
        &self,
        schema: &Value,
        members: &Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<(), Mismatch> {
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                return Err(Mismatch {
                    path: format!("{path}.{name}"),
                    reason: "is missing".to_owned(),
                });
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for (name, member) in members {
            let known = properties.and_then(|properties| properties.get(name));
            if let Some(schema) = known.or(others) {
                self.value(schema, member, &format!("{path}.{name}"), depth + 1)?;
            }
        }
        Ok(())
    }

    fn items(
        &self,
        schema: &Value,
        items: &[Value],
        path: &str,
        depth: usize,
    ) -> Result<(), Mismatch> {
        let Some(schema) = schema.get("items").filter(|items| !items.is_array()) else {
            return Ok(());
        };
        for (index, item) in items.iter().enumerate() {
            self.value(schema, item, &format!("{path}[{index}]"), depth + 1)?;
        }
        Ok(())
    }

    fn target(&self, schema: &Value) -> Option<&Value> {
        let reference = schema.get("$ref")?.as_str()?;
        self.root.pointer(reference.strip_prefix('#')?)
    }
}

fn schemas<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a Value> {
    let all = schema.get(keyword).and_then(Value::as_array);
    all.into_iter().flatten()
}

fn is_of(types: &Value, value: &Value) -> bool {
    match types {
        Value::Array(types) => types.iter().any(|one| is_of(one, value)),
        Value::String(name) => match name.as_str() {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => {
                value.is_i64()
                    || value.is_u64()
                    || value.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            _ => true,
        },
        _ => true,
    }
}

fn words(types: &Value) -> String {
    match types {
        Value::Array(types) => types.iter().map(words).collect::<Vec<_>>().join(" or "),
        Value::String(name) => name.clone(),
        other => other.to_string(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn out_of_bounds(schema: &Value, value: &Value) -> Option<String> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let (size, what, least, most) = match value {
        Value::Number(number) => (number.as_f64()?, "", "minimum", "maximum"),
        Value::String(text) => (
            text.chars().count() as f64,
            " characters",
            "minLength",
            "maxLength",
        ),
        Value::Array(items) => (items.len() as f64, " entries", "minItems", "maxItems"),
        _ => return None,
    };
    if let Some(least) = bound(least).filter(|least| size < *least) {
        return Some(format!("must be at least {least}{what}"));
    }
    let most = bound(most).filter(|most| size > *most)?;
    Some(format!("must be at most {most}{what}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(schema: &Value, arguments: Value) -> String {
        let Value::Object(arguments) = arguments else {
            return "no object".to_owned();
        };
        match check(schema, &arguments) {
            Ok(()) => String::new(),
            Err(mismatch) => mismatch.to_string(),
        }
    }

    #[test]
    fn each_kind_of_mistake_has_its_words() {
        let schema = json!({
            "type": "object",
            "required": ["城市"],
            "additionalProperties": false,
            "properties": {
                "城市": { "type": "string", "minLength": 1, "maxLength": 5 },
                "unit": { "enum": ["C", "F"] },
                "days": { "type": ["integer", "null"], "maximum": 7 },
                "tags": { "type": "array", "items": { "$ref": "#/$defs/tag" } },
                "when": { "anyOf": [{ "type": "string" }, { "type": "number" }] },
            },
            "$defs": { "tag": { "type": "string" } },
        });
        assert_eq!(
            wrong(
                &schema,
                json!({ "城市": "杭州", "days": 3.0, "tags": ["a"], "when": 1 })
            ),
            ""
        );
        for (arguments, expected) in [
            (json!({}), "城市: is missing"),
            (json!({ "城市": 7 }), "城市: must be string, is a number"),
            (
                json!({ "城市": "呼和浩特市区" }),
                "城市: must be at most 5 characters",
            ),
            (
                json!({ "城市": "x", "unit": "K" }),
                "unit: must be one of \"C\", \"F\"",
            ),
            (json!({ "城市": "x", "days": 8 }), "days: must be at most 7"),
            (
                json!({ "城市": "x", "days": 1.5 }),
                "days: must be integer or null, is a number",
            ),
            (
                json!({ "城市": "x", "tags": ["a", 1] }),
                "tags[1]: must be string, is a number",
            ),
            (
                json!({ "城市": "x", "when": [] }),
                "when: must be string, is an array",
            ),
            (json!({ "城市": "x", "other": 1 }), "other: is not allowed"),
        ] {
            assert_eq!(wrong(&schema, arguments), expected);
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let endless = json!({ "type": "object", "$ref": "#" });
        assert_eq!(wrong(&endless, json!({})), "");
        let deep = json!({ "type": "object", "properties": { "a": { "$ref": "#" } } });
        assert_eq!(wrong(&deep, json!({ "a": { "a": { "a": {} } } })), "");
    }

    #[test]
    fn schemas_that_describe_no_arguments() {
        assert!(is_usable(&json!({ "type": "object" })));
        for lie in [
            json!({ "type": "string" }),
            json!("object"),
            json!({ "type": "object", "properties": [] }),
            json!({ "type": "object", "properties": { "a": 7 } }),
            json!({ "type": "object", "description": "长".repeat(9_000) }),
        ] {
            assert!(!is_usable(&lie));
        }
    }
}
