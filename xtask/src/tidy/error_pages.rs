//! Every error code that a user can see has a page, and the page says what the program says.
//!
//! The catalogue of the gateway is the source. `cargo xtask tidy --fix` writes the head of each page from it; what
//! stands below the marker is written by hand and left alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::finding::Finding;
use super::tree::Tree;
use crate::output;

const RULE: &str = "error-pages";
/// Where the codes are: a table with a row of four lines for each, see [`Row`].
const CATALOGUE: &str = "crates/gateway/src/catalogue/codes.rs";
/// Where the pages are, each named after its code.
const PAGES: &str = "docs/errors/";
const PREFIX: &str = "CHELA-";
/// Ends the head of a page.
const MARKER: &str =
    "<!-- 以上由 cargo xtask tidy --fix 生成 / generated above, by hand below -->\n";

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
            (Some(row), Some(text)) if text.starts_with(&row.head(code)) => {}
            (Some(_), text) => {
                let what = if text.is_none() {
                    "has no page"
                } else {
                    "is explained differently by its page"
                };
                findings.push(finding(
                    CATALOGUE,
                    *line,
                    format!("{code} {what}: `cargo xtask tidy --fix` writes it"),
                ));
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

/// Writes the heads of all pages. What is below the marker of a page stays.
///
/// # Errors
/// When a page cannot be written.
pub(crate) fn fix(root: &Path, tree: &Tree) -> Result<()> {
    for (code, (_, row)) in rows(tree) {
        let page = page(&code);
        let Some(row) = row else { continue };
        let old = tree.text(&page).unwrap_or_default();
        let new = row.page(&code, old);
        if new != old {
            fs::create_dir_all(root.join(PAGES))
                .and_then(|()| fs::write(root.join(&page), new))
                .with_context(|| format!("{page} cannot be written"))?;
            output::line(&format!("wrote {page}"));
        }
    }
    Ok(())
}

/// A row of the catalogue:
///
/// ```text
/// NotRunning = 6002, Unavailable {
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

    fn head(&self, code: &str) -> String {
        let Self {
            title,
            cause,
            remedy,
        } = self;
        format!(
            "# {code} {}\n\n**原因** {}\n\n**办法** {}\n\n## {code}: {}\n\n**Cause** {}\n\n**Remedy** {}\n\n{MARKER}",
            title.chinese,
            cause.chinese,
            remedy.chinese,
            title.english,
            cause.english,
            remedy.english,
        )
    }

    fn page(&self, code: &str, old: &str) -> String {
        let by_hand = old.split_once(MARKER).map_or("", |(_, by_hand)| by_hand);
        format!("{}{by_hand}", self.head(code))
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

/// Every code with the number of its line, and its row unless that is not understood.
fn rows(tree: &Tree) -> BTreeMap<String, (usize, Option<Row>)> {
    let lines: Vec<&str> = tree
        .text(CATALOGUE)
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .collect();
    let mut rows = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(code) = code_of(line) {
            let row = lines.get(at + 1..at + 5).and_then(Row::parse);
            rows.insert(code, (at + 1, row));
        }
    }
    rows
}

/// The code in `Name = 1001, Exit {`.
fn code_of(line: &str) -> Option<String> {
    let (name, rest) = line.strip_suffix('{')?.split_once(" = ")?;
    let (digits, _exit) = rest.split_once(", ")?;
    let is_row = name.chars().all(char::is_alphanumeric)
        && digits.len() == 4
        && digits.chars().all(|digit| digit.is_ascii_digit());
    is_row.then(|| format!("{PREFIX}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: &str = r#"//! Codes.
codes! {
    NotFound = 1001, Usage {
        "找不到" / "it is not there";
        "没有 \"它\"。" / "There is no \"it\".";
        "找 a / b。" / "Look for a / b.";
    }
    // Old = 1009, Usage {
}
"#;

    fn head() -> String {
        format!(
            "# CHELA-1001 找不到\n\n**原因** 没有 \"它\"。\n\n**办法** 找 a / b。\n\n## CHELA-1001: it is not there\n\n\
             **Cause** There is no \"it\".\n\n**Remedy** Look for a / b.\n\n{MARKER}"
        )
    }

    #[track_caller]
    fn check_pages(pages: &[(&str, &str)], expected: &[(&str, usize)]) {
        let mut files = vec![(CATALOGUE, CODES)];
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
        let more = format!("{}\n## 例子\n", head());
        check_pages(
            &[
                ("docs/errors/CHELA-1001.md", &head()),
                ("docs/errors/README.md", ""),
            ],
            &[],
        );
        check_pages(&[("docs/errors/CHELA-1001.md", &more)], &[]);
    }

    #[test]
    fn missing_outdated_and_orphaned_pages_are_found() {
        check_pages(&[], &[(CATALOGUE, 3)]);
        check_pages(
            &[("docs/errors/CHELA-1001.md", "# CHELA-1001 别的\n")],
            &[(CATALOGUE, 3)],
        );
        let orphan = "docs/errors/CHELA-1009.md";
        check_pages(
            &[("docs/errors/CHELA-1001.md", &head()), (orphan, "")],
            &[(orphan, 1)],
        );
    }

    #[test]
    fn a_row_in_another_form_is_found() {
        let tree = Tree::of(&[(
            CATALOGUE,
            "codes! {\n    NotFound = 1001, Usage {\n        \"找不到\";\n    }\n}\n",
        )]);
        assert_eq!(
            check(&tree)
                .iter()
                .map(|finding| finding.line)
                .collect::<Vec<_>>(),
            [2]
        );
    }

    #[test]
    fn fixing_writes_the_head_and_keeps_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let old = format!("# CHELA-1001 以前\n\n{MARKER}\n## 例子\n");
        let tree = Tree::of(&[(CATALOGUE, CODES), ("docs/errors/CHELA-1001.md", &old)]);

        fix(folder.path(), &tree).unwrap();

        let text = fs::read_to_string(folder.path().join("docs/errors/CHELA-1001.md")).unwrap();
        assert_eq!(text, format!("{}\n## 例子\n", head()));
    }
}
