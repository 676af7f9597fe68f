//! Text is cut between what a reader sees as characters, never inside an emoji.

use unicode_segmentation::UnicodeSegmentation;

/// The longest beginning of `text` that has at most `limit` characters as a reader counts them.
pub fn truncate(text: &str, limit: usize) -> &str {
    match text.grapheme_indices(true).nth(limit) {
        Some((end, _)) => text.split_at(end).0,
        None => text,
    }
}

/// Removes what no person can read and some platforms refuse: control characters other than line breaks and tabs.
pub fn readable(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'))
        .collect()
}

/// How many tokens a text is, roughly and rather too many than too few: common vocabularies write four letters of English,
/// or about one Chinese character, as one token.
pub fn tokens(text: &str) -> usize {
    let ascii = text.chars().filter(char::is_ascii).count();
    let other = text.chars().count() - ascii;
    ascii.div_ceil(4) + other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_of_several_code_points_stays_whole() {
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(truncate(&format!("家{family}好"), 2), format!("家{family}"));
        assert_eq!(truncate("短", 20), "短");
        assert_eq!(truncate("", 0), "");
    }

    #[test]
    fn letters_share_a_token_and_characters_do_not() {
        assert_eq!(["", "hello", "你好, you"].map(tokens), [0, 2, 4]);
    }

    #[test]
    fn control_characters_go_and_line_breaks_stay() {
        assert_eq!(readable("a\0b\r\nc\td\u{7}"), "ab\nc\td");
    }
}
