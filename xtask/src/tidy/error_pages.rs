//! Every error code that a user can see has a page, and the page says what the program says.
//!
//! The catalogue of the gateway is the source: title, cause and remedy stand on the page word for word, in both
//! languages, beside whatever else the page says.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "error-pages";
/// Where the codes have their numbers: `NotRunning = 6002,`.
const CATALOGUE: &str = "crates/gateway/src/catalogue/codes.rs";
/// Where they are explained, in tables with a row of four lines for each, see [`Row`].
const TABLES: &str = "crates/gateway/src/catalogue/codes/";
/// Where the pages are, each named after its code.
const PAGES: &str = "docs/errors/";
const PREFIX: &str = "CHELA-";

/// Codes without a page, pages that say something else than the program, and pages without a code.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let rows = rows(tree);
    let finding = |path: &str, line, advice| Finding {
        path: path.to_owned(),
        line,
        rule: RULE,
        advice,
    };
    let mut findings = Vec::new();
    for (code, (line, row)) in &rows {
        let page = page(code);
        match (row, tree.text(&page)) {
            (None, _) => {
                let advice =
                    format!("the row of {code} is not three lines of `\"中文\" / \"English\";`");
                findings.push(finding(CATALOGUE, *line, advice));
            }
            (Some(_), None) => findings.push(finding(CATALOGUE, *line, format!("write {page}"))),
            (Some(row), Some(text)) => {
                if let Some(missing) = row.sentences().find(|sentence| !text.contains(sentence)) {
                    findings.push(finding(
                        &page,
                        1,
                        format!("say as the catalogue does: {missing}"),
                    ));
                }
            }
        }
    }
    for (path, _) in tree.texts() {
        let code = path
            .strip_prefix(PAGES)
            .and_then(|name| name.strip_suffix(".md"));
        if code.is_some_and(|code| code.starts_with(PREFIX) && !rows.contains_key(code)) {
            findings.push(finding(
                path,
                1,
                format!("no code of {CATALOGUE} has this page: delete it"),
            ));
        }
    }
    findings
}

/// A row of the catalogue:
///
/// ```text
/// NotRunning, Unavailable {
///     "网关没有运行" / "the gateway does not run";
///     "没有找到…" / "There is no …";
///     "先运行…" / "Run …";
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
struct Row {
    title: Text,
    cause: Text,
    remedy: Text,
}

#[derive(Debug, PartialEq, Eq)]
struct Text {
    chinese: String,
    english: String,
}

impl Row {
    fn parse(lines: &[&str]) -> Option<Self> {
        let [title, cause, remedy, end] = lines else {
            return None;
        };
        if *end != "}" {
            return None;
        }
        Some(Self {
            title: Text::parse(title)?,
            cause: Text::parse(cause)?,
            remedy: Text::parse(remedy)?,
        })
    }

    fn sentences(&self) -> impl Iterator<Item = &str> {
        let texts = [&self.title, &self.cause, &self.remedy];
        texts
            .into_iter()
            .flat_map(|text| [text.chinese.as_str(), text.english.as_str()])
    }
}

impl Text {
    fn parse(line: &str) -> Option<Self> {
        let (chinese, english) = line.strip_suffix(';')?.split_once("\" / \"")?;
        // The literals of the table have no escapes but those that JSON has too.
        let literal = |text: String| serde_json::from_str::<String>(&text).ok();
        Some(Self {
            chinese: literal(format!("{chinese}\""))?,
            english: literal(format!("\"{english}"))?,
        })
    }
}

fn page(code: &str) -> String {
    format!("{PAGES}{code}.md")
}

/// Every code with the number of its line, and its row unless there is none that is understood.
fn rows(tree: &Tree) -> BTreeMap<String, (usize, Option<Row>)> {
    let mut explained = BTreeMap::new();
    for (_, text) in tree.texts().filter(|(path, _)| path.starts_with(TABLES)) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            if let Some(name) = row_of(line) {
                let row = lines.get(at + 1..at + 5).and_then(Row::parse);
                explained.insert(name, row);
            }
        }
    }
    let mut rows = BTreeMap::new();
    let lines = tree.text(CATALOGUE).unwrap_or_default().lines();
    for (at, line) in lines.map(str::trim).enumerate() {
        if let Some((name, code)) = code_of(line) {
            rows.insert(code, (at + 1, explained.remove(name).flatten()));
        }
    }
    rows
}

/// The name in `Name, Exit {`.
fn row_of(line: &str) -> Option<&str> {
    let (name, exit) = line.strip_suffix(" {")?.split_once(", ")?;
    let is_word = |word: &str| word.chars().all(char::is_alphanumeric);
    (is_word(name) && is_word(exit)).then_some(name)
}

/// The name and the code in `Name = 1001,`.
fn code_of(line: &str) -> Option<(&str, String)> {
    let (name, digits) = line.strip_suffix(',')?.split_once(" = ")?;
    let is_code = name.chars().all(char::is_alphanumeric)
        && digits.len() == 4
        && digits.chars().all(|digit| digit.is_ascii_digit());
    is_code.then(|| (name, format!("{PREFIX}{digits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: &str = "//! Codes.\ncodes! {\n    NotFound = 1001,\n    // Old = 1009,\n}\n";
    const TABLE: &str = "crates/gateway/src/catalogue/codes/configuration.rs";

    const ROWS: &str = r#"explanations! {
    NotFound, Usage {
        "找不到" / "it is not there";
        "没有 \"它\"。" / "There is no \"it\".";
        "找 a / b。" / "Look for a / b.";
    }
}
"#;

    const PAGE: &str = "# CHELA-1001\n\n找不到\n\n没有 \"它\"。\n\n找 a / b。\n\nit is not there\n\nThere is no \"it\".\n\nLook for a / b.\n";

    #[track_caller]
    fn check_pages(pages: &[(&str, &str)], expected: &[(&str, usize)]) {
        let mut files = vec![(CATALOGUE, CODES), (TABLE, ROWS)];
        files.extend(pages);
        let findings = check(&Tree::of(&files));
        let places: Vec<_> = findings
            .iter()
            .map(|finding| (finding.path.as_str(), finding.line))
            .collect();
        assert_eq!(places, expected, "{findings:?}");
    }

    #[test]
    fn a_page_says_what_the_catalogue_says_and_may_say_more() {
        let more = format!("{PAGE}\n## 例子\n");
        check_pages(
            &[
                ("docs/errors/CHELA-1001.md", PAGE),
                ("docs/errors/README.md", ""),
            ],
            &[],
        );
        check_pages(&[("docs/errors/CHELA-1001.md", &more)], &[]);
    }

    #[test]
    fn missing_outdated_and_orphaned_pages_are_found() {
        check_pages(&[], &[(CATALOGUE, 3)]);
        let page = "docs/errors/CHELA-1001.md";
        check_pages(&[(page, "# CHELA-1001 找不到\n")], &[(page, 1)]);
        let orphan = "docs/errors/CHELA-1009.md";
        check_pages(&[(page, PAGE), (orphan, "")], &[(orphan, 1)]);
    }

    #[test]
    fn a_row_in_another_form_is_found() {
        let row = "explanations! {\n    NotFound, Usage {\n        \"找不到\";\n    }\n}\n";
        let tree = Tree::of(&[(CATALOGUE, CODES), (TABLE, row)]);
        assert_eq!(
            check(&tree)
                .iter()
                .map(|finding| finding.line)
                .collect::<Vec<_>>(),
            [3]
        );
    }
}
