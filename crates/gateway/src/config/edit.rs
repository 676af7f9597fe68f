//! Changes single settings in the text of a file and leaves everything else as it is: comments, order, white space.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use serde_json::Value;

use super::problem::{KeyPath, Segment};

/// Why a setting cannot be changed. The text itself must be sound: it was read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is no JSON5.
    #[error("the text is not sound")]
    Broken,
    /// The way leads through something that is neither object nor list, or past the end of a list.
    #[error("there is nothing of this kind on the way")]
    NoWay,
    /// There is nothing to take out.
    #[error("there is no such setting")]
    Absent,
}

/// Reads a value of any kind; `None` for what is no JSON5.
pub fn value(text: &str) -> Option<Value> {
    parse(text).ok()?.to_serde_value()
}

/// Puts a value at the end of a way; objects on the way are made.
pub fn set(text: &str, key: &KeyPath, value: &Value) -> Result<String, EditError> {
    let root = parse(text)?;
    let object = root.object_value_or_create().ok_or(EditError::NoWay)?;
    put(&object, key.segments(), value)?;
    Ok(root.to_string())
}

/// Takes a setting out.
pub fn unset(text: &str, key: &KeyPath) -> Result<String, EditError> {
    let root = parse(text)?;
    let object = root.object_value().ok_or(EditError::Absent)?;
    let mut node = CstNode::from(object);
    let (last, way) = key.segments().split_last().ok_or(EditError::NoWay)?;
    for segment in way {
        node = step(&node, segment).ok_or(EditError::Absent)?;
    }
    match last {
        Segment::Key(name) => {
            let object = node.as_object().ok_or(EditError::Absent)?;
            // A name that is written twice is gone only when both are.
            let mut is_gone = false;
            while let Some(property) = property(&object, name) {
                property.remove();
                is_gone = true;
            }
            if !is_gone {
                return Err(EditError::Absent);
            }
        }
        Segment::Index(index) => {
            let list = node.as_array().ok_or(EditError::Absent)?;
            let element = list.elements().into_iter().nth(*index);
            element.ok_or(EditError::Absent)?.remove();
        }
    }
    Ok(root.to_string())
}

/// Lays a document over the text (RFC 7396): `null` takes a setting out, objects are joined, anything else replaces.
pub fn patch(text: &str, over: &Value) -> Result<String, EditError> {
    let mut text = text.to_owned();
    for (key, value) in leaves(over, &KeyPath::default()) {
        text = match value {
            Value::Null => match unset(&text, &key) {
                Err(EditError::Absent) => text,
                changed => changed?,
            },
            value => set(&text, &key, value)?,
        };
    }
    Ok(text)
}

/// The settings of a patch, each with its way.
fn leaves<'a>(value: &'a Value, key: &KeyPath) -> Vec<(KeyPath, &'a Value)> {
    match value {
        Value::Object(entries) if !entries.is_empty() || key.is_empty() => entries
            .iter()
            .flat_map(|(name, value)| leaves(value, &key.key(name)))
            .collect(),
        value => vec![(key.clone(), value)],
    }
}

fn parse(text: &str) -> Result<CstRootNode, EditError> {
    let options = ParseOptions {
        allow_missing_commas: false,
        allow_non_finite_numbers: false,
        ..ParseOptions::default()
    };
    CstRootNode::parse(text, &options).map_err(|_| EditError::Broken)
}

fn put(object: &CstObject, way: &[Segment], value: &Value) -> Result<(), EditError> {
    let (Some(Segment::Key(name)), rest) = (way.first(), way.get(1..).unwrap_or_default()) else {
        return Err(EditError::NoWay);
    };
    let found = property(object, name);
    match (found, rest.first()) {
        (Some(property), None) => property.set_value(input(value)),
        (None, None) => {
            object.append(name, input(value));
        }
        (Some(property), Some(Segment::Key(_))) => {
            let inner = match property.value() {
                Some(value) if value.as_object().is_none() && value.as_null_keyword().is_none() => {
                    return Err(EditError::NoWay);
                }
                _ => property.object_value_or_set(),
            };
            put(&inner, rest, value)?;
        }
        (None, Some(Segment::Key(_))) => {
            object.append(name, CstInputValue::Object(Vec::new()));
            let made = property_of(object, name)?;
            put(&made.object_value_or_set(), rest, value)?;
        }
        (Some(property), Some(Segment::Index(index))) => {
            put_in_list(&property, *index, rest.get(1..).unwrap_or_default(), value)?;
        }
        (None, Some(Segment::Index(index))) => {
            object.append(name, CstInputValue::Array(Vec::new()));
            let made = property_of(object, name)?;
            put_in_list(&made, *index, rest.get(1..).unwrap_or_default(), value)?;
        }
    }
    Ok(())
}

