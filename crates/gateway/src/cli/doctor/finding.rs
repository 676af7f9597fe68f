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
    /// The app that is meant, for the console.
    client_id: Option<String>,
    scopes: Vec<String>,
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
            client_id: None,
            scopes: Vec::new(),
        }
    }

    /// Names the app that is meant.
    pub(super) fn of_app(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.to_owned());
        self
    }

    /// Names the permissions that are to be asked for.
    pub(super) fn wanting(mut self, scopes: Vec<String>) -> Self {
        self.scopes = scopes;
        self
    }

    pub(super) fn check(&self) -> Check {
        self.check
    }

    pub(super) fn subject(&self) -> Option<&String> {
        self.subject.as_ref()
    }

    pub(super) fn is_trouble(&self) -> bool {
        matches!(self.outcome, Outcome::Doubtful(_) | Outcome::Bad(_))
    }

    fn console(&self) -> Option<(String, crate::catalogue::Text)> {
        let client_id = self.client_id.as_deref();
        self.check.console().link(client_id, &self.scopes)
    }

    /// One line for each thing that is wrong, as compilers write it.
    pub(super) fn lint(&self, language: Language) -> String {
        let (Outcome::Doubtful(failure) | Outcome::Bad(failure)) = &self.outcome else {
            return String::new();
        };
        let id = self.check.name();
        let lines = failure
            .reports()
            .map(|report| format!("{}（{id}）\n", report.lint(language)));
        lines.collect()
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
            Outcome::Doubtful(failure) => format!("! {title}\n{}", self.trouble(failure, language)),
            Outcome::Bad(failure) => format!("✗ {title}\n{}", self.trouble(failure, language)),
        }
    }

    /// What is wrong, in a line for a chat.
    pub(super) fn line(&self, language: Language) -> String {
        let (sign, failure) = match &self.outcome {
            Outcome::Good(words) | Outcome::Skipped(words) => {
                return words.get(language).to_owned();
            }
            Outcome::Doubtful(failure) => ("⚠️", failure),
            Outcome::Bad(failure) => ("❌", failure),
        };
        let mut line = format!("- {sign} {}", self.check.title().get(language));
        if let Some(subject) = &self.subject {
            line.push_str(&format!("（{subject}）"));
        }
        let reports = failure.reports().map(|report| {
            let (code, message) = (report.code(), report.message_in(language));
            format!(" {code} {message} {}", report.hint_in(language))
        });
        line.extend(reports.take(1));
        if let Some((address, _)) = self.console() {
            line.push_str(&format!(" {address}"));
        }
        line
    }

    fn trouble(&self, failure: &Failure, language: Language) -> String {
        let mut text = failure.render(language);
        if let Some((address, clicks)) = self.console() {
            let (label, clicks) = (diagnosis::CONSOLE.get(language), clicks.get(language));
            text.push_str(&format!("  {label}{address}（{clicks}）\n"));
        }
        indent(&text)
    }

    pub(super) fn to_json(&self, language: Language) -> Value {
        let (status, message) = match &self.outcome {
            Outcome::Good(words) => ("ok", Some(words)),
            Outcome::Skipped(words) => ("skipped", Some(words)),
            Outcome::Doubtful(_) => ("warning", None),
            Outcome::Bad(_) => ("error", None),
        };
        let mut value = json!({
            "check": self.check.name(), "title": self.check.title().get(language), "subject": self.subject,
            "status": status,
        });
        match (&self.outcome, message) {
            (Outcome::Doubtful(failure) | Outcome::Bad(failure), _) => {
                let reports: Vec<Value> = failure
                    .reports()
                    .map(|report| report.to_json(language))
                    .collect();
                value["reports"] = reports.into();
                if let Some((address, clicks)) = self.console() {
                    value["console"] = json!({ "url": address, "clicks": clicks.get(language) });
                }
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
