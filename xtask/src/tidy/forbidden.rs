//! Code that may not be written, here with what to write instead.
//!
//! Clippy forbids more (see `clippy.toml`); this is what it cannot see, or what an `allow` would hide.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "forbidden";

const FORBIDDEN: &[(&str, &str)] = &[
    (
        "tokio::spawn(",
        "spawn on a JoinSet or TaskTracker that somebody awaits",
    ),
    (
        "#[ignore",
        "a test that does not run proves nothing: make it run everywhere, or delete it",
    ),
    (
        "#[should_panic",
        "assert the error that is returned instead",
    ),
    ("todo!(", "finish it, or leave it out"),
    ("unimplemented!(", "finish it, or leave it out"),
];

/// Every use of a forbidden piece of code, in tests too. Comments and strings may mention them.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        for (line, code) in source.code() {
            for (piece, instead) in FORBIDDEN {
                if code.contains(piece) {
                    findings.push(Finding {
                        path: source.path.clone(),
                        line,
                        rule: RULE,
                        advice: format!("`{piece}` is forbidden: {instead}"),
                    });
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_where_it_is_code() {
        for (piece, instead) in FORBIDDEN {
            let text = format!(
                "//! Not {piece}.\n/* {piece} */\nconst NAME: &str = \"{piece}\";\n{piece}\n"
            );
            let findings = check(&Tree::of(&[("crates/a/tests/b.rs", &text)]));
            assert_eq!(
                findings
                    .iter()
                    .map(|finding| finding.line)
                    .collect::<Vec<_>>(),
                [4],
                "{piece}"
            );
            assert!(
                findings
                    .iter()
                    .all(|finding| finding.advice.contains(instead))
            );
        }
    }
}
