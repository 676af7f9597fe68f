//! No file knows the machine it was written on.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "machine-paths";

/// The beginnings of paths that exist on one machine. Written in two pieces, so that this file does not find itself.
const PREFIXES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/Use", "rs/"),
    concat!("/ho", "me/"),
];

/// Every line, of any text file, that names such a path.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(prefix) = PREFIXES.iter().find(|prefix| names_path(line, prefix)) {
                findings.push(Finding {
                    path: path.to_owned(),
                    line: number,
                    rule: RULE,
                    advice: format!("a path under `{prefix}` exists on one machine only: use a relative one, or `~`"),
                });
            }
        }
    }
    findings
}

/// Whether an absolute path begins so: the same words inside a relative path or an address do not count.
fn names_path(line: &str, prefix: &str) -> bool {
    let mut before = line.split(prefix).peekable();
    while let Some(text) = before.next() {
        let begins_here = !text.chars().next_back().is_some_and(|last| {
            last.is_alphanumeric() || matches!(last, '_' | '-' | '.' | '~' | '}')
        });
        if before.peek().is_some() && begins_here {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_of_a_machine_are_found() {
        for prefix in PREFIXES {
            let text = format!("first\nsee `{prefix}somebody/notes`\n");
            let findings = check(&Tree::of(&[("docs/a.md", &text)]));
            assert_eq!(
                findings
                    .iter()
                    .map(|finding| finding.line)
                    .collect::<Vec<_>>(),
                [2],
                "{prefix}"
            );
        }
    }

    #[test]
    fn relative_paths_and_addresses_are_not() {
        for prefix in PREFIXES {
            for before in ["docs", "~", "https://example.com", "${PROJECT}"] {
                let text = format!("{before}{prefix}notes");
                assert_eq!(check(&Tree::of(&[("docs/a.md", &text)])), [], "{text}");
            }
        }
    }
}
