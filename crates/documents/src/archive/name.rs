//! Names that strangers gave.

use encoding_rs::GB18030;

/// How many characters of a name are kept.
const LENGTH: usize = 120;

/// A name that can be shown: one line, without control characters, marks that turn the direction of writing, steps out
/// of a folder, and at most 120 characters. It is never used as a path.
pub(crate) fn harmless(name: &str) -> String {
    let name = name.replace('\\', "/");
    let parts = name
        .split('/')
        .filter(|part| !matches!(part.trim(), "" | "." | ".."));
    let name = parts.collect::<Vec<_>>().join("/");
    let kept: String = name
        .chars()
        .filter(|&character| !character.is_control() && !is_mark(character))
        .collect();
    if kept.is_empty() {
        return "?".to_owned();
    }
    if kept.chars().count() <= LENGTH {
        return kept;
    }
    // The end says what it is.
    let characters: Vec<char> = kept.chars().collect();
    let (start, _) = characters.split_at(LENGTH - 21);
    let (_, end) = characters.split_at(characters.len() - 20);
    start.iter().chain(&['…']).chain(end).collect()
}

/// Characters without a shape that change how others are shown.
fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '`')
}

/// The name of a member: Chinese Windows writes GBK and does not say so.
pub(super) fn decode(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_harmless() {
        for (name, expected) in [
            ("../../etc/passwd", "etc/passwd"),
            ("C:\\..\\a.txt", "C:/a.txt"),
            ("a\0\n\u{202e}fdp.exe", "afdp.exe"),
            ("/", "?"),
            ("..", "?"),
            ("报告.docx", "报告.docx"),
        ] {
            assert_eq!(harmless(name), expected);
        }
        let long = harmless(&format!("{}.docx", "长".repeat(300)));
        assert_eq!(long.chars().count(), LENGTH);
        assert!(long.ends_with("长.docx"), "{long}");
    }

    #[test]
    fn names_of_chinese_windows_are_read() {
        assert_eq!(decode(b"\xb1\xa8\xb8\xe6.csv"), "报告.csv");
        assert_eq!(decode("报告".as_bytes()), "报告");
    }
}
