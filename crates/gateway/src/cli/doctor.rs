//! `doctor`: holds the configuration against reality, step by step, and says what to do.

mod backends;
mod dingtalk;
mod finding;
mod local;
mod models;
mod network;

use serde_json::{Value, json};

use self::finding::{Finding, Outcome};
use super::arguments::Json;
use super::entry::{Context, Threads, runtime};
use crate::catalogue::diagnosis::{Check, summary};
use crate::catalogue::{Exit, Failure};
use crate::config::Config;

pub(super) fn run(context: &Context, json: Json) -> Result<Exit, Failure> {
    runtime(Threads::One)?.block_on(examine(context, json.json))
}

async fn examine(context: &Context, as_json: bool) -> Result<Exit, Failure> {
    let mut report = Report {
        context,
        as_json,
        findings: Vec::new(),
    };
    let config = local::configuration(context, &mut report)?;
    local::state(context, &mut report).await?;
    local::ffmpeg(&mut report).await?;
    match &config {
        Some(config) => remote(context, config, &mut report).await?,
        None => {
            for check in [
                Check::Network,
                Check::Credentials,
                Check::Stream,
                Check::Model,
            ] {
                report.add(Finding::depending(check, None, Check::Configuration))?;
            }
        }
    }
    report.end()
}

async fn remote(
    context: &Context,
    config: &Config,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let unreachable = network::examine(context, config, report).await?;
    dingtalk::examine(config, &unreachable, report).await?;
    models::examine(config, report).await
}

/// Shows each finding as soon as it is there, since some take seconds.
struct Report<'a> {
    context: &'a Context,
    as_json: bool,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn add(&mut self, finding: Finding) -> Result<(), Failure> {
        if !self.as_json {
            self.context
                .output
                .text(&finding.render(self.context.language))?;
        }
        self.findings.push(finding);
        Ok(())
    }

    fn end(&self) -> Result<Exit, Failure> {
        let bad = self.count(|outcome| matches!(outcome, Outcome::Bad(_)));
        let doubtful = self.count(|outcome| matches!(outcome, Outcome::Doubtful(_)));
        if self.as_json {
            let checks: Vec<Value> = self
                .findings
                .iter()
                .map(|finding| finding.to_json(self.context.language))
                .collect();
            self.context
                .output
                .json(&json!({ "schemaVersion": 1, "ok": bad == 0, "checks": checks }))?;
        } else {
            let words = summary(bad, doubtful);
            self.context
                .output
                .line(&format!("\n{}", words.get(self.context.language)))?;
        }
        Ok(if bad == 0 {
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
