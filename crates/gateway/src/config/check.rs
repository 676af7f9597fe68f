//! Compares a file with the schema of [`super::document`]: names, types, words and numbers, everything at once.
//!
//! The schema comes from the very types that are read afterwards, so that there is nothing to keep in step. What the
//! schema does not describe is taken out of the tree; what it does describe has its `${NAME}` filled in. What is wrong
//! becomes `null`, so that everything else can be read all the same and its faults are told, too.

use serde_json::Value as Json;

use super::environment::Environment;
use super::mask::{is_secret_block, is_secret_name};
use super::nearest::nearest;
use super::problem::{Expected, KeyPath, Problem, ProblemKind, Segment};
use super::tree::{Member, Node, Span, Value};
use super::unused;

/// Where `${NAME}` is looked up: the process first, then the file's own `env`.
pub(super) struct Variables<'a> {
    pub(super) environment: &'a Environment,
    pub(super) file: Vec<(String, String)>,
}

impl Variables<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let of_file = || {
            let found = self.file.iter().rev().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        self.environment.get(name).or_else(of_file)
    }
}

/// What the comparison found.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    /// Settings that OpenClaw knows and Chela does not use.
    pub(super) unused: Vec<String>,
}

/// Compares, fills in variables and takes out what is not known.
pub(super) fn check(node: &mut Node, schema: &Json, variables: &Variables<'_>) -> Findings {
    let mut checker = Checker {
        root: schema,
        variables,
        findings: Findings::default(),
    };
    checker.value(node, schema, &KeyPath::default());
    checker.findings
}

struct Checker<'a> {
    root: &'a Json,
    variables: &'a Variables<'a>,
    findings: Findings,
}

impl<'a> Checker<'a> {
    fn value(&mut self, node: &mut Node, schema: &'a Json, path: &KeyPath) {
        if matches!(node.value, Value::Null) {
            return;
        }
        let choices = self.choices(schema);
        let chosen = choices
            .iter()
            .copied()
            .find(|choice| accepts(choice, &node.value));
        let Some(chosen) = chosen else {
            self.wrong_type(node, &choices, path);
            node.value = Value::Null;
            return;
        };
        let known = self.findings.problems.len();
        match &mut node.value {
            Value::Object(members) => self.object(members, chosen, path),
            Value::List(nodes) => {
                for (index, node) in nodes.iter_mut().enumerate() {
                    self.value(node, &chosen["items"], &path.index(index));
                    if matches!(node.value, Value::Null) {
                        node.value = self.stand_in(&chosen["items"]);
                    }
                }
                return;
            }
            Value::Text(text) => {
                let filled = self.fill(text, &node.span, path);
                *text = filled;
                self.word(text, &node.span, chosen, path);
            }
            Value::Number(number) => {
                let number = number.clone();
                self.number(&number, &node.span, chosen, path);
            }
            Value::Boolean(_) | Value::Null => {}
        }
        let is_plain = !matches!(node.value, Value::Object(_));
        if is_plain && self.findings.problems.len() > known {
            node.value = Value::Null;
        }
    }

    /// What takes the place of an entry that is wrong, so that those behind it keep their numbers.
    fn stand_in(&self, schema: &'a Json) -> Value {
        let choices = self.choices(schema);
        let has = |name| {
            let fits = |choice: &&Json| types(choice).contains(&name) && words(choice).is_empty();
            choices.iter().any(fits)
        };
        match () {
            () if has("object") => Value::Object(Vec::new()),
            () if has("string") => Value::Text(String::new()),
            () => Value::Null,
        }
    }

    /// The schemas that a value may follow, with references and `Option`s resolved.
    fn choices(&self, schema: &'a Json) -> Vec<&'a Json> {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            return self
                .root
                .pointer(pointer)
                .map(|target| self.choices(target))
                .unwrap_or_default();
        }
        match schema["anyOf"].as_array() {
            Some(options) => options
                .iter()
                .flat_map(|option| self.choices(option))
                .collect(),
            None => vec![schema],
        }
    }

