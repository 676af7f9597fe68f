//! What the bytes of fonts mean that have one byte for a character.

use std::sync::OnceLock;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// Names of glyphs and their characters, one pair on a line: those of the alphabets of Europe, of mathematics and of
/// frames, as PDF readers know them.
const NAMES: &str = include_str!("glyph_names.txt");

/// The upper half of the encoding that fonts have who say nothing, from 0xA1; a dot stands for no character.
const STANDARD: &str = "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ·–†‡··¶•‚„”»…‰·¿·`´ˆ˜¯˘˙¨·˚¸·˝˛ˇ—················Æ·ª····ŁØŒº·····æ···ı··łøœß····";

/// The Symbol font, from 0x20.
const SYMBOL: &str = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_·αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼\
    ·································€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…··↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇···∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈···∑···········〉∫⌠·⌡··········";

/// An encoding that a font can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    Windows,
    Macintosh,
    Symbol,
}

impl Base {
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"WinAnsiEncoding" => Some(Self::Windows),
            b"MacRomanEncoding" => Some(Self::Macintosh),
            b"StandardEncoding" => Some(Self::Standard),
            _ => None,
        }
    }

    /// The character of a byte.
    pub(super) fn character(self, code: u8) -> Option<char> {
        let nth = |table: &str, first: u8| {
            let index = code.checked_sub(first)?;
            let found = table.chars().nth(usize::from(index));
            found.filter(|&character| character != '·')
        };
        match self {
            Self::Windows => single(code, WINDOWS_1252),
            Self::Macintosh => single(code, MACINTOSH),
            Self::Symbol => nth(SYMBOL, 0x20),
            Self::Standard => match code {
                0x27 => Some('’'),
                0x60 => Some('‘'),
                0x20..=0x7e => Some(char::from(code)),
                _ => nth(STANDARD, 0xa1),
            },
        }
    }
}

fn single(code: u8, encoding: &'static Encoding) -> Option<char> {
    let bytes = [code];
    let text = encoding.decode_without_bom_handling(&bytes).0;
    text.chars()
        .next()
        .filter(|character| !character.is_control())
}

/// The text of a glyph's name: `A`, `eacute`, `uni4EBA`, `u1F600`, `f_i`, `a.alt`.
pub(super) fn glyph(name: &str) -> Option<String> {
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    if let Some(text) = known(name) {
        return Some(text.to_owned());
    }
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter.to_string());
    }
    if let Some(hex) = name.strip_prefix("uni").filter(|hex| hex.len() >= 4) {
        let digits: Vec<char> = hex.chars().collect();
        let units: Option<Vec<u16>> = digits
            .chunks(4)
            .map(|unit| u16::from_str_radix(&unit.iter().collect::<String>(), 16).ok())
            .collect();
        return String::from_utf16(&units?).ok();
    }
    if let Some(hex) = name
        .strip_prefix('u')
        .filter(|hex| (4..=6).contains(&hex.len()))
    {
        let character = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
        return Some(character.to_string());
    }
    if name.contains('_') {
        return name.split('_').map(glyph).collect();
    }
    None
}

fn known(name: &str) -> Option<&'static str> {
    static TABLE: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let pairs = NAMES.lines().filter_map(|line| line.split_once(' '));
        pairs.collect()
    });
    let index = table.binary_search_by_key(&name, |(name, _)| name).ok()?;
    table.get(index).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_glyphs_are_read() {
        for (name, expected) in [
            ("A", Some("A")),
            ("eacute", Some("é")),
            ("ffi", Some("ffi")),
            ("uni4EBA6C11", Some("人民")),
            ("u20BB7", Some("𠮷")),
            ("f_i", Some("fi")),
            ("one.oldstyle", Some("1")),
            ("g123", None),
            (".notdef", None),
        ] {
            assert_eq!(glyph(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn names_are_in_order() {
        let names: Vec<&str> = NAMES
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert!(names.is_sorted());
    }

    #[test]
    fn bytes_are_read() {
        assert_eq!(Base::Standard.character(0xae), Some('ﬁ'));
        assert_eq!(Base::Standard.character(0xff), None);
        assert_eq!(Base::Windows.character(0x93), Some('“'));
        assert_eq!(Base::Symbol.character(0x61), Some('α'));
        assert_eq!(Base::Symbol.character(0xe5), Some('∑'));
    }
}
