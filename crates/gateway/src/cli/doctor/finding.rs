//! What one check found.

use serde_json::{Value, json};

use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Failure, Language, Phrase};

/// What one check found.
pub(super) struct Finding {
    check: Check,
    /// Which bot, host or model, when there may be several.
    subject: Option<String>,
    pub(super) outcome: Outcome,
}

/// How a check went.
pub(super) enum Outcome {
    /// All is well.
    Good(Phrase),
    /// It was not made.
    Skipped(Phrase),
    /// It works, and something should be looked at.
    Doubtful(Failure),
    /// It does not work.
    Bad(Failure),
}

impl Finding {
    pub(super) fn new(check: Check, subject: Option<String>, outcome: Outcome) -> Self {
        Self {
            check,
            subject,
            outcome,
        }
    }

    pub(super) fn of(check: Check, outcome: Outcome) -> Self {
        Self::new(check, None, outcome)
    }

    /// A check that makes no sense before another is in order.
    pub(super) fn depending(check: Check, subject: Option<String>, other: Check) -> Self {
        Self::new(check, subject, Outcome::Skipped(diagnosis::depends(other)))
    }

    pub(super) fn render(&self, language: Language) -> String {
        let mut title = self.check.title().get(language).to_owned();
        if let Some(subject) = &self.subject {
            title.push_str(&format!(" {subject}"));
        }
        let colon = match language {
            Language::Chinese => "：",
            Language::English => ": ",
        };
        match &self.outcome {
            Outcome::Good(words) => format!("✓ {title}{colon}{}\n", words.get(language)),
            Outcome::Skipped(words) => format!("- {title}{colon}{}\n", words.get(language)),
            Outcome::Doubtful(failure) => {
                format!("! {title}\n{}", indent(&failure.render(language)))
            }
            Outcome::Bad(failure) => format!("✗ {title}\n{}", indent(&failure.render(language))),
        }
    }

    pub(super) fn to_json(&self, language: Language) -> Value {
        let (status, message) = match &self.outcome {
            Outcome::Good(words) => ("ok", Some(words)),
            Outcome::Skipped(words) => ("skipped", Some(words)),
            Outcome::Doubtful(_) => ("warning", None),
            Outcome::Bad(_) => ("error", None),
        };
        let mut value =
            json!({ "check": self.check.name(), "subject": self.subject, "status": status });
        match (&self.outcome, message) {
            (Outcome::Doubtful(failure) | Outcome::Bad(failure), _) => {
                let reports: Vec<Value> = failure
                    .reports()
                    .map(|report| report.to_json(language))
                    .collect();
                value["reports"] = reports.into();
            }
            (_, Some(words)) => value["message"] = words.get(language).into(),
            (_, None) => {}
        }
        value
    }
}

fn indent(text: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() {
            "\n".to_owned()
        } else {
            format!("    {line}\n")
        }
    };
    text.lines().map(line).collect()
}
