//! How much of a result a model reads.

/// Cuts a text to a number of characters, with a note in the place of what is left out: of a long text the beginning
/// and the end say the most.
pub fn cut(text: &str, most: usize) -> String {
    let length = match text.char_indices().nth(most) {
        None => return text.to_owned(),
        Some(_) => text.chars().count(),
    };
    let end = most / 4;
    let beginning = most - end;
    let head: String = text.chars().take(beginning).collect();
    let tail: String = text.chars().skip(length - end).collect();
    let left_out = length - most;
    format!(
        "{head}\n[… {left_out} of {length} characters left out: ask for less, or for another part …]\n{tail}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_a_note() {
        assert_eq!(cut("你好", 2), "你好");
        let flood = "水👨‍👩‍👧".repeat(400_000);
        let text = cut(&flood, 1_000);
        assert!(text.chars().count() < 1_100);
        assert!(text.contains("2399000 of 2400000 characters left out"));
        assert_eq!(cut("", 0), "");
    }
}
