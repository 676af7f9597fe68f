//! A Rust file, seen the way the rules need it: which text is code, and which code is tests.

use std::iter;

/// A Rust file.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: String,
    /// The file as it is.
    pub(crate) text: String,
    /// Its code: comments and the insides of literals are blanks. Lines stay where they are.
    code: String,
    /// For every line, whether it belongs to an item under `#[cfg(test)]`.
    is_test: Vec<bool>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = code_of(text);
        let is_test = test_lines(&code);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            is_test,
        }
    }

    /// The name of the file without its folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the whole file is tests, by its place.
    pub(crate) fn is_test_file(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs")
    }

    /// Every line of code with its number, from 1.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.lines())
    }

    /// As [`Source::code`], without items under `#[cfg(test)]`.
    pub(crate) fn code_without_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code()
            .zip(self.is_test.iter().chain(iter::repeat(&false)))
            .filter(|(_, is_test)| !**is_test)
            .map(|(line, _)| line)
    }
}

/// Blanks comments and the insides of literals. Quotes stay, so that it still looks like code.
fn code_of(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let rest = characters.get(at..).unwrap_or_default();
        let behind_identifier = at
            .checked_sub(1)
            .and_then(|before| characters.get(before))
            .is_some_and(|&before| {
                // The prefixes of byte and C strings are not part of an identifier.
                (before.is_alphanumeric() || before == '_') && !matches!(before, 'b' | 'c')
            });
        let length = match (character, rest.get(1)) {
            ('/', Some('/')) => rest
                .iter()
                .take_while(|&&character| character != '\n')
                .count(),
            ('/', Some('*')) => block_comment(rest),
            ('"', _) => literal(rest, '"'),
            ('r', _) if !behind_identifier => raw_string(rest),
            ('\'', Some('\\')) => literal(rest, '\''),
            ('\'', Some(_)) if rest.get(2) == Some(&'\'') => 3,
            _ => 0,
        };
        if length == 0 {
            code.push(character);
            at += 1;
        } else {
            code.extend(
                rest.iter()
                    .take(length)
                    .map(|&character| if character == '\n' { '\n' } else { ' ' }),
            );
            at += length;
        }
    }
    code
}

/// The length of `/* … */`, which may be nested.
fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match (rest.get(at), rest.get(at + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                at += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            (Some(_), _) => at += 1,
            (None, _) => return at,
        }
    }
}

/// The length of a literal that ends at the next quote that is not escaped.
fn literal(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while let Some(&character) = rest.get(at) {
        match character {
            '\\' => at += 2,
            _ if character == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of `r"…"`, `r#"…"#` and so on; 0 when it is none.
fn raw_string(rest: &[char]) -> usize {
    let hashes = rest
        .iter()
        .skip(1)
        .take_while(|&&character| character == '#')
        .count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let start = 2 + hashes;
    (start..rest.len())
        .find(|&at| {
            let end = rest.get(at..).unwrap_or_default();
            end.first() == Some(&'"')
                && end
                    .iter()
                    .skip(1)
                    .take_while(|&&character| character == '#')
                    .take(hashes)
                    .count()
                    == hashes
        })
        .map_or(rest.len(), |end| end + 1 + hashes)
}

/// Marks the lines of every item under `#[cfg(test)]`, from its attribute to its last brace or semicolon.
fn test_lines(code: &str) -> Vec<bool> {
    let mut marks = Vec::new();
    let mut item: Option<usize> = None;
    for line in code.lines() {
        if item.is_none() && is_test_attribute(line) {
            item = Some(0);
        }
        marks.push(item.is_some());
        if let Some(depth) = &mut item {
            let mut has_ended = false;
            for character in line.chars() {
                match character {
                    '{' => *depth += 1,
                    '}' => {
                        *depth = depth.saturating_sub(1);
                        has_ended = *depth == 0;
                    }
                    ';' if *depth == 0 => has_ended = true,
                    _ => {}
                }
            }
            if has_ended {
                item = None;
            }
        }
    }
    marks
}

fn is_test_attribute(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test,")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: &str) {
        let code_of_text = code_of(text);
        assert_eq!(
            code_of_text.split_whitespace().collect::<Vec<_>>(),
            code.split_whitespace().collect::<Vec<_>>()
        );
        assert_eq!(code_of_text.lines().count(), text.lines().count());
    }

    #[test]
    fn comments_are_no_code() {
        check("a(); // todo!()\nb();", "a();\nb();");
        check("/// `todo!()`\n//! 钳\nfn a() {}", "fn a() {}");
        check("a /* b /* c */ d */ e", "a e");
    }

    #[test]
    fn literals_are_no_code() {
        check(
            r#"call("todo!() \" // no comment", after)"#,
            "call( , after)",
        );
        check("call(\"two\nlines\", after)", "call( , after)");
        check(r##"call(r#"a " b"#, br"\", after)"##, "call( , b , after)");
        check(
            r"call('x', '\'', '\u{1F980}', '钳', after)",
            "call( , , , , after)",
        );
    }

    #[test]
    fn lifetimes_and_raw_identifiers_are_code() {
        check(
            "fn a<'x>(r: &'x str) { r#type(for_r) }",
            "fn a<'x>(r: &'x str) { r#type(for_r) }",
        );
    }

    #[test]
    fn items_under_cfg_test_are_tests() {
        let source = Source::new(
            "a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\n#[cfg(test)]\nuse x::{\n    y,\n};\nfn c() {}\n",
        );
        let lines: Vec<_> = source.code_without_tests().collect();
        assert_eq!(lines, [(1, "fn a() {}"), (11, "fn c() {}")]);
    }

    #[test]
    fn test_files_are_known_by_their_place() {
        for path in [
            "crates/a/tests/b.rs",
            "crates/a/src/b/tests.rs",
            "crates/a/src/b/tests/c.rs",
        ] {
            assert!(Source::new(path, "").is_test_file(), "{path}");
        }
        assert!(!Source::new("crates/a/src/contests.rs", "").is_test_file());
    }
}
