//! A configuration as it stands in its file, for those who change its form and not its meaning.

use std::path::Path;

use super::problem::{KeyPath, Problem, ProblemKind};
use super::source::{Source, Sources};
use super::tree;
use crate::catalogue::report::Report;
use crate::catalogue::{Code, Failure};

/// The values of a file: nothing is checked, filled in or left out. Comments are no values.
pub(crate) fn plain(path: &Path) -> Result<serde_json::Value, Failure> {
    let sources = Sources::new(Source::read(path)?);
    let tree = tree::parse(sources.main().text()).map_err(|faults| {
        let reports = faults.into_iter().map(|(error, span)| {
            let problem = Problem {
                kind: ProblemKind::Syntax(error),
                key: KeyPath::default(),
                span: Some(span),
            };
            Report::of_problem(&problem, Some(sources.place(&problem)))
        });
        Failure::of_reports(reports.collect()).unwrap_or_else(|| Failure::new(Code::Defect))
    })?;
    Ok(tree.to_json())
}
