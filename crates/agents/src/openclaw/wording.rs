//! Words that OpenClaw would take for commands, made into words. For whoever is no owner, where OpenClaw itself cannot be
//! told to leave them alone (reference of OpenClaw core §3.1, §4.4).

/// The text with every command in it written so that nobody obeys it: `／` and `！` of Chinese typography look the same to
/// a reader. Behind a name no word stands alone, so that `stop` and its relatives are not heard either.
pub(super) fn harmless(name: &str, text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + name.len() + 8);
    shown.push_str(name);
    shown.push_str(": ");
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let begins = before.is_whitespace();
        let letter = rest.peek().is_some_and(char::is_ascii_alphabetic);
        shown.push(match character {
            '/' if begins && letter => '／',
            '!' if begins => '！',
            _ => character,
        });
        before = character;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_lose_their_power_and_nothing_else_changes() {
        for (text, expected) in [
            ("/status", "小王: ／status"),
            (
                "  /think high 帮我想 /model x",
                "小王:   ／think high 帮我想 ／model x",
            ),
            ("! rm -rf x", "小王: ！ rm -rf x"),
            ("stop", "小王: stop"),
            (
                "读 a/b 和 https://example.com/x！",
                "小王: 读 a/b 和 https://example.com/x！",
            ),
            ("3 / 4 = ? 🦀!", "小王: 3 / 4 = ? 🦀!"),
            ("", "小王: "),
        ] {
            assert_eq!(harmless("小王", text), expected);
        }
    }
}