    fn object(&mut self, members: &mut Vec<Member>, schema: &'a Json, path: &KeyPath) {
        self.report_duplicates(members, path);
        let properties = schema["properties"].as_object();
        let additional = &schema["additionalProperties"];
        members.retain_mut(|member| {
            let known = properties.and_then(|properties| properties.get(&member.key));
            let path = path.key(&member.key);
            match (known, additional) {
                (Some(schema), _) | (None, schema @ Json::Object(_)) => {
                    self.value(&mut member.node, schema, &path)
                }
                (None, Json::Bool(true)) => {}
                (None, _) => {
                    let names = properties
                        .into_iter()
                        .flat_map(|properties| properties.keys());
                    self.unknown(member, names.map(String::as_str), &path);
                    return false;
                }
            }
            true
        });
    }

    fn report_duplicates(&mut self, members: &[Member], path: &KeyPath) {
        for (position, member) in members.iter().enumerate() {
            let before = members.iter().take(position);
            if before.into_iter().any(|other| other.key == member.key) {
                self.report(
                    ProblemKind::Duplicate,
                    path.key(&member.key),
                    &member.key_span,
                );
            }
        }
    }

    fn unknown<'n>(
        &mut self,
        member: &Member,
        known: impl Iterator<Item = &'n str>,
        path: &KeyPath,
    ) {
        let section = generic(path);
        let nearest = nearest(&member.key, known).map(str::to_owned);
        let unused = unused::is_listed(&section, &member.key)
            || (nearest.is_none() && unused::is_open(&section));
        if unused {
            let name = if section.is_empty() {
                member.key.clone()
            } else {
                format!("{section}.{}", member.key)
            };
            if !self.findings.unused.contains(&name) {
                self.findings.unused.push(name);
            }
        } else {
            self.report(
                ProblemKind::UnknownKey { nearest },
                path.clone(),
                &member.key_span,
            );
        }
    }

    fn wrong_type(&mut self, node: &Node, choices: &[&Json], path: &KeyPath) {
        let text = match &node.value {
            Value::Text(text) if !is_secret(path) => Some(text.clone()),
            _ => None,
        };
        let kind = ProblemKind::WrongType {
            expected: expected(choices),
            found: found(&node.value),
            text,
        };
        self.report(kind, path.clone(), &node.span);
    }

    fn word(&mut self, text: &str, span: &Span, schema: &Json, path: &KeyPath) {
        let allowed = words(schema);
        if allowed.is_empty() || allowed.contains(&text) {
            return;
        }
        let nearest = nearest(text, allowed.iter().copied()).map(str::to_owned);
        let kind = ProblemKind::NotAllowed {
            text: text.to_owned(),
            allowed: allowed.into_iter().map(str::to_owned).collect(),
            nearest,
        };
        self.report(kind, path.clone(), span);
    }

    fn number(&mut self, number: &serde_json::Number, span: &Span, schema: &Json, path: &KeyPath) {
        let bound = |name: &str| schema[name].as_f64();
        let value = number.as_f64().unwrap_or(f64::NAN);
        let (minimum, maximum) = (bound("minimum"), bound("maximum"));
        let fits = minimum.is_none_or(|minimum| value >= minimum)
            && maximum.is_none_or(|maximum| value <= maximum);
        if !fits {
            let kind = ProblemKind::OutOfRange {
                number: number.to_string(),
                minimum: schema["minimum"].as_i64(),
                maximum: schema["maximum"].as_i64(),
            };
            self.report(kind, path.clone(), span);
        }
    }

    /// Replaces `${NAME}` by the variable and `$${NAME}` by `${NAME}`; reports names that are not set.
    fn fill(&mut self, text: &str, span: &Span, path: &KeyPath) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let escaped = before.strip_suffix('$');
            filled.push_str(escaped.unwrap_or(before));
            rest = after;
            let name = after
                .split_once('}')
                .filter(|(name, _)| is_variable_name(name));
            match (escaped, name) {
                (None, Some((name, behind))) => {
                    match self.variables.get(name) {
                        Some(value) => filled.push_str(value),
                        None => {
                            let variable = name.to_owned();
                            self.report(
                                ProblemKind::MissingVariable { variable },
                                path.clone(),
                                span,
                            );
                        }
                    }
                    rest = behind;
                }
                _ => filled.push_str("${"),
            }
        }
        filled.push_str(rest);
        filled
    }

    fn report(&mut self, kind: ProblemKind, key: KeyPath, span: &Span) {
        self.findings.problems.push(Problem {
            kind,
            key,
            span: Some(span.clone()),
        });
    }
}

