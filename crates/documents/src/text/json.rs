//! JSON, as it is, except that escaped characters are shown.
//!
//! It is not parsed: numbers keep their digits, and what is not quite JSON can still be read by a model.

use super::encoding;
use crate::extract::Error;
use crate::job::Job;

/// Reads JSON or lines of it.
#[expect(clippy::unnecessary_wraps, reason = "all readers look the same")]
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let text = encoding::decode(bytes, job);
    job.markdown.code("json", &unescape(&text));
    Ok(())
}

/// Programs write `\u62a5\u544a` for 报告. Escapes of ASCII stay: a quote would end its string.
fn unescape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        shown.push_str(before);
        let units = units(after);
        let decoded = char::decode_utf16(units.iter().copied())
            .next()
            .and_then(Result::ok)
            .filter(|character| !character.is_ascii() && !character.is_control());
        let length = match decoded {
            Some(character) => {
                shown.push(character);
                // `uXXXX`, and `\uXXXX` again for the second half of a pair.
                6 * character.len_utf16() - 1
            }
            None => {
                shown.push('\\');
                let escaped = after.chars().next().map(char::len_utf8).unwrap_or_default();
                shown.push_str(after.get(..escaped).unwrap_or_default());
                escaped
            }
        };
        rest = after.get(length..).unwrap_or_default();
    }
    shown.push_str(rest);
    shown
}

/// The one or two code units that stand behind a backslash.
fn units(after: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(2);
    let mut rest = Some(after);
    while let Some(hex) = rest.and_then(|rest| rest.strip_prefix('u')?.get(..4)) {
        // `from_str_radix` would take a sign.
        if units.len() == 2 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            break;
        }
        units.extend(u16::from_str_radix(hex, 16));
        rest = rest.and_then(|rest| rest.get(5..)?.strip_prefix('\\'));
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_safe_is_unescaped() {
        for (text, expected) in [
            (r#""\u62a5\u544A""#, r#""报告""#),
            (r#""\ud842\udfb7x""#, r#""𠮷x""#),
            (r#""\u0022\n\\u62a5""#, r#""\u0022\n\\u62a5""#),
            (r#""\ud842""#, r#""\ud842""#),
            (r#""\u+123 \u12"#, r#""\u+123 \u12"#),
            ("\\", "\\"),
            ("\\报", "\\报"),
        ] {
            assert_eq!(unescape(text), expected);
        }
    }
}
