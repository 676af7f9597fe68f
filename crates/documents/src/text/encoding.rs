//! Bytes of a text in any encoding that is used in China, as a string.

use chardetng::EncodingDetector;
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use crate::job::Job;

/// How much of a text is looked at to find its encoding.
const SAMPLE: usize = 256 * 1024;

/// Decodes a text; what cannot be read stands as U+FFFD and is counted.
pub(crate) fn decode(bytes: &[u8], job: &mut Job<'_>) -> String {
    let (text, unreadable) = decode_as(bytes, find(bytes));
    job.unreadable(unreadable);
    text
}

/// Decodes what says itself what it is encoded in, when it says so truly.
pub(crate) fn decode_declared(bytes: &[u8], declared: Option<&[u8]>, job: &mut Job<'_>) -> String {
    let encoding = declared.and_then(Encoding::for_label).map(widest);
    if let Some(encoding) = encoding.filter(|_| Encoding::for_bom(bytes).is_none()) {
        let (text, unreadable) = decode_as(bytes, encoding);
        if unreadable == 0 {
            return text;
        }
    }
    decode(bytes, job)
}

/// Whether these bytes are no text at all.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    let sample = sample(bytes);
    if Encoding::for_bom(sample).is_some() || wide(sample).is_some() {
        return false;
    }
    let strange = sample
        .iter()
        .filter(|&&byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127))
        .count();
    // One stray control character is found in many a log; a zero byte in hardly any.
    strange * 50 > sample.len() || sample.iter().filter(|&&byte| byte == 0).count() > 2
}

fn decode_as(bytes: &[u8], encoding: &'static Encoding) -> (String, usize) {
    let (text, _, has_errors) = encoding.decode(bytes);
    let unreadable = if has_errors {
        text.matches('\u{fffd}').count()
    } else {
        0
    };
    (text.into_owned(), unreadable)
}

fn find(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    let sample = sample(bytes);
    let is_utf8 = match std::str::from_utf8(sample) {
        Ok(_) => true,
        // The sample may end within a character.
        Err(error) => error.error_len().is_none() && sample.len() < bytes.len(),
    };
    if is_utf8 {
        return UTF_8;
    }
    if let Some(encoding) = wide(sample).or_else(|| xml_declaration(sample)) {
        return encoding;
    }
    // No hint about the country: with one, short texts in Big5 and Shift-JIS become wrong Chinese.
    let mut detector = EncodingDetector::new();
    detector.feed(sample, sample.len() == bytes.len());
    widest(detector.guess(None, true))
}

/// UTF-16 without a mark: every other byte of what is not Chinese in it is zero.
fn wide(sample: &[u8]) -> Option<&'static Encoding> {
    let zeros = |parity: usize| {
        let bytes = sample.iter().skip(parity).step_by(2);
        bytes.filter(|&&byte| byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let is_much = |count: usize| count > 3 && count * 20 > sample.len() / 2;
    let encoding = if is_much(odd) && even * 10 < odd {
        UTF_16LE
    } else if is_much(even) && odd * 10 < even {
        UTF_16BE
    } else {
        return None;
    };
    // Numbers of two bytes look alike, but are no text.
    let text = encoding.decode_without_bom_handling(sample).0;
    let is_strange = |character: &char| {
        *character == '\u{fffd}' || (character.is_control() && !character.is_whitespace())
    };
    (text.chars().filter(is_strange).count() * 50 < text.chars().count()).then_some(encoding)
}

fn xml_declaration(sample: &[u8]) -> Option<&'static Encoding> {
    let end = sample.iter().take(200).position(|&byte| byte == b'>')?;
    let declaration = std::str::from_utf8(sample.get(..end)?).ok()?;
    let value = declaration
        .strip_prefix("<?xml")?
        .split_once("encoding")?
        .1
        .trim_start_matches([' ', '=']);
    let label = value.split(['"', '\'']).nth(1)?;
    Encoding::for_label(label.as_bytes()).map(widest)
}

/// Who says GBK or GB 2312 may mean GB 18030, which holds both.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

fn sample(bytes: &[u8]) -> &[u8] {
    bytes.get(..SAMPLE).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "请各部门负责人于十月三十日之前提交整改方案。";

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert!(!is_binary(bytes));
        assert_eq!(decode_as(bytes, find(bytes)), (expected.to_owned(), 0));
    }

    #[test]
    fn chinese_encodings_are_found() {
        check(TEXT.as_bytes(), TEXT);
        check(&GBK.encode(TEXT).0, TEXT);
        check(&GB18030.encode("龘𠮷䶮,囧槑烎").0, "龘𠮷䶮,囧槑烎");
        let mixed = format!("{}{TEXT}", "plain ascii line\n".repeat(200));
        check(&GBK.encode(&mixed).0, &mixed);
        let traditional = "本季度公司營業收入成長百分之十二。";
        check(&encoding_rs::BIG5.encode(traditional).0, traditional);
    }

    #[test]
    fn wide_texts_are_found_without_a_mark() {
        let text = "number,name\r\n1,报告\r\n2,附件\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&little, text);
        check(&big, text);
    }

    #[test]
    fn a_sample_that_ends_within_a_character_is_still_utf8() {
        let text = format!("a{}", "字".repeat(SAMPLE));
        assert_eq!(find(text.as_bytes()), UTF_8);
    }

    #[test]
    fn declarations_are_read() {
        let bytes = b"<?xml version=\"1.0\" encoding='Shift_JIS'?><a>\x93\xfa</a>";
        assert_eq!(find(bytes), encoding_rs::SHIFT_JIS);
    }
}
