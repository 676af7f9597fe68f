//! `$include`: other files that take the place of an object, as OpenClaw reads them (reference of OpenClaw core §1.2).

use std::path::{Path, PathBuf};

use super::problem::{IncludeFault, KeyPath, Problem, ProblemKind};
use super::source::{Source, Sources};
use super::tree::{self, Member, Node, Span, Value};

/// The key that stands for other files.
pub(super) const KEY: &str = "$include";
/// Files in files, at most.
const DEEPEST: usize = 10;

/// Puts the files in their places. Everything that is wrong is added to `problems`.
pub(super) fn expand(node: &mut Node, sources: &mut Sources, problems: &mut Vec<Problem>) {
    let main = sources.main().path().to_path_buf();
    let folder = main.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut including = Including {
        root: canonical(&folder),
        sources,
        problems,
        chain: vec![canonical(&main)],
    };
    including.walk(node, &folder, &KeyPath::default());
}

struct Including<'a> {
    /// Nothing outside is read.
    root: PathBuf,
    sources: &'a mut Sources,
    problems: &'a mut Vec<Problem>,
    /// The files that are being read, the outermost first.
    chain: Vec<PathBuf>,
}

impl Including<'_> {
    fn walk(&mut self, node: &mut Node, folder: &Path, key: &KeyPath) {
        match &mut node.value {
            Value::List(nodes) => {
                for (index, node) in nodes.iter_mut().enumerate() {
                    self.walk(node, folder, &key.index(index));
                }
            }
            Value::Object(members) => {
                let (includes, own): (Vec<_>, Vec<_>) = std::mem::take(members)
                    .into_iter()
                    .partition(|member| member.key == KEY);
                *members = own;
                for member in members.iter_mut() {
                    self.walk(&mut member.node, folder, &key.key(&member.key));
                }
                let Some(include) = includes.last() else {
                    return;
                };
                let own = std::mem::replace(&mut node.value, Value::Object(Vec::new()));
                for included in self.included(&include.node, folder, &key.key(KEY)) {
                    merge(node, included);
                }
                // What stands beside it wins.
                let beside = Node {
                    span: node.span.clone(),
                    value: own,
                };
                merge(node, beside);
            }
            _ => {}
        }
    }

    fn included(&mut self, include: &Node, folder: &Path, key: &KeyPath) -> Vec<Node> {
        let paths: Vec<(&str, Span)> = match &include.value {
            Value::Text(path) => vec![(path, include.span.clone())],
            Value::List(nodes) => nodes
                .iter()
                .filter_map(|node| match &node.value {
                    Value::Text(path) => Some((path.as_str(), node.span.clone())),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        if paths.is_empty() {
            self.report(IncludeFault::NoPath, key, include.span.clone());
        }
        let read = paths.into_iter().filter_map(|(path, span)| {
            self.read(&folder.join(path), key)
                .map_err(|fault| self.report(fault, key, span))
                .ok()
                .flatten()
        });
        read.collect()
    }

    /// Reads a file; `Ok(None)` when what is wrong with it was said already.
    fn read(&mut self, path: &Path, key: &KeyPath) -> Result<Option<Node>, IncludeFault> {
        let name = path.display().to_string();
        let real = canonical(path);
        if self.chain.len() > DEEPEST {
            return Err(IncludeFault::TooDeep);
        }
        if self.chain.contains(&real) {
            return Err(IncludeFault::Circle { path: name });
        }
        if real.exists() && !real.starts_with(&self.root) {
            return Err(IncludeFault::Outside { path: name });
        }
        let source = Source::read_included(path)?;
        let offset = self.sources.add(source);
        let parsed = tree::parse(self.sources.last().text());
        let mut node = match parsed {
            Ok(node) => node,
            Err(faults) => {
                self.problems
                    .extend(faults.into_iter().map(|(fault, span)| Problem {
                        kind: ProblemKind::Syntax(fault),
                        key: KeyPath::default(),
                        span: Some(span.start + offset..span.end + offset),
                    }));
                return Ok(None);
            }
        };
        node.shift(offset);
        self.chain.push(real);
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        self.walk(&mut node, &folder, key);
        self.chain.pop();
        Ok(Some(node))
    }

    fn report(&mut self, fault: IncludeFault, key: &KeyPath, span: Span) {
        self.problems.push(Problem {
            kind: ProblemKind::Include(fault),
            key: key.clone(),
            span: Some(span),
        });
    }
}

/// Lays one tree over another: objects are joined, lists are put behind each other, anything else is replaced.
fn merge(under: &mut Node, over: Node) {
    match (&mut under.value, over.value) {
        (Value::Object(members), Value::Object(others)) => {
            for other in others {
                put(members, other);
            }
        }
        (Value::List(nodes), Value::List(others)) => nodes.extend(others),
        (_, value) => {
            *under = Node {
                span: over.span,
                value,
            }
        }
    }
}

/// A name that one file writes twice stays there twice, so that it is told.
fn put(members: &mut Vec<Member>, other: Member) {
    match members
        .iter_mut()
        .rev()
        .find(|member| member.key == other.key)
    {
        Some(member) => {
            member.key_span = other.key_span;
            merge(&mut member.node, other.node);
        }
        None => members.push(other),
    }
}

/// The path without detours; itself when there is no such file.
fn canonical(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
