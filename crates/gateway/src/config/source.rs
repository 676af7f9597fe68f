//! The bytes of configuration files, and the places in them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::mask::{Grammar, mask};
use super::problem::{IncludeFault, KeyPath, Problem, ProblemKind};
use crate::catalogue::report::{Excerpt, Place};
use crate::catalogue::{Code, Failure, to_utf8};

/// The largest file that is read.
const MAXIMUM_SIZE: u64 = 4 * 1024 * 1024;

/// The largest file that another one includes (reference of OpenClaw core §1.2).
const MAXIMUM_INCLUDED: u64 = 2 * 1024 * 1024;

/// The files of one configuration. Places in them are counted as if their texts stood behind each other.
#[derive(Debug)]
pub(super) struct Sources(Vec<(usize, Source)>);

impl Sources {
    /// The file that was named.
    pub(super) fn new(main: Source) -> Self {
        Self(vec![(0, main)])
    }

    /// Adds a file; tells where its places begin.
    pub(super) fn add(&mut self, source: Source) -> usize {
        let (offset, last) = self.0.last().expect("there is always the main file");
        // One between them, so that the end of a file is not the beginning of the next.
        let offset = offset + last.text.len() + 1;
        self.0.push((offset, source));
        offset
    }

    /// The file that was named.
    pub(super) fn main(&self) -> &Source {
        &self.0.first().expect("there is always the main file").1
    }

    /// The file that was added last.
    pub(super) fn last(&self) -> &Source {
        &self.0.last().expect("there is always the main file").1
    }

    /// The files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|(_, source)| source.path.as_path())
    }

    /// The place of a problem, with its line and without secrets.
    pub(super) fn place(&self, problem: &Problem) -> Place {
        let start = problem.span.as_ref().map_or(0, |span| span.start);
        let found = self.0.iter().rev().find(|(offset, _)| *offset <= start);
        let (offset, source) = found.expect("the main file begins at 0");
        let span = problem.span.clone();
        let span = span.map(|span| span.start - offset..span.end - offset);
        source.place(&Problem {
            span,
            ..problem.clone()
        })
    }
}

/// The text of a configuration file.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = match read_limited(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let code = match error.kind() {
                    io::ErrorKind::NotFound => Code::ConfigNotFound,
                    _ => Code::ConfigUnreadable,
                };
                return Err(Failure::new(code)
                    .at_file(path.to_path_buf())
                    .caused_by(&error));
            }
        };
        if bytes.len() as u64 > MAXIMUM_SIZE {
            return Err(Failure::new(Code::ConfigTooLarge).at_file(path.to_path_buf()));
        }
        Self::from_bytes(path, bytes)
    }

    /// Reads a file that another one includes.
    pub(super) fn read_included(path: &Path) -> Result<Self, IncludeFault> {
        let name = path.display().to_string();
        let bytes = read_limited(path).map_err(|error| IncludeFault::Unreadable {
            path: name.clone(),
            reason: error.to_string(),
        })?;
        if bytes.len() as u64 > MAXIMUM_INCLUDED {
            return Err(IncludeFault::TooLarge { path: name });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::of_text(path, text.trim_start_matches('\u{feff}'))),
            Err(_) => Err(IncludeFault::NotText { path: name }),
        }
    }

    fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, Failure> {
        let path = path.to_path_buf();
        match String::from_utf8(bytes) {
            Ok(text) => {
                // Windows editors put a mark in front of UTF-8 that is no part of the text.
                let text = text
                    .strip_prefix('\u{feff}')
                    .map(str::to_owned)
                    .unwrap_or(text);
                Ok(Self { path, text })
            }
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let bytes = error.into_bytes();
                let kind = ProblemKind::NotText {
                    encoding: guess_encoding(&bytes),
                };
                // The good beginning is enough to tell the place; the line itself cannot be shown.
                let good =
                    String::from_utf8_lossy(bytes.get(..offset).unwrap_or_default()).into_owned();
                let problem = Problem {
                    kind,
                    key: KeyPath::default(),
                    span: None,
                };
                let (line, column) = position(&good, good.len());
                let hint = guess_encoding(&bytes).map(|encoding| to_utf8(&path, encoding));
                let place = Place::new(path).at(line, column);
                let failure = Failure::of_problem(&problem, Some(place));
                Err(match hint {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                })
            }
        }
    }

    /// A text that stands in no file: for tests.
    pub(super) fn of_text(path: &Path, text: &str) -> Self {
        Self {
            path: path.to_path_buf(),
            text: text.to_owned(),
        }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The place of a problem, with its line and without secrets.
    fn place(&self, problem: &Problem) -> Place {
        let place = Place::new(self.path.clone());
        let place = match &problem.span {
            Some(span) => {
                let (line, column) = position(&self.text, span.start);
                let length = self.text.get(span.clone()).map_or(1, first_line_length);
                let grammar = match problem.kind {
                    ProblemKind::Syntax(_) => Grammar::Broken,
                    _ => Grammar::Sound,
                };
                let excerpt = self.excerpt((line, column), length, grammar);
                place.at(line, column).showing(excerpt)
            }
            None => place,
        };
        if problem.key.is_empty() {
            place
        } else {
            place.key(problem.key.to_string())
        }
    }

    fn excerpt(&self, (line, column): (usize, usize), length: usize, grammar: Grammar) -> Excerpt {
        let masked = mask(&self.text, grammar);
        let shown = masked
            .split(|&character| character == '\n')
            .nth(line - 1)
            .unwrap_or_default();
        Excerpt::new(shown, column - 1, length)
    }
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAXIMUM_SIZE + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Line and column of an offset, both from 1, the column in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

fn first_line_length(text: &str) -> usize {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        .max(1)
}

/// What bytes that are not UTF-8 probably are: these two are what Chinese Windows produces.
fn guess_encoding(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some("UTF-16");
    }
    let mut rest = bytes.iter();
    while let Some(&first) = rest.next() {
        if first >= 0x80 {
            let second = *rest.next()?;
            let is_pair =
                (0x81..=0xfe).contains(&first) && (0x40..=0xfe).contains(&second) && second != 0x7f;
            if !is_pair {
                return None;
            }
        }
    }
    Some("GBK")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_chinese_windows_are_recognised() {
        assert_eq!(guess_encoding(b"\xff\xfe{\0"), Some("UTF-16"));
        assert_eq!(guess_encoding(b"{ name: '\xd0\xa1\xb6\xa4' }"), Some("GBK"));
        assert_eq!(guess_encoding(b"{ \xd0 }"), None);
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("{ 名: '小钉' }", "{ 名: '小".len()), (1, 8));
        assert_eq!(position("{\n\n a", 4), (3, 2));
    }
}
