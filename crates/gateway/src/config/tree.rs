//! The file as a tree in which everything knows its place, and how a text fails to be one.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Number};

use super::problem::SyntaxError;

/// A stretch of the text, in bytes.
pub(super) type Span = Range<usize>;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) value: Value,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// An entry of an object.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) node: Node,
}

impl Node {
    /// The entries of an object, none of anything else.
    pub(super) fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The entry of an object that counts: the last of its name.
    pub(super) fn get(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|member| member.key == key)
    }

    /// The value as serde reads it. `null` means that a setting is not set, so such entries are left out.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::Text(text) => text.clone().into(),
            Value::List(nodes) => nodes.iter().map(Self::to_json).collect(),
            Value::Object(members) => {
                let set = members
                    .iter()
                    .filter(|member| !matches!(member.node.value, Value::Null));
                let entries: Map<_, _> = set
                    .map(|member| (member.key.clone(), member.node.to_json()))
                    .collect();
                entries.into()
            }
        }
    }
}

/// Reads a text. On failure, tells how and where it is no JSON5.
pub(super) fn parse(text: &str) -> Result<Node, (SyntaxError, Span)> {
    let options = ParseOptions {
        allow_missing_commas: false,
        allow_non_finite_numbers: false,
        ..ParseOptions::default()
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| explain(text, &error))?;
    match parsed.value {
        None => Err((SyntaxError::Empty, 0..0)),
        Some(value @ ast::Value::Object(_)) => Ok(convert(value)),
        Some(other) => {
            let node = convert(other);
            Err((SyntaxError::NotObject, node.span))
        }
    }
}

fn convert(value: ast::Value<'_>) -> Node {
    let (range, value) = match value {
        ast::Value::NullKeyword(null) => (null.range, Value::Null),
        ast::Value::BooleanLit(boolean) => (boolean.range, Value::Boolean(boolean.value)),
        ast::Value::NumberLit(number) => (number.range, convert_number(number.value)),
        ast::Value::StringLit(text) => (text.range, Value::Text(text.value.into_owned())),
        ast::Value::Array(list) => (
            list.range,
            Value::List(list.elements.into_iter().map(convert).collect()),
        ),
        ast::Value::Object(object) => (
            object.range,
            Value::Object(object.properties.into_iter().map(convert_member).collect()),
        ),
    };
    Node {
        span: range.start..range.end,
        value,
    }
}

fn convert_member(property: ast::ObjectProp<'_>) -> Member {
    let range = match &property.name {
        ast::ObjectPropName::String(text) => text.range,
        ast::ObjectPropName::Word(word) => word.range,
    };
    Member {
        key: property.name.into_string(),
        key_span: range.start..range.end,
        node: convert(property.value),
    }
}

/// JSON5 writes numbers in more ways than JSON: `0x1F`, `+1`, `.5`, `5.`.
fn convert_number(written: &str) -> Value {
    let unsigned = written.trim_start_matches(['+', '-']);
    let hexadecimal = unsigned
        .strip_prefix("0x")
        .or_else(|| unsigned.strip_prefix("0X"));
    let number = match hexadecimal {
        Some(digits) => i64::from_str_radix(digits, 16).ok().map(|value| {
            let sign = if written.starts_with('-') { -1 } else { 1 };
            Number::from(sign * value)
        }),
        None => written
            .trim_start_matches('+')
            .parse::<Number>()
            .ok()
            .or_else(|| Number::from_f64(written.parse().ok()?)),
    };
    // What is no number after all keeps its writing, so that the check names it.
    number.map_or_else(|| Value::Text(written.to_owned()), Value::Number)
}

fn explain(text: &str, error: &ParseError) -> (SyntaxError, Span) {
    let range = error.range();
    if let Some(found) = full_width(text, range.start) {
        return found;
    }
    let kind = match error.kind() {
        ParseErrorKind::ExpectedComma => SyntaxError::MissingComma,
        ParseErrorKind::ExpectedColonAfterObjectKey => SyntaxError::MissingColon,
        ParseErrorKind::ExpectedObjectValue => SyntaxError::MissingValue,
        ParseErrorKind::String(_) => SyntaxError::UnclosedText,
        ParseErrorKind::UnterminatedObject => SyntaxError::UnclosedObject,
        ParseErrorKind::UnterminatedArray => SyntaxError::UnclosedList,
        ParseErrorKind::UnterminatedCommentBlock => SyntaxError::UnclosedComment,
        ParseErrorKind::MultipleRootJsonValues => SyntaxError::Trailing,
        ParseErrorKind::NestingDepthExceeded => SyntaxError::TooDeep,
        ParseErrorKind::UnexpectedWord => SyntaxError::BareWord,
        _ => SyntaxError::Unexpected,
    };
    (kind, range.start..range.end)
}

/// Chinese punctuation that was typed or pasted in place of JSON's: at the error, or a quote anywhere in its line.
/// (A quote that does not close a text makes the error appear further on; commas also stand in honest text.)
fn full_width(text: &str, position: usize) -> Option<(SyntaxError, Span)> {
    let (before, after) = text.split_at_checked(position)?;
    let at = after
        .chars()
        .next()
        .and_then(|found| Some((position, found, ascii_of(found)?)));
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let (_, line) = text.split_at_checked(line_start)?;
    let line = line.lines().next().unwrap_or_default();
    let quote = || {
        let found = line
            .char_indices()
            .find(|(_, character)| "“”‘’＂".contains(*character));
        found.and_then(|(offset, character)| {
            Some((line_start + offset, character, ascii_of(character)?))
        })
    };
    let (start, found, instead) = at.or_else(quote)?;
    Some((
        SyntaxError::FullWidth { found, instead },
        start..start + found.len_utf8(),
    ))
}

fn ascii_of(character: char) -> Option<char> {
    match character {
        '“' | '”' | '＂' => Some('"'),
        '‘' | '’' => Some('\''),
        '，' | '、' => Some(','),
        '：' => Some(':'),
        '｛' => Some('{'),
        '｝' => Some('}'),
        '［' | '【' => Some('['),
        '］' | '】' => Some(']'),
        _ => None,
    }
}
