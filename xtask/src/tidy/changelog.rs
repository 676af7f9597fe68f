//! The changelog always has a place for the next entry.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "changelog";
const PATH: &str = "CHANGELOG.md";
const HEADING: &str = "## [Unreleased]";

/// A changelog that is missing or has no section for what is not released.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let has_heading = tree
        .text(PATH)
        .is_some_and(|text| text.lines().any(|line| line.trim_end() == HEADING));
    if has_heading {
        return Vec::new();
    }
    let advice = format!(
        "add a section `{HEADING}`: what a user will notice is written down with the change"
    );
    vec![Finding {
        path: PATH.to_owned(),
        line: 1,
        rule: RULE,
        advice,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_must_be_there() {
        assert_eq!(
            check(&Tree::of(&[(PATH, "# Changelog\n\n## [Unreleased]\n")])),
            []
        );
        assert_eq!(
            check(&Tree::of(&[(PATH, "# Changelog\n\n## [0.1.0]\n")])).len(),
            1
        );
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
