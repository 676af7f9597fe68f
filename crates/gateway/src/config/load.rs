//! From a place to a [`Config`].

use std::path::Path;

use super::check::{Variables, check};
use super::document::{Document, schema};
use super::environment::Environment;
use super::locate::Location;
use super::problem::{KeyPath, Problem, ProblemKind, Severity};
use super::resolve::resolve;
use super::settings::{Config, Origin};
use super::source::Source;
use super::tree::{self, Node, Value};
use crate::catalogue::report::{Failure, Report};
use crate::catalogue::{Code, Phrase};

/// A configuration that can be used, and what is worth saying about it.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Warnings and notes, in the order of the file.
    pub remarks: Vec<Report>,
}

/// Reads the configuration. Runs no program, opens no connection, and fetches no secret.
pub fn load(location: &Location, environment: &Environment) -> Result<Loaded, Failure> {
    match location {
        Location::File(path) => from_source(
            &Source::read(path)?,
            Origin::File(path.clone()),
            environment,
        ),
        Location::Environment => {
            let source = Source::of_text(Path::new(""), "{}");
            from_source(&source, Origin::Environment, environment)
        }
    }
}

/// Reads a text as if it stood in a file.
pub fn parse(path: &Path, text: &str, environment: &Environment) -> Result<Loaded, Failure> {
    from_source(
        &Source::of_text(path, text),
        Origin::File(path.to_path_buf()),
        environment,
    )
}

fn from_source(
    source: &Source,
    origin: Origin,
    environment: &Environment,
) -> Result<Loaded, Failure> {
    let mut tree = tree::parse(source.text()).map_err(|(error, span)| {
        let problem = Problem {
            kind: ProblemKind::Syntax(error),
            key: KeyPath::default(),
            span: Some(span),
        };
        Failure::of_problem(&problem, Some(source.place(&problem)))
    })?;
    let variables = Variables {
        environment,
        file: file_variables(&tree),
    };
    let mut findings = check(&mut tree, &schema(), &variables);
    if findings
        .problems
        .iter()
        .any(|problem| problem.kind.severity() == Severity::Error)
    {
        return Err(failure(source, &origin, findings.problems));
    }
    let document = read(&tree, &origin)?;
    let config = resolve(
        document,
        origin.clone(),
        &tree,
        &variables,
        &mut findings.problems,
    );
    if findings
        .problems
        .iter()
        .any(|problem| problem.kind.severity() == Severity::Error)
    {
        return Err(failure(source, &origin, findings.problems));
    }
    if !findings.unused.is_empty() {
        findings.problems.push(Problem {
            kind: ProblemKind::Unused {
                keys: findings.unused,
            },
            key: KeyPath::default(),
            span: None,
        });
    }
    Ok(Loaded {
        config,
        remarks: reports(source, &origin, findings.problems),
    })
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
fn failure(source: &Source, origin: &Origin, problems: Vec<Problem>) -> Failure {
    let mut reports = reports(source, origin, problems);
    reports.sort_by_key(|report| report.severity() != Severity::Error);
    Failure::of_reports(reports).unwrap_or_else(|| Failure::new(Code::Defect))
}

fn reports(source: &Source, origin: &Origin, mut problems: Vec<Problem>) -> Vec<Report> {
    let place =
        |problem: &Problem| matches!(origin, Origin::File(_)).then(|| source.place(problem));
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