fn put_in_list(
    property: &CstObjectProp,
    index: usize,
    rest: &[Segment],
    value: &Value,
) -> Result<(), EditError> {
    let list = property.array_value().ok_or(EditError::NoWay)?;
    let elements = list.elements();
    match (elements.get(index), rest.is_empty()) {
        (Some(element), false) => {
            let object = element.as_object().ok_or(EditError::NoWay)?;
            put(&object, rest, value)
        }
        (Some(element), true) => replace(element, input(value)).ok_or(EditError::NoWay),
        (None, true) if index == elements.len() => {
            list.append(input(value));
            Ok(())
        }
        (None, false) if index == elements.len() => {
            list.append(CstInputValue::Object(Vec::new()));
            let made = list.elements().pop().and_then(|made| made.as_object());
            put(&made.ok_or(EditError::NoWay)?, rest, value)
        }
        _ => Err(EditError::NoWay),
    }
}

/// Puts a value in the place of another one of a list.
fn replace(element: &CstNode, value: CstInputValue) -> Option<()> {
    let replaced = match element {
        node if node.as_object().is_some() => node.as_object()?.replace_with(value),
        node if node.as_array().is_some() => node.as_array()?.replace_with(value),
        node if node.as_string_lit().is_some() => node.as_string_lit()?.replace_with(value),
        node if node.as_number_lit().is_some() => node.as_number_lit()?.replace_with(value),
        node if node.as_boolean_lit().is_some() => node.as_boolean_lit()?.replace_with(value),
        node => node.as_null_keyword()?.replace_with(value),
    };
    replaced.map(drop)
}

/// The entry that counts: the last of its name.
fn property(object: &CstObject, name: &str) -> Option<CstObjectProp> {
    let mut properties = object.properties().into_iter().rev();
    properties.find(|property| property.decoded_name().as_deref() == Some(name))
}

fn property_of(object: &CstObject, name: &str) -> Result<CstObjectProp, EditError> {
    property(object, name).ok_or(EditError::NoWay)
}

fn step(node: &CstNode, segment: &Segment) -> Option<CstNode> {
    match segment {
        Segment::Key(name) => property(&node.as_object()?, name)?.value(),
        Segment::Index(index) => node.as_array()?.elements().into_iter().nth(*index),
    }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(entries) => CstInputValue::Object(
            entries
                .iter()
                .map(|(name, value)| (name.clone(), input(value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FILE: &str = "// 我的配置\n{\n  logging: { level: 'info' }, // 日志\n  /* 机器人 */\n  \"channels\": {\n    dingtalk: {\n      clientId: \"ding\", // id\n      allowFrom: ['a', 'b',],\n    },\n  },\n}\n";

    #[test]
    fn one_setting_changes_and_the_rest_stays_to_the_byte() {
        let key = KeyPath::from("channels.dingtalk.clientId");
        let changed = set(FILE, &key, &json!("钉🦞")).unwrap();
        assert_eq!(changed, FILE.replace("\"ding\"", "\"钉🦞\""));
        let key = KeyPath::from("channels.dingtalk.allowFrom").index(1);
        let changed = set(FILE, &key, &json!("c")).unwrap();
        assert!(changed.contains("['a', \"c\""), "{changed}");
        let back = set(&changed, &key, &json!("b")).unwrap();
        assert_eq!(back.replace("\"b\"", "'b'"), FILE);
    }

    #[test]
    fn what_is_not_there_is_made_and_goes_again() {
        let key = KeyPath::from("channels.dingtalk.dmPolicy");
        let changed = set(FILE, &key, &json!("open")).unwrap();
        for kept in ["// 我的配置", "// 日志", "/* 机器人 */", "// id", "'b',]"] {
            assert!(changed.contains(kept), "{kept}: {changed}");
        }
        assert_eq!(unset(&changed, &key).unwrap(), FILE);
        assert_eq!(unset(FILE, &key), Err(EditError::Absent));
        let deep = KeyPath::from("bindings")
            .index(0)
            .key("match")
            .key("channel");
        let made = set("{}", &deep, &json!("dingtalk")).unwrap();
        let read: Value = serde_json::from_str(&made).unwrap();
        assert_eq!(
            read,
            json!({ "bindings": [{ "match": { "channel": "dingtalk" } }] })
        );
        let through = KeyPath::from("logging.level.deeper");
        assert_eq!(set(FILE, &through, &json!(1)), Err(EditError::NoWay));
        assert_eq!(set("{ a:", &through, &json!(1)), Err(EditError::Broken));
    }

    #[test]
    fn a_patch_joins_objects_and_takes_out_what_is_null() {
        let over =
            json!({ "logging": { "level": null }, "channels": { "dingtalk": { "debug": true } } });
        let changed = patch(FILE, &over).unwrap();
        assert!(!changed.contains("level"), "{changed}");
        assert!(
            changed.contains("\"debug\": true") || changed.contains("debug: true"),
            "{changed}"
        );
        assert!(changed.contains("// id"), "{changed}");
    }
}
