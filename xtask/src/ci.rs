//! `cargo xtask ci`: everything that must hold before a change lands, cheapest first.

use std::process::Command;

use anyhow::Result;

use crate::command::{self, cargo};
use crate::output::{self, Verdict};
use crate::stopwatch::Stopwatch;
use crate::{suite, tidy};

/// Runs every step, also after one has failed, and ends with the counts of the tests.
///
/// # Errors
/// When what the tests need is missing. A step that failed is in the verdict.
pub(crate) fn run() -> Result<Verdict> {
    let stopwatch = Stopwatch::start();
    let mut problems = Vec::new();
    for (name, step) in STEPS {
        let stopwatch = Stopwatch::start();
        let verdict = step().unwrap_or_else(|error| {
            output::line(&format!("{error:#}"));
            Verdict::Failed
        });
        if verdict == Verdict::Failed {
            problems.push(format!("{name} failed"));
        }
        output::step(name, verdict, stopwatch.elapsed());
    }
    let tests = suite::run(suite::Profile::Ci, None)?;
    output::step("test", Verdict::of(&tests.problems), tests.took);
    problems.extend(tests.problems);
    Ok(suite::closing(
        "ci",
        &problems,
        stopwatch.elapsed(),
        tests.counts,
    ))
}

type Step = fn() -> Result<Verdict>;

const STEPS: &[(&str, Step)] = &[
    ("format", || must_pass(&mut cargo("fmt --all --check"))),
    ("tidy", tidy::run),
    ("licences", licences),
    ("lints", || {
        must_pass(&mut cargo(
            "clippy --workspace --all-targets --locked -- -D warnings",
        ))
    }),
    ("docs", || {
        must_pass(cargo("doc --workspace --no-deps --locked").env("RUSTDOCFLAGS", "-D warnings"))
    }),
];

fn must_pass(command: &mut Command) -> Result<Verdict> {
    command::run(command).map(|()| Verdict::Passed)
}

/// Licences, duplicates and sources need no network. Advisories do, and are looked at before a release instead.
fn licences() -> Result<Verdict> {
    if command::ask("cargo", ["deny", "--version"]).is_none() {
        output::line(
            "cargo-deny 未安装，跳过 / cargo-deny is not installed: licences and sources are not checked here",
        );
        return Ok(Verdict::Passed);
    }
    must_pass(&mut cargo(
        "deny --all-features check --hide-inclusion-graph bans licenses sources",
    ))
}
