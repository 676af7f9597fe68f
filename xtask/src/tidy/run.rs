//! Runs every rule on the repository and reports.

use super::finding::{Finding, is_allowed};
use super::tree::Tree;
use super::{
    changelog, documentation, edges, error_pages, forbidden, length, machine_paths, manifests,
    wiring,
};
use crate::output::{self, Verdict};
use crate::workspace;
use anyhow::Result;

/// `cargo xtask tidy`.
///
/// # Errors
/// When the repository or its manifests cannot be read. Findings are in the verdict.
pub(crate) fn run() -> Result<Verdict> {
    let root = workspace::root();
    let tree = Tree::read(&root)?;
    for long in length::long_files(&tree) {
        output::line(&format!("note: {long}"));
    }
    let mut findings = check(&tree);
    findings.extend(edges::check(&edges::read()?));
    for finding in &findings {
        output::line(&finding.to_string());
    }
    output::line(&format!(
        "tidy: {} files, {} to mend",
        tree.len(),
        findings.len()
    ));
    Ok(Verdict::of(&findings))
}

/// The findings of all rules that look at files, in the order of the files.
fn check(tree: &Tree) -> Vec<Finding> {
    const RULES: &[fn(&Tree) -> Vec<Finding>] = &[
        changelog::check,
        documentation::check,
        error_pages::check,
        forbidden::check,
        length::check,
        machine_paths::check,
        manifests::check,
        wiring::check,
    ];
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    findings.retain(|finding| {
        !tree
            .text(&finding.path)
            .is_some_and(|text| is_allowed(finding.rule, text))
    });
    findings.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: (&str, &str) = ("CHANGELOG.md", "## [Unreleased]\n");

    #[test]
    fn a_tidy_tree_has_no_findings() {
        let tree = Tree::of(&[
            CHANGELOG,
            (
                "crates/one/Cargo.toml",
                "[dependencies]\nserde.workspace = true\n",
            ),
            (
                "crates/one/src/lib.rs",
                "//! One.\n\nmod part;\n\npub use self::part::Part;\n",
            ),
            (
                "crates/one/src/part.rs",
                "//! A part.\n\n/// It.\npub struct Part;\n",
            ),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn findings_come_in_the_order_of_the_files() {
        let tree = Tree::of(&[
            CHANGELOG,
            ("crates/b/src/lib.rs", "fn late() {}\n"),
            (
                "crates/a/src/part.rs",
                "//! A part.\nfn early() {\n    todo!()\n}\n",
            ),
        ]);
        let places: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| (finding.path, finding.line))
            .collect();
        assert_eq!(
            places,
            [
                ("crates/a/src/part.rs".to_owned(), 3),
                ("crates/b/src/lib.rs".to_owned(), 1),
                ("crates/b/src/lib.rs".to_owned(), 1),
            ]
        );
    }

    #[test]
    fn a_file_may_break_a_rule_if_it_says_why() {
        let body = "fn later() {\n    todo!()\n}\n";
        let reasoned = format!(
            "//! A part.\n// tidy: allow(forbidden), the example shows an unfinished program.\n{body}"
        );
        let bare = format!("//! A part.\n// tidy: allow(forbidden)\n{body}");
        assert_eq!(
            check(&Tree::of(&[CHANGELOG, ("crates/a/src/part.rs", &reasoned)])),
            []
        );
        assert_eq!(
            check(&Tree::of(&[CHANGELOG, ("crates/a/src/part.rs", &bare)])).len(),
            1
        );
    }
}
