//! What lists and notifications show of an answer.

use crate::text::truncate;

/// DingTalk shows about this much of a title.
const LONGEST: usize = 20;

/// The first meaningful line without its markdown, at most 20 characters; never empty.
pub fn title(text: &str) -> String {
    let line = text
        .lines()
        .map(|line| {
            line.trim_matches(|character: char| {
                character.is_whitespace()
                    || matches!(
                        character,
                        '#' | '*' | '>' | '-' | '`' | '~' | '_' | '|' | '='
                    )
            })
        })
        .find(|line| line.chars().any(char::is_alphanumeric));
    match line.or_else(|| text.split_whitespace().next()) {
        Some(line) => truncate(line, LONGEST).to_owned(),
        None => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_says_something() {
        assert_eq!(title("\n\n---\n## **周报** 要点\n正文"), "周报** 要点");
        assert_eq!(title("```rust\nfn main() {}\n```"), "rust");
        assert_eq!(title("👍"), "👍");
        assert_eq!(title(" \n"), "…");
        assert_eq!(title(&"很长的标题".repeat(10)).chars().count(), 20);
    }
}
