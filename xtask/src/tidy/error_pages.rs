//! Every error code that a user can see has a page that says what to do, and every page has its code.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::source::Source;
use super::tree::Tree;

const RULE: &str = "error-pages";
/// Where the codes are: a table whose rows begin `Name = 1001, `.
const CATALOGUE: &str = "crates/gateway/src/catalogue/codes.rs";
/// Where the pages are, each named after its code.
const PAGES: &str = "docs/errors/";
const PREFIX: &str = "CHELA-";
const DIGITS: usize = 4;

/// Codes without a page and pages without a code.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let codes = tree.source(CATALOGUE).map(codes_of).unwrap_or_default();
    let without_page = codes.iter().filter(|(code, _)| tree.text(&page(code)).is_none()).map(|(code, &line)| Finding {
        path: CATALOGUE.to_owned(),
        line,
        rule: RULE,
        advice: format!("{code} has no page: write {}, what happened and what to do, in Chinese and English", page(code)),
    });
    let without_code = tree.texts().filter_map(|(path, _)| {
        let code = path.strip_prefix(PAGES)?.strip_suffix(".md")?;
        let is_orphan = code.starts_with(PREFIX) && !codes.contains_key(code);
        is_orphan.then(|| Finding {
            path: path.to_owned(),
            line: 1,
            rule: RULE,
            advice: format!(
                "nothing reports {code} any more: delete the page, or add the code to {CATALOGUE}"
            ),
        })
    });
    without_page.chain(without_code).collect()
}

fn page(code: &str) -> String {
    format!("{PAGES}{code}.md")
}

/// The codes of the table, each with its line.
fn codes_of(source: &Source) -> BTreeMap<String, usize> {
    source
        .code_without_tests()
        .filter_map(|(number, line)| Some((code_of_row(line)?, number)))
        .collect()
}

fn code_of_row(line: &str) -> Option<String> {
    let (_name, rest) = line.split_once(" = ")?;
    let (digits, _) = rest.split_once(',')?;
    let is_code = digits.len() == DIGITS && digits.chars().all(|digit| digit.is_ascii_digit());
    is_code.then(|| format!("{PREFIX}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: &str = "//! Codes.

codes! {
    NotFound = 1001, Usage {
        \"a\" / \"b\";
    }
    // Old = 1009, gone
    Broken = 1002, Usage {
    }
}
";

    #[test]
    fn codes_and_pages_agree() {
        let tree = Tree::of(&[
            (CATALOGUE, CODES),
            ("docs/errors/CHELA-1001.md", ""),
            ("docs/errors/CHELA-1002.md", ""),
            ("docs/errors/README.md", ""),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn a_code_without_a_page_and_a_page_without_a_code() {
        let tree = Tree::of(&[
            (CATALOGUE, CODES),
            ("docs/errors/CHELA-1001.md", ""),
            ("docs/errors/CHELA-1003.md", ""),
        ]);
        let places: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| (finding.path, finding.line))
            .collect();
        assert_eq!(
            places,
            [
                (CATALOGUE.to_owned(), 8),
                ("docs/errors/CHELA-1003.md".to_owned(), 1)
            ]
        );
    }
}
