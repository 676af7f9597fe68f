//! What a rule says about a place.

use std::fmt;

/// A place that breaks a rule, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    /// From 1.
    pub(crate) line: usize,
    /// The name of the rule, as in `tidy: allow(<rule>)`.
    pub(crate) rule: &'static str,
    /// What is wrong and what to do about it.
    pub(crate) advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}: {}: {}",
            self.path, self.line, self.rule, self.advice
        )
    }
}

/// Whether a text asks for an exception from a rule and gives a reason.
pub(crate) fn is_allowed(rule: &str, text: &str) -> bool {
    let request = format!("tidy: allow({rule}),");
    text.lines().any(|line| {
        line.split_once(&request)
            .is_some_and(|(_, reason)| !reason.trim().is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_like_a_compiler_message() {
        let finding = Finding {
            path: "crates/a/src/b.rs".to_owned(),
            line: 7,
            rule: "length",
            advice: "split it".to_owned(),
        };
        assert_eq!(finding.to_string(), "crates/a/src/b.rs:7: length: split it");
    }

    #[test]
    fn an_exception_names_its_rule_and_its_reason() {
        assert!(is_allowed(
            "length",
            "// tidy: allow(length), a table of codes reads best in one piece."
        ));
        assert!(!is_allowed("length", "// tidy: allow(length),"));
        assert!(!is_allowed("length", "// tidy: allow(wiring), a reason."));
    }
}
