//! `doctor`: holds the configuration against reality, step by step, and says what to do.
//!
//! A check is a function in one of the families below, its entry in `registry`, and its words in
//! `catalogue::diagnosis`.

mod backends;
mod cards;
mod dingtalk;
mod examination;
mod files;
mod finding;
mod local;
mod machine;
mod models;
mod network;
mod permissions;
mod registry;
mod security;
mod services;
mod surgery;
mod template;
mod troubles;

use serde_json::{Value, json};

pub(super) use self::dingtalk::stream_refused;
pub(super) use self::surgery::Surgery;

use self::examination::Examination;
use self::finding::{Finding, Outcome};
use self::registry::{Entry, Kind, REGISTRY};
use super::arguments::DoctorArguments;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::diagnosis::{self, Check, summary};
use crate::catalogue::{Code, Exit, Failure};

pub(super) fn run(context: &Context, arguments: &DoctorArguments) -> Result<Exit, Failure> {
    for name in &arguments.only {
        if !Check::ALL.iter().any(|check| is_named(*check, name)) {
            let failure = Failure::new(Code::Usage).message(diagnosis::no_such_check(name));
            let names = Check::ALL.iter().map(|check| check.name());
            return Err(match crate::config::nearest(name, names) {
                Some(nearest) => failure.hint(crate::catalogue::cli::did_you_mean(nearest)),
                None => failure,
            });
        }
    }
    runtime(Threads::One)?.block_on(examine(context, arguments))
}

/// Whether a check has this name, or belongs to the family of this name (`scope`, `fs.config`).
fn is_named(check: Check, name: &str) -> bool {
    let rest = check.name().strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

async fn examine(context: &Context, arguments: &DoctorArguments) -> Result<Exit, Failure> {
    let mut report = Report {
        context,
        arguments,
        findings: Vec::new(),
    };
    let examination = Examination::new(context);
    if arguments.fix {
        for path in files::mend(&examination) {
            report.say(&diagnosis::mended(&path))?;
        }
    }
    let is_chosen = |entry: &Entry| match (arguments.lint, arguments.only.as_slice()) {
        (true, _) if entry.kind != Kind::Offline => false,
        (_, []) => true,
        (_, names) => names.iter().any(|name| is_named(entry.check, name)),
    };
    let is_needed = |entry: &Entry| {
        let chosen = REGISTRY.iter().filter(|other| is_chosen(other));
        chosen
            .flat_map(|other| other.needs)
            .any(|need| *need == entry.check)
    };
    for entry in REGISTRY {
        if !is_chosen(entry) && !is_needed(entry) {
            continue;
        }
        let findings = (entry.run)(&examination).await;
        examination.note(&findings);
        if is_chosen(entry) {
            for finding in findings {
                report.add(finding)?;
            }
        }
    }
    report.end()
}

/// Shows each finding as soon as it is there, since some take seconds.
struct Report<'a> {
    context: &'a Context,
    arguments: &'a DoctorArguments,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn say(&self, words: &crate::catalogue::Phrase) -> Result<(), Failure> {
        if self.arguments.json.json {
            return Ok(());
        }
        self.context.output.line(words.get(self.context.language))
    }

    fn add(&mut self, finding: Finding) -> Result<(), Failure> {
        let language = self.context.language;
        if self.arguments.json.json {
        } else if self.arguments.lint {
            self.context.output.text(&finding.lint(language))?;
        } else {
            self.context.output.text(&finding.render(language))?;
        }
        self.findings.push(finding);
        Ok(())
    }

    fn end(&self) -> Result<Exit, Failure> {
        let bad = self.count(|outcome| matches!(outcome, Outcome::Bad(_)));
        let doubtful = self.count(|outcome| matches!(outcome, Outcome::Doubtful(_)));
        // For continuous integration a warning is a failure.
        let is_good = bad == 0 && (doubtful == 0 || !self.arguments.lint);
        if self.arguments.json.json {
            let checks: Vec<Value> = self
                .findings
                .iter()
                .map(|finding| finding.to_json(self.context.language))
                .collect();
            self.context
                .output
                .json(&json!({ "schemaVersion": 1, "ok": is_good, "checks": checks }))?;
        } else if !self.arguments.lint {
            let words = summary(bad, doubtful);
            self.context
                .output
                .line(&format!("\n{}", words.get(self.context.language)))?;
        }
        Ok(if is_good {
            Exit::Success
        } else {
            Exit::Findings
        })
    }

    fn count(&self, is_counted: impl Fn(&Outcome) -> bool) -> usize {
        self.findings
            .iter()
            .filter(|finding| is_counted(&finding.outcome))
            .count()
    }
}
