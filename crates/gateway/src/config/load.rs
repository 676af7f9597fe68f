//! From a place to a [`Config`].

use std::path::{Path, PathBuf};

use super::check::{Variables, check};
use super::document::{Document, schema};
use super::dotenv;
use super::environment::Environment;
use super::include;
use super::locate::Location;
use super::problem::{KeyPath, Problem, ProblemKind, Severity};
use super::resolve::resolve;
use super::settings::{Config, Origin};
use super::source::{Source, Sources};
use super::tree::{self, Node, Value};
use super::values::Values;
use crate::catalogue::report::{Failure, Report};
use crate::catalogue::{Code, Phrase};

/// A configuration that can be used, and what is worth saying about it.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Warnings and notes, in the order of the file.
    pub remarks: Vec<Report>,
    /// The files that it was read from.
    pub files: Vec<PathBuf>,
    /// What they say, to be compared with another time.
    pub values: Values,
}

impl Loaded {
    /// Fails when no bot can run, with everything that was noticed where one was begun.
    pub fn require_bots(&self) -> Result<(), Failure> {
        if !self.config.accounts.is_empty() {
            return Ok(());
        }
        let of_bots = |report: &&Report| report.code() == Code::AccountIncomplete;
        let (bots, others): (Vec<_>, Vec<_>) = self.remarks.iter().partition(of_bots);
        let bots = bots.into_iter().map(|report| report.clone().as_error());
        let reports = bots.chain(others.into_iter().cloned()).collect();
        if self.config.incomplete.is_empty() {
            return Err(Failure::new(Code::NoAccount));
        }
        Err(Failure::of_reports(reports).unwrap_or_else(|| Failure::new(Code::NoAccount)))
    }
}

/// Reads the configuration. Runs no program, opens no connection, and fetches no secret.
pub fn load(location: &Location, environment: &Environment) -> Result<Loaded, Failure> {
    let (source, origin) = match location {
        Location::File(path) => (Source::read(path)?, Origin::File(path.clone())),
        Location::Environment => (Source::of_text(Path::new(""), "{}"), Origin::Environment),
    };
    let mut sources = Sources::new(source);
    let mut problems = Vec::new();
    let environment = dotenv::extend(environment, &mut sources, &mut problems);
    from_sources(sources, origin, &environment, problems)
}

/// The files that decide what a configuration says, there or not.
pub fn watched(location: &Location, environment: &Environment) -> Vec<PathBuf> {
    let mut paths = dotenv::places(environment);
    if let Location::File(path) = location {
        paths.push(path.clone());
    }
    paths
}

/// Reads a text as if it stood in a file.
pub fn parse(path: &Path, text: &str, environment: &Environment) -> Result<Loaded, Failure> {
    let sources = Sources::new(Source::of_text(path, text));
    let origin = Origin::File(path.to_path_buf());
    from_sources(sources, origin, environment, Vec::new())
}

/// Reads a text that is about to be written to a file, as it would be read from there.
pub fn rehearse(path: &Path, text: &str, environment: &Environment) -> Result<Loaded, Failure> {
    let mut sources = Sources::new(Source::of_text(path, text));
    let mut problems = Vec::new();
    let environment = dotenv::extend(environment, &mut sources, &mut problems);
    let origin = Origin::File(path.to_path_buf());
    from_sources(sources, origin, &environment, problems)
}

fn from_sources(
    mut sources: Sources,
    origin: Origin,
    environment: &Environment,
    mut problems: Vec<Problem>,
) -> Result<Loaded, Failure> {
    let parsed = tree::parse(sources.main().text());
    let mut tree = match parsed {
        Ok(tree) => tree,
        Err(faults) => {
            problems.extend(faults.into_iter().map(|(error, span)| Problem {
                kind: ProblemKind::Syntax(error),
                key: KeyPath::default(),
                span: Some(span),
            }));
            return Err(failure(&sources, &origin, problems));
        }
    };
    include::expand(&mut tree, &mut sources, &mut problems);
    let variables = Variables {
        environment,
        file: file_variables(&tree),
    };
    let found = check(&mut tree, &schema(), &variables);
    problems.extend(found.problems);
    let values = Values::of(&tree);
    let document = match read(&tree, &origin) {
        Ok(document) => document,
        Err(_) if has_errors(&problems) => return Err(failure(&sources, &origin, problems)),
        Err(defect) => return Err(defect),
    };
    let config = resolve(document, origin.clone(), &tree, &variables, &mut problems);
    if has_errors(&problems) {
        return Err(failure(&sources, &origin, problems));
    }
    if !found.unused.is_empty() {
        problems.push(Problem {
            kind: ProblemKind::Unused { keys: found.unused },
            key: KeyPath::default(),
            span: None,
        });
    }
    Ok(Loaded {
        config,
        remarks: reports(&sources, &origin, problems),
        files: sources.paths().map(Path::to_path_buf).collect(),
        values,
    })
}

fn has_errors(problems: &[Problem]) -> bool {
    let is_error = |problem: &Problem| problem.kind.severity() == Severity::Error;
    problems.iter().any(is_error)
}

/// Reads the tree into types. It was checked against their schema, so that a failure is a defect of that check.
fn read(tree: &Node, origin: &Origin) -> Result<Document, Failure> {
    serde_path_to_error::deserialize(tree.to_json()).map_err(|error| {
        let path = error.path().to_string();
        let failure = Failure::new(Code::ConfigType).message(Phrase::new(
            format!("{path} 的内容无法读取。"),
            format!("{path} cannot be read."),
        ));
        match origin {
            Origin::File(file) => failure.at_file(file.clone()),
            Origin::Environment => failure,
        }
    })
}

/// Errors come first. Warnings follow, because a misspelt name is often the reason for an error.
fn failure(sources: &Sources, origin: &Origin, problems: Vec<Problem>) -> Failure {
    let mut reports = reports(sources, origin, problems);
    reports.sort_by_key(|report| report.severity() != Severity::Error);
    Failure::of_reports(reports).unwrap_or_else(|| Failure::new(Code::Defect))
}

fn reports(sources: &Sources, origin: &Origin, mut problems: Vec<Problem>) -> Vec<Report> {
    let place =
        |problem: &Problem| matches!(origin, Origin::File(_)).then(|| sources.place(problem));
    problems.sort_by_key(|problem| problem.span.as_ref().map_or(usize::MAX, |span| span.start));
    problems
        .iter()
        .map(|problem| Report::of_problem(problem, place(problem)))
        .collect()
}

/// The variables that the file brings along: `env.vars` in newer files, `env` itself in older ones.
fn file_variables(tree: &Node) -> Vec<(String, String)> {
    let texts = |node: &Node| -> Vec<(String, String)> {
        let entries = node.members().iter();
        let text = entries.filter_map(|member| match &member.node.value {
            Value::Text(text) => Some((member.key.clone(), text.clone())),
            _ => None,
        });
        text.collect()
    };
    let Some(env) = tree.get("env") else {
        return Vec::new();
    };
    let newer = env
        .node
        .get("vars")
        .map(|vars| texts(&vars.node))
        .unwrap_or_default();
    texts(&env.node).into_iter().chain(newer).collect()
}