/// Whether the value of a setting must not be shown.
pub(super) fn is_secret(path: &KeyPath) -> bool {
    path.segments().iter().any(|segment| match segment {
        Segment::Key(key) => is_secret_name(key) || is_secret_block(key),
        Segment::Index(_) => false,
    })
}

/// The section of a setting, as the table of unused settings writes it: `agents.list.*` for `agents.list[0].tools`.
/// Free names are replaced, too.
fn generic(path: &KeyPath) -> String {
    let segments = path.segments();
    let section = segments
        .split_last()
        .map_or(segments, |(_, section)| section);
    let mut names: Vec<&str> = Vec::new();
    for segment in section {
        let free = names.last().is_some_and(|last| FREE.contains(last));
        names.push(match segment {
            Segment::Key(key) if !free => key,
            _ => "*",
        });
    }
    names.join(".")
}

/// Objects whose names are free.
const FREE: [&str; 6] = [
    "providers",
    "entries",
    "accounts",
    "groups",
    "resetByType",
    "resetByChannel",
];

fn is_variable_name(name: &str) -> bool {
    let first =
        name.starts_with(|character: char| character.is_ascii_uppercase() || character == '_');
    let other = |character: char| {
        character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
    };
    first && name.chars().all(other)
}

fn types(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(name) => vec![name],
        Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
        // Words with descriptions have no type of their own.
        _ if !words(schema).is_empty() => vec!["string"],
        _ => Vec::new(),
    }
}

fn words(schema: &Json) -> Vec<&str> {
    let plain = schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str);
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|option| {
        let single = option["const"].as_str();
        let several = option["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str);
        single.into_iter().chain(several)
    });
    plain.chain(described).collect()
}

fn accepts(schema: &Json, value: &Value) -> bool {
    types(schema).into_iter().any(|name| match (name, value) {
        ("boolean", Value::Boolean(_))
        | ("string", Value::Text(_))
        | ("array", Value::List(_))
        | ("object", Value::Object(_))
        | ("number", Value::Number(_)) => true,
        ("integer", Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    })
}

fn expected(choices: &[&Json]) -> Expected {
    let names: Vec<&str> = choices
        .iter()
        .flat_map(|choice| types(choice))
        .filter(|name| *name != "null")
        .collect();
    let has = |name| names.contains(&name);
    match () {
        () if has("object") && has("string") => Expected::TextOrObject,
        () if has("object") && has("boolean") => Expected::BooleanOrObject,
        () if has("object") => Expected::Object,
        () if has("array") => Expected::List,
        () if has("boolean") => Expected::Boolean,
        () if has("integer") => Expected::Integer,
        () if has("number") => Expected::Number,
        () => Expected::Text,
    }
}

fn found(value: &Value) -> Expected {
    match value {
        Value::Null => Expected::Null,
        Value::Boolean(_) => Expected::Boolean,
        Value::Number(_) => Expected::Number,
        Value::Text(_) => Expected::Text,
        Value::List(_) => Expected::List,
        Value::Object(_) => Expected::Object,
    }
}
