//! Fonts whose characters have several bytes: all Chinese ones.
//!
//! The bytes are mapped to characters of the font (CIDs) by a map that the font names. Programs that do not embed the
//! font name one of the predefined maps, and each of these begins with an encoding that is known elsewhere: GBK, Big5,
//! UTF-16. So the text is there without any table.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS};
use hayro_cmap::CMap;
use hayro_syntax::object::{Dict, Object};

/// How the bytes of a string are parted into codes, and what a code says by itself.
#[derive(Debug)]
pub(super) enum Codes {
    /// Two bytes that mean something only to the font.
    Identity,
    /// An encoding of one country.
    Legacy(&'static Encoding),
    /// UTF-16, or the part of it that has no pairs.
    Utf16,
    /// Four bytes.
    Utf32,
    /// A map in the file.
    Embedded(Box<CMap>),
}

impl Codes {
    /// What the entry `Encoding` of a font says; and whether the text runs down the page.
    pub(super) fn of(font: &Dict<'_>) -> (Self, bool) {
        match font.get::<Object<'_>>("Encoding") {
            Some(Object::Name(name)) => {
                let name = name.as_str();
                (Self::named(name), name.ends_with("-V") || name == "V")
            }
            Some(Object::Stream(stream)) => {
                let data = stream.decoded_data().ok();
                let map = data.and_then(|data| CMap::parse(&data, |_name| None));
                (
                    map.map_or(Self::Identity, |map| Self::Embedded(Box::new(map))),
                    false,
                )
            }
            _ => (Self::Identity, false),
        }
    }

    /// The predefined maps: PDF 32000-1, table 118.
    fn named(name: &str) -> Self {
        let has = |part: &str| name.contains(part);
        if has("UCS2") || has("UTF16") {
            Self::Utf16
        } else if has("UTF32") {
            Self::Utf32
        } else if has("RKSJ") {
            Self::Legacy(SHIFT_JIS)
        } else if name.starts_with("GB") {
            Self::Legacy(GB18030)
        } else if has("B5") || name.starts_with("HKscs") {
            Self::Legacy(BIG5)
        } else if name.starts_with("KSC") {
            Self::Legacy(EUC_KR)
        } else if matches!(name, "EUC-H" | "EUC-V") {
            Self::Legacy(EUC_JP)
        } else {
            Self::Identity
        }
    }

    /// How many bytes the code at the beginning has.
    pub(super) fn length(&self, bytes: &[u8]) -> usize {
        let (first, second) = match bytes {
            [first, second, ..] => (*first, *second),
            _ => return bytes.len(),
        };
        let length = match self {
            Self::Identity => 2,
            Self::Utf16 if (0xd8..0xdc).contains(&first) => 4,
            Self::Utf16 => 2,
            Self::Utf32 => 4,
            Self::Legacy(_) if first < 0x80 => 1,
            Self::Legacy(encoding) if *encoding == SHIFT_JIS && (0xa0..0xe0).contains(&first) => 1,
            Self::Legacy(encoding) if *encoding == EUC_JP && first == 0x8f => 3,
            Self::Legacy(encoding) if *encoding == GB18030 && (0x30..0x3a).contains(&second) => 4,
            Self::Legacy(_) => 2,
            Self::Embedded(map) => (1..=4)
                .find(|&length| {
                    let code = bytes.get(..usize::from(length)).map(number);
                    code.is_some_and(|code| map.lookup_cid_code(code, length).is_some())
                })
                .map_or(2, usize::from),
        };
        length.min(bytes.len())
    }

    /// What a code says without the font's help.
    pub(super) fn text(&self, bytes: &[u8]) -> Option<String> {
        let text = match self {
            Self::Identity | Self::Embedded(_) => return None,
            Self::Legacy(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)?
                .into_owned(),
            Self::Utf16 => {
                let units: Vec<u16> = bytes
                    .chunks_exact(2)
                    .filter_map(|pair| pair.try_into().ok().map(u16::from_be_bytes))
                    .collect();
                String::from_utf16(&units).ok()?
            }
            Self::Utf32 => char::from_u32(number(bytes))?.to_string(),
        };
        (!text.is_empty() && !text.contains(char::is_control)).then_some(text)
    }

    /// The number by which the font knows a code, where that can be known: its width is listed under it.
    pub(super) fn cid(&self, bytes: &[u8]) -> Option<u32> {
        let code = number(bytes);
        match self {
            Self::Identity => Some(code),
            Self::Embedded(map) => map.lookup_cid_code(code, u8::try_from(bytes.len()).ok()?),
            // In all four collections of Adobe, the printable characters of ASCII come first, from 1.
            Self::Utf16 | Self::Utf32 if (0x20..0x7f).contains(&code) => Some(code - 0x1f),
            _ => None,
        }
    }

    /// The width of a code of which nothing is known: half a square for what fits into one byte.
    pub(super) fn usual_width(&self, bytes: &[u8], default: f32) -> f32 {
        let is_narrow = match self {
            Self::Legacy(_) => bytes.len() == 1,
            Self::Utf16 | Self::Utf32 => number(bytes) < 0x100,
            Self::Identity | Self::Embedded(_) => false,
        };
        if is_narrow { 500.0 } else { default }
    }
}

/// The bytes as a number; codes have at most four.
pub(super) fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, &byte| (number << 8) | u32::from(byte))
}
