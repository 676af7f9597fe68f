//! B24: every key of the configuration changes what holds. The keys are those of the schema, which comes from the very types
//! that are read; what holds is the resolved configuration, without the secrets, of which only presence is compared.

use std::collections::BTreeSet;
use std::path::Path;

use chela_gateway::config::document::schema;
use chela_gateway::config::{Environment, parse};
use serde_json::{Map, Value, json};

/// A key as the tables below write it: names that people choose are `*`, entries of lists `[]`.
type Key = &'static str;

/// Keys for which no value can be guessed from their type, or which mean something only beside others: a value, and what
/// stands in the file besides.
fn with_others() -> Vec<(Key, Value, Value)> {
    Vec::new()
}

/// Keys that other parts of the program read, with the test that shows what they do.
const ELSEWHERE: &[(Key, &str)] = &[];

#[test]
fn b24_every_key_changes_what_holds() {
    let schema = schema();
    let mut keys = Keys {
        root: &schema,
        leaves: Vec::new(),
    };
    keys.walk(&schema, String::new(), &mut Vec::new());
    let with_others = with_others();
    let known: BTreeSet<&str> = keys.leaves.iter().map(|(key, _)| key.as_str()).collect();
    for key in with_others.iter().map(|(key, _, _)| key).chain(ELSEWHERE.iter().map(|(key, _)| key)) {
        assert!(known.contains(key), "{key} is no key of the schema");
    }
    let mut dead = BTreeSet::new();
    let mut alive = BTreeSet::new();
    for (key, leaf) in &keys.leaves {
        if ELSEWHERE.iter().any(|(other, _)| other == key) {
            continue;
        }
        let special: Vec<_> = with_others.iter().filter(|(other, _, _)| other == key).collect();
        let changes = if special.is_empty() {
            let base = base(key);
            keys.values(leaf).into_iter().any(|value| differs(&base, key, value))
        } else {
            special.into_iter().all(|(_, value, base)| differs(base, key, value.clone()))
        };
        match changes {
            true => alive.insert(key.clone()),
            false => dead.insert(key.clone()),
        };
    }
    // A key may have several forms, of which one is enough.
    let dead: Vec<_> = dead.difference(&alive).collect();
    assert!(dead.is_empty(), "these keys change nothing: {dead:#?}");
    assert!(alive.len() > 150, "{}", alive.len());
}

#[test]
fn tests_that_are_named_exist() {
    for (key, place) in ELSEWHERE {
        let (file, test) = place.split_once("::").expect("a file and a test");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{key}: there is no {file}"));
        assert!(text.contains(&format!("fn {test}(")), "{key}: there is no test {test} in {file}");
    }
}

/// Whether a value at a key lets something else hold.
fn differs(base: &Value, key: &str, value: Value) -> bool {
    let mut changed = base.clone();
    let steps: Vec<&str> = key.split('.').collect();
    place(&mut changed, &steps, value);
    let (before, after) = (holds(base), holds(&changed));
    before.is_some() && after.is_some() && before != after
}

fn holds(file: &Value) -> Option<String> {
    let environment = Environment::of([("HOME", "/home/lin")]);
    let loaded = parse(Path::new("chela.json"), &file.to_string(), &environment).ok()?;
    Some(format!("{:#?}", loaded.config))
}

fn place(target: &mut Value, steps: &[&str], value: Value) {
    let Some((step, rest)) = steps.split_first() else {
        *target = value;
        return;
    };
    if *step == "[]" {
        if !target.is_array() {
            *target = json!([]);
        }
        let list = target.as_array_mut().expect("it is one now");
        if list.is_empty() {
            list.push(Value::Null);
        }
        return place(&mut list[0], rest, value);
    }
    if !target.is_object() {
        *target = json!({});
    }
    let object = target.as_object_mut().expect("it is one now");
    let name = match *step {
        // The name that is there, if one is.
        "*" => object.keys().next().cloned().unwrap_or_else(|| "x".to_owned()),
        name => name.to_owned(),
    };
    place(object.entry(name).or_insert(Value::Null), rest, value);
}

