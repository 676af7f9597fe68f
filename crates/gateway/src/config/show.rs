//! What stands in a file, shown without its secrets.

use serde_json::Value;

use super::include;
use super::locate::Location;
use super::mask::{is_secret_block, is_secret_name};
use super::problem::{KeyPath, Segment};
use super::source::{Source, Sources};
use super::tree;
use crate::catalogue::Failure;

/// What stands for a secret.
const MASK: &str = "******";
/// What stands for one where OpenClaw shows it.
const MASK_OF_OPENCLAW: &str = "__OPENCLAW_REDACTED__";

/// What a file says about a setting, with what it includes and without secrets; `None` when it says nothing. A file that is
/// no configuration otherwise can still be shown, as long as it is JSON5.
pub fn show(location: &Location, key: &KeyPath) -> Result<Option<Value>, Failure> {
    let Location::File(path) = location else {
        return Ok(None);
    };
    let mut sources = Sources::new(Source::read(path)?);
    let mut problems = Vec::new();
    let Ok(mut tree) = tree::parse(sources.main().text()) else {
        // Says what is wrong and where.
        return match super::load(location, &super::Environment::default()) {
            Err(failure) => Err(failure),
            Ok(_) => Ok(None),
        };
    };
    include::expand(&mut tree, &mut sources, &mut problems);
    let mut value = tree.to_json();
    mask(&mut value, false);
    let mut found = Some(&value);
    for segment in key.segments() {
        found = match (segment, found) {
            (Segment::Key(name), Some(Value::Object(entries))) => entries.get(name),
            (Segment::Index(index), Some(Value::Array(values))) => values.get(*index),
            _ => None,
        };
    }
    Ok(found.cloned())
}

/// Hides what is secret in a value that stands at `key`.
pub fn masked(key: &KeyPath, value: &Value) -> Value {
    let mut value = value.clone();
    mask(&mut value, super::check::is_secret(key));
    value
}

/// Whether a value holds what only stands for a secret, so that writing it would lose one.
pub fn holds_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => text == MASK || text.contains(MASK_OF_OPENCLAW),
        Value::Array(values) => values.iter().any(holds_mask),
        Value::Object(entries) => entries.values().any(holds_mask),
        _ => false,
    }
}

fn mask(value: &mut Value, is_secret: bool) {
    match value {
        Value::Object(entries) => {
            // That says where the secret is, and is none.
            let is_reference = entries.contains_key("source");
            for (name, value) in entries {
                let is_secret = is_secret && !is_reference;
                mask(
                    value,
                    is_secret || is_secret_name(name) || is_secret_block(name),
                );
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| mask(value, is_secret)),
        Value::String(text) if is_secret && !is_variable(text) && !text.is_empty() => {
            MASK.clone_into(text);
        }
        Value::Number(_) if is_secret => *value = Value::from(MASK),
        _ => {}
    }
}

fn is_variable(text: &str) -> bool {
    text.starts_with("${") && text.ends_with('}')
}
