//! Every module opens with `//!`: what it is for.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "documentation";

/// Rust files that do not open with their documentation. Only inner attributes may stand before it.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.sources()
        .iter()
        .filter(|source| !opens_with_documentation(&source.text))
        .map(|source| Finding {
            path: source.path.clone(),
            line: 1,
            rule: RULE,
            advice: "open the file with `//!` and say what it is for, and what it leaves to others"
                .to_owned(),
        })
        .collect()
}

fn opens_with_documentation(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && (!line.starts_with("#![") || line.starts_with("#![doc")))
        .is_some_and(|line| {
            line.starts_with("#![doc")
                || line.strip_prefix("//!").is_some_and(|doc| !doc.is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_comes_first() {
        assert!(opens_with_documentation("//! What it is for.\n\nmod a;\n"));
        assert!(opens_with_documentation(
            "#![forbid(unsafe_code)]\n\n//! What it is for.\n"
        ));
        assert!(opens_with_documentation(
            "#![doc = include_str!(\"../README.md\")]\n"
        ));
        assert!(!opens_with_documentation("mod a;\n\n//! Too late.\n"));
        assert!(!opens_with_documentation("//!\nmod a;\n"));
        assert!(!opens_with_documentation("// A remark.\nmod a;\n"));
        assert!(!opens_with_documentation(""));
    }

    #[test]
    fn every_rust_file_is_looked_at() {
        let tree = Tree::of(&[
            ("crates/a/tests/b.rs", "fn a() {}\n"),
            ("notes.md", "No code.\n"),
        ]);
        let paths: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(paths, ["crates/a/tests/b.rs"]);
    }
}