/// What stands in the file beside a key for which nothing special is needed.
fn base(key: &str) -> Value {
    let bot = json!({ "clientId": "ding1", "clientSecret": "s", "groups": { "cid1": {} }, "dms": { "lin": {} } });
    let dingtalk = match key.starts_with("channels.dingtalk.accounts.") {
        true => json!({ "accounts": { "one": bot } }),
        false => bot,
    };
    let agents = match key.starts_with("agents.list") {
        true => json!({ "list": [{ "id": "main" }, { "id": "other" }] }),
        false => json!({ "entries": { "main": {}, "other": {} } }),
    };
    json!({
        "channels": { "dingtalk": dingtalk },
        "agents": agents,
        "models": { "providers": { "here": {
            "baseUrl": "http://127.0.0.1:1/v1", "models": [{ "id": "small" }],
        } } },
        "bindings": [{ "agentId": "other", "match": { "channel": "dingtalk" } }],
        "mcp": { "servers": { "notes": { "command": "notes" } } },
    })
}

/// The keys of a schema.
struct Keys<'a> {
    root: &'a Value,
    leaves: Vec<(String, &'a Value)>,
}

impl<'a> Keys<'a> {
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolved(self.root.pointer(reference.trim_start_matches('#')).expect("it is there")),
            None => schema,
        }
    }

    fn walk(&mut self, schema: &'a Value, key: String, inside: &mut Vec<&'a Value>) {
        let resolved = self.resolved(schema);
        if inside.iter().any(|outer| std::ptr::eq(*outer, resolved)) {
            return;
        }
        inside.push(resolved);
        let below = |name: &str| match key.as_str() {
            "" => name.to_owned(),
            key => format!("{key}.{name}"),
        };
        for form in ["anyOf", "oneOf"].into_iter().filter_map(|name| resolved[name].as_array()).flatten() {
            self.walk(form, key.clone(), inside);
        }
        if let Some(properties) = resolved["properties"].as_object() {
            for (name, schema) in properties {
                self.walk(schema, below(name), inside);
            }
        }
        if resolved["additionalProperties"].is_object() {
            self.walk(&resolved["additionalProperties"], below("*"), inside);
        }
        if resolved["items"].is_object() {
            self.walk(&resolved["items"], below("[]"), inside);
        }
        let kinds = kinds(resolved);
        let is_leaf = kinds.iter().any(|kind| matches!(*kind, "string" | "integer" | "number" | "boolean"))
            || resolved.get("const").is_some();
        if is_leaf {
            self.leaves.push((key, resolved));
        }
        inside.pop();
    }

    /// What may be written there, as far as the type tells.
    fn values(&self, leaf: &Value) -> Vec<Value> {
        if let Some(words) = leaf["enum"].as_array() {
            return words.clone();
        }
        if let Some(word) = leaf.get("const") {
            return vec![word.clone()];
        }
        let mut values = Vec::new();
        for kind in kinds(leaf) {
            match kind {
                "boolean" => values.extend([json!(true), json!(false)]),
                "integer" | "number" => {
                    let least = leaf["minimum"].as_i64().unwrap_or(0).max(1);
                    values.extend([json!(least + 1), json!(least + 6), json!(least)]);
                }
                "string" => values.extend([
                    json!("other"),
                    json!("https://other.example/v1"),
                    json!("other/model"),
                    json!("Asia/Tokyo"),
                ]),
                _ => {}
            }
        }
        values
    }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_key_that_changes_nothing_would_be_found() {
    let base = base("channels.dingtalk.debug");
    assert!(differs(&base, "channels.dingtalk.debug", json!(true)));
    assert!(!differs(&base, "channels.dingtalk.debug", json!(false)));
    assert!(!differs(&base, "channels.dingtalk.typo", json!(1)));
    let none = Value::Object(Map::new());
    assert!(!differs(&none, "channels.dingtalk.clientId", json!("without a secret")));
}
