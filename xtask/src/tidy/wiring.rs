//! `lib.rs` and `mod.rs` are tables of contents: documentation, `mod`, `use`, attributes, macro calls.

use super::finding::Finding;
use super::source::Source;
use super::tree::Tree;

const RULE: &str = "wiring";

/// The first item of each `lib.rs` and `mod.rs` that is more than wiring.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.sources()
        .iter()
        .filter(|source| matches!(source.name(), "lib.rs" | "mod.rs") && !source.is_test_file())
        .filter_map(|source| {
            let (line, item) = first_of_substance(source)?;
            Some(Finding {
                path: source.path.clone(),
                line,
                rule: RULE,
                advice: format!(
                    "`{item}` does not belong in a table of contents: move it to a file that is named after it"
                ),
            })
        })
        .collect()
}

/// Walks over the file item by item. `rustfmt` begins every item on a line of its own.
fn first_of_substance(source: &Source) -> Option<(usize, String)> {
    // What is still open of the item that began on an earlier line.
    let mut depth = 0_i32;
    let mut is_open = false;
    for (number, line) in source.code_without_tests() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if !is_open && !is_wiring(line) {
            let item = line.trim_end_matches(['{', ' ']).to_owned();
            return Some((number, item));
        }
        for character in line.chars() {
            match character {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth -= 1,
                _ => {}
            }
        }
        is_open = depth > 0 || !(line.ends_with(';') || line.ends_with(']') || line.ends_with('}'));
    }
    None
}

fn is_wiring(line: &str) -> bool {
    if line.starts_with("#[") || line.starts_with("#![") {
        return true;
    }
    let item = without_visibility(line);
    let is_module = item.starts_with("mod ") && item.ends_with(';');
    is_module
        || item.starts_with("use ")
        || item.starts_with("extern crate ")
        || is_macro_call(item)
}

fn without_visibility(line: &str) -> &str {
    let Some(item) = line.strip_prefix("pub") else {
        return line;
    };
    match item
        .strip_prefix('(')
        .and_then(|scope| scope.split_once(')'))
    {
        Some((_, item)) => item.trim_start(),
        None => item.trim_start(),
    }
}

fn is_macro_call(item: &str) -> bool {
    item.split_once('!').is_some_and(|(name, _)| {
        name != "macro_rules"
            && name
                .chars()
                .all(|character| character.is_alphanumeric() || matches!(character, '_' | ':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: Option<usize>) {
        let findings = check(&Tree::of(&[("crates/a/src/lib.rs", text)]));
        assert_eq!(
            findings.first().map(|finding| finding.line),
            expected,
            "{findings:?}"
        );
    }

    #[test]
    fn wiring_is_allowed() {
        check_text(
            "//! Doc.\n#![warn(missing_docs)]\n\nextern crate alloc;\n\nmod a;\npub mod b;\n#[cfg(unix)]\npub(crate) mod c;\n\
             pub use self::a::{\n    One,\n    Two as Three,\n};\nuse a as _;\nstatic_assertions::assert_impl_all!(One: Send);\n",
            None,
        );
    }

    #[test]
    fn tests_are_allowed() {
        check_text(
            "//! Doc.\nmod a;\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n",
            None,
        );
    }

    #[test]
    fn substance_is_found() {
        check_text("//! Doc.\nmod a;\nfn b() {\n}\n", Some(3));
        check_text(
            "//! Doc.\npub use self::a::{\n    One,\n};\npub struct B;\n",
            Some(5),
        );
        check_text("//! Doc.\nmod a {\n    fn b() {}\n}\n", Some(2));
        check_text("//! Doc.\nmacro_rules! a {\n    () => {};\n}\n", Some(2));
        check_text("//! Doc.\nconst A: u8 = 1;\n", Some(2));
    }

    #[test]
    fn other_files_may_have_substance() {
        assert_eq!(
            check(&Tree::of(&[("crates/a/src/main.rs", "fn main() {}\n")])),
            []
        );
    }
}
