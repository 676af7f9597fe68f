//! `.env`: files of variables that fill what the process does not have.

use std::path::PathBuf;

use super::environment::{Environment, variable};
use super::problem::{KeyPath, Problem, ProblemKind};
use super::source::{Source, Sources};
use super::tree::Span;

/// The name of such files.
const NAME: &str = ".env";

/// The files that are looked for, the strongest first: beside whoever starts the program, in the state directory, and
/// OpenClaw's (reference of OpenClaw core §1.2).
pub(super) fn places(environment: &Environment) -> Vec<PathBuf> {
    let home = environment.path(variable::HOME);
    let state = environment.path(variable::STATE);
    let state = state.or_else(|| home.as_ref().map(|home| home.join(".chela")));
    let openclaw = home.map(|home| home.join(".openclaw"));
    let folders = [Some(PathBuf::new()), state, openclaw];
    let mut places: Vec<PathBuf> = Vec::new();
    for place in folders
        .into_iter()
        .flatten()
        .map(|folder| folder.join(NAME))
    {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Adds the variables of the files. Lines that are none are told.
pub(super) fn extend(
    environment: &Environment,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Environment {
    let mut extended = environment.clone();
    for place in places(environment) {
        // That there is none, or none that may be read, is the usual case.
        let Ok(source) = Source::read_included(&place) else {
            continue;
        };
        let offset = sources.add(source);
        let text = sources.last().text();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            match parse(content) {
                Line::Variable(name, value) => extended = extended.with([(name, value)]),
                Line::Nothing => {}
                Line::Other => problems.push(fault(start + offset..start + offset + content.len())),
            }
            start += line.len();
        }
    }
    extended
}

enum Line<'a> {
    Variable(&'a str, &'a str),
    Nothing,
    Other,
}

fn parse(line: &str) -> Line<'_> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Line::Nothing;
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let Some((name, value)) = line.split_once('=') else {
        return Line::Other;
    };
    let name = name.trim();
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(is_part) {
        return Line::Other;
    }
    Line::Variable(name, unquoted(value.trim()))
}

/// The value without its quotes; without a remark behind it when it has none.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote)
            && let Some((inner, _)) = inner.split_once(quote)
        {
            return inner;
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end()
}

fn fault(span: Span) -> Problem {
    Problem {
        kind: ProblemKind::NotVariable,
        key: KeyPath::default(),
        span: Some(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str)>) {
        let found = match parse(line) {
            Line::Variable(name, value) => Some((name, value)),
            Line::Nothing | Line::Other => None,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_are_read_as_shells_write_them() {
        check("KEY=value", Some(("KEY", "value")));
        check("export KEY = \"a # b\" # c", Some(("KEY", "a # b")));
        check("KEY='密钥'", Some(("KEY", "密钥")));
        check("KEY=a#b # remark", Some(("KEY", "a#b")));
        check("KEY=", Some(("KEY", "")));
        check("# KEY=value", None);
        check("KEY: value", None);
        check("a b=c", None);
    }
}
