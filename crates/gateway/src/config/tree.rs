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

    /// Moves everything: the text stands behind others.
    pub(super) fn shift(&mut self, offset: usize) {
        let shift = |span: &mut Span| *span = span.start + offset..span.end + offset;
        shift(&mut self.span);
        match &mut self.value {
            Value::List(nodes) => nodes.iter_mut().for_each(|node| node.shift(offset)),
            Value::Object(members) => members.iter_mut().for_each(|member| {
                shift(&mut member.key_span);
                member.node.shift(offset);
            }),
            _ => {}
        }
    }

    /// The value as serde reads it. `null` means that a setting is not set, so such entries are left out.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::Text(text) => text.clone().into(),
            Value::List(nodes) => {
                let set = nodes
                    .iter()
                    .filter(|node| !matches!(node.value, Value::Null));
                set.map(Self::to_json).collect()
            }
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

/// Faults of one kind that are told of one file.
const MOST_FAULTS: usize = 20;

/// Reads a text. On failure, tells how and where it is no JSON5: all punctuation that was pasted from a web page, since
/// there is seldom only one, else the first fault.
pub(super) fn parse(text: &str) -> Result<Node, Vec<(SyntaxError, Span)>> {
    let mut faults = Vec::new();
    let mut mended = text.to_owned();
    loop {
        let (fault, span) = match parse_once(&mended) {
            Ok(node) if faults.is_empty() => return Ok(node),
            Ok(_) => return Err(faults),
            Err(fault) => fault,
        };
        let instead = match &fault {
            SyntaxError::FullWidth { instead, .. } => *instead,
            SyntaxError::Invisible { .. } => ' ',
            _ if faults.is_empty() => return Err(vec![(fault, span)]),
            // What is left may come from the mending.
            _ => return Err(faults),
        };
        faults.push((fault, span.clone()));
        if faults.len() == MOST_FAULTS {
            return Err(faults);
        }
        // Of the same length, so that what follows keeps its place.
        let width = span.len();
        mended.replace_range(span, &format!("{instead:<width$}"));
    }
}

fn parse_once(text: &str) -> Result<Node, (SyntaxError, Span)> {
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
    let found = text.get(range.start..).and_then(|rest| rest.chars().next());
    if let Some(found) = found.filter(|found| is_invisible(*found)) {
        let span = range.start..range.start + found.len_utf8();
        return (SyntaxError::Invisible { found }, span);
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
        let (offset, character) = misplaced_quote(line)?;
        Some((line_start + offset, character, ascii_of(character)?))
    };
    let (start, found, instead) = at.or_else(quote)?;
    Some((
        SyntaxError::FullWidth { found, instead },
        start..start + found.len_utf8(),
    ))
}

/// The first full-width quote that stands where a text begins, or in one that does not end in its line.
fn misplaced_quote(line: &str) -> Option<(usize, char)> {
    let is_full_width = |character: char| "“”‘’＂".contains(character);
    let mut opened = None;
    let mut inside = None;
    for (offset, character) in line.char_indices() {
        match (opened, character) {
            (None, '"' | '\'') => (opened, inside) = (Some(character), None),
            (Some(quote), _) if quote == character => (opened, inside) = (None, None),
            (None, _) if is_full_width(character) => return Some((offset, character)),
            (Some(_), _) if is_full_width(character) => {
                inside = inside.or(Some((offset, character)))
            }
            _ => {}
        }
    }
    inside
}

/// What web pages and chat programs put between words, and nobody sees.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
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
