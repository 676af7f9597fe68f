//! Files short enough to be read at once.

use super::finding::Finding;
use super::source::Source;
use super::tree::Tree;

const RULE: &str = "length";
/// More lines than this are listed, so that the pile is seen growing.
const WISHED: usize = 300;
/// More lines than this are refused.
const HARD: usize = 600;

/// Files over the hard limit. Tests do not count.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    measured(tree)
        .filter(|&(_, length)| length > HARD)
        .map(|(source, length)| Finding {
            path: source.path.clone(),
            line: 1,
            rule: RULE,
            advice: format!("{length} lines without tests, the limit is {HARD}: split it where a reader would pause"),
        })
        .collect()
}

/// Files over the wished limit, longest first, as text.
pub(crate) fn long_files(tree: &Tree) -> Vec<String> {
    let mut long: Vec<_> = measured(tree)
        .filter(|&(_, length)| length > WISHED)
        .collect();
    long.sort_by_key(|&(_, length)| std::cmp::Reverse(length));
    long.into_iter()
        .map(|(source, length)| {
            format!(
                "{}: {length} lines without tests, {WISHED} are wished",
                source.path
            )
        })
        .collect()
}

fn measured(tree: &Tree) -> impl Iterator<Item = (&Source, usize)> {
    tree.sources()
        .iter()
        .filter(|source| !source.is_test_file())
        .map(|source| (source, source.code_without_tests().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(production: usize, test: usize) -> String {
        format!(
            "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn a() {}\n".repeat(production),
            "fn b() {}\n".repeat(test)
        )
    }

    #[test]
    fn the_limit_counts_what_is_not_tests() {
        let tree = Tree::of(&[
            ("crates/a/src/fits.rs", &file(HARD, 500)),
            ("crates/a/src/long.rs", &file(HARD + 1, 0)),
            ("crates/a/tests/any.rs", &file(2 * HARD, 0)),
        ]);
        let paths: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(paths, ["crates/a/src/long.rs"]);
    }

    #[test]
    fn long_files_are_listed_longest_first() {
        let tree = Tree::of(&[
            ("crates/a/src/a.rs", &file(WISHED, 0)),
            ("crates/a/src/b.rs", &file(WISHED + 1, 0)),
            ("crates/a/src/c.rs", &file(WISHED + 2, 0)),
        ]);
        let listed = long_files(&tree);
        assert_eq!(listed.len(), 2);
        assert!(
            listed
                .iter()
                .zip(["c.rs: 302", "b.rs: 301"])
                .all(|(line, part)| line.contains(part)),
            "{listed:?}"
        );
    }
}
