//! Runs the tests and counts them.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::counts::{Counts, Runner};
use super::requirements;
use crate::command::{self, Output, cargo};
use crate::output::{self, Verdict};
use crate::stopwatch::Stopwatch;

/// `cargo xtask test`.
///
/// # Errors
/// When what the tests need is missing or a runner cannot be started.
pub(crate) fn test(filter: Option<&str>) -> Result<Verdict> {
    let outcome = run(Profile::Default, filter)?;
    Ok(closing(
        "test",
        &outcome.problems,
        outcome.took,
        outcome.counts,
    ))
}

/// Runs the doc tests, then all others, and stops at neither: a person wants to see everything that is wrong.
///
/// # Errors
/// When what the tests need is missing or a runner cannot be started. Failed tests are in the [`Outcome`].
pub(crate) fn run(profile: Profile, filter: Option<&str>) -> Result<Outcome> {
    let stopwatch = Stopwatch::start();
    requirements::satisfy()?;
    let mut outcome = Outcome::default();
    // The larger number comes last, where a person looks for it.
    outcome.add(doc_tests(filter)?);
    outcome.add(other_tests(profile, filter)?);
    if outcome.counts.executed() == 0 && outcome.problems.is_empty() {
        outcome.problems.push("no test ran".to_owned());
    }
    outcome.took = stopwatch.elapsed();
    Ok(outcome)
}

/// Prints the closing lines of a task that ran the tests; the last one is the plain form of the counts.
pub(crate) fn closing(task: &str, problems: &[String], took: Duration, counts: Counts) -> Verdict {
    let took = output::seconds(took);
    if problems.is_empty() {
        output::line(&format!("{task}: 全部通过 / all passed in {took}"));
    } else {
        let problems = problems.join("; ");
        output::line(&format!("{task}: 未通过 / failed after {took}: {problems}"));
    }
    output::line(&counts.to_string());
    Verdict::of(problems)
}

/// Which set of limits in `.config/nextest.toml` applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// A developer's machine.
    Default,
    /// The CI machine, which may be slow.
    Ci,
}

/// What the tests came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    /// What went wrong, one sentence each.
    pub(crate) problems: Vec<String>,
    pub(crate) took: Duration,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.counts += other.counts;
        self.problems.extend(other.problems);
    }
}

fn doc_tests(filter: Option<&str>) -> Result<Outcome> {
    count(
        "doc tests",
        Runner::Libtest,
        cargo("test --workspace --locked --no-fail-fast --doc").args(filter),
    )
}

fn other_tests(profile: Profile, filter: Option<&str>) -> Result<Outcome> {
    if command::ask("cargo", ["nextest", "--version"]).is_none() {
        output::line(
            "cargo-nextest 未安装，改用 cargo test / cargo-nextest is not installed: using cargo test",
        );
        let mut test =
            cargo("test --workspace --locked --no-fail-fast --lib --bins --tests --examples");
        return count("tests", Runner::Libtest, test.args(filter));
    }
    let profile = match profile {
        Profile::Default => "default",
        Profile::Ci => "ci",
    };
    // Reading the output takes the terminal away from nextest, so its colours must be asked for.
    let colour = if output::is_terminal() {
        "always"
    } else {
        "never"
    };
    let mut test = cargo("nextest run --workspace --locked --no-fail-fast --no-tests pass");
    test.args(["--profile", profile, "--color", colour])
        .args(filter);
    count("tests", Runner::Nextest, &mut test)
}

fn count(what: &str, runner: Runner, command: &mut Command) -> Result<Outcome> {
    let report = match runner {
        Runner::Libtest => Output::Standard,
        Runner::Nextest => Output::Error,
    };
    let mut outcome = Outcome::default();
    let status = command::run_reading(command, report, |line| {
        if let Some(counts) = Counts::parse(runner, line) {
            outcome.counts += counts;
        }
    })?;
    if outcome.counts.failed > 0 {
        outcome
            .problems
            .push(format!("{} of the {what} failed", outcome.counts.failed));
    } else if !status.success() {
        outcome
            .problems
            .push(format!("the {what} do not build or do not run ({status})"));
    }
    Ok(outcome)
}
