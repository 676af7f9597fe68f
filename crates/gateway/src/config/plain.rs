//! A configuration as it stands in its file, for those who change its form and not its meaning.

use std::path::Path;

use super::problem::{KeyPath, Problem, ProblemKind};
use super::source::Source;
use super::tree;
use crate::catalogue::Failure;

/// The values of a file: nothing is checked, filled in or left out. Comments are no values.
pub(crate) fn plain(path: &Path) -> Result<serde_json::Value, Failure> {
    let source = Source::read(path)?;
    let tree = tree::parse(source.text()).map_err(|(error, span)| {
        let problem = Problem {
            kind: ProblemKind::Syntax(error),
            key: KeyPath::default(),
            span: Some(span),
        };
        Failure::of_problem(&problem, Some(source.place(&problem)))
    })?;
    Ok(tree.to_json())
}
