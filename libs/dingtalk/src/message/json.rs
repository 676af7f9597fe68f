//! JSON as the platform writes it: objects inside strings, numbers inside strings, halves of emojis.

use std::borrow::Cow;

use serde_json::Value;

/// Reads JSON; half of an emoji is replaced.
pub(crate) fn parse(data: &str) -> Option<Value> {
    serde_json::from_str(data)
        .or_else(|_| serde_json::from_str(&without_half_characters(data)))
        .ok()
}

/// The platform sends objects also as strings that hold JSON (§3.2).
pub(crate) fn object(value: &Value) -> Cow<'_, Value> {
    unwrapped(value, Value::is_object)
}

/// Lists come as strings too (§3.3, chat records).
pub(super) fn list(value: &Value) -> Cow<'_, Value> {
    unwrapped(value, Value::is_array)
}

fn unwrapped(value: &Value, wanted: fn(&Value) -> bool) -> Cow<'_, Value> {
    let inner = value.as_str().and_then(parse).filter(wanted);
    inner.map_or(Cow::Borrowed(value), Cow::Owned)
}

/// Text that is not empty.
pub(crate) fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// An identifier: text, or a number that somebody did not quote.
pub(crate) fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        other => text(other),
    }
}

/// A whole number, quoted or not.
pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
}

/// Yes or no, quoted or not.
pub(crate) fn flag(value: &Value) -> bool {
    *value == true || *value == "true"
}

/// JSON writes an emoji as two escapes. Where one of them was cut off, a mark stands in its place, so that the rest can be
/// read.
fn without_half_characters(data: &str) -> String {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let is_high = |unit: u16| (0xd800..0xdc00).contains(&unit);
    let is_low = |unit: u16| (0xdc00..0xe000).contains(&unit);
    let mut mended = String::with_capacity(data.len());
    let mut rest = data;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        // An escape has two characters, one with a code point six, a pair of them twelve.
        let length = match unit(escape) {
            Some(first) if is_high(first) && escape.get(6..).and_then(unit).is_some_and(is_low) => {
                12
            }
            Some(first) if is_high(first) || is_low(first) => {
                mended.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            Some(_) => 6,
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (whole, behind) = escape.split_at(length);
        mended.push_str(whole);
        rest = behind;
    }
    mended.push_str(rest);
    mended
}
