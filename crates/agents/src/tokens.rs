//! How many tokens a text is, roughly, without the vocabulary of any one model.

/// Estimates the tokens of a text, rather too many than too few.
///
/// Common vocabularies write four letters of English, or about one Chinese character, as one token.
pub(crate) fn estimate(text: &str) -> usize {
    let (ascii, other) = text
        .chars()
        .fold((0_usize, 0), |(ascii, other), character| {
            if character.is_ascii() {
                (ascii + 1, other)
            } else {
                (ascii, other + 1)
            }
        });
    ascii.div_ceil(4) + other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_share_a_token_and_characters_do_not() {
        assert_eq!(estimate(""), 0);
        assert_eq!(estimate("hello"), 2);
        assert_eq!(estimate("你好"), 2);
        assert_eq!(estimate("你好, you"), 4);
    }
}
