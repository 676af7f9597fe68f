//! HTML, by markitdown-core.

use markitdown_core::{Options, StreamInfo, convert};

use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::text::encoding;

/// How deep elements may lie in each other: the parser and the writer walk them by recursion.
const DEPTH: usize = 2_000;

/// Reads a page.
///
/// # Errors
/// When it cannot be read, or its elements lie too deep in each other.
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let text = encoding::decode_declared(bytes, declared(bytes), job);
    read_text(&text, job)
}

/// Reads a page that is decoded already.
pub(crate) fn read_text(html: &str, job: &mut Job<'_>) -> Result<(), Error> {
    if depth(html) > DEPTH {
        return Err(Error::TooLarge {
            limit: crate::limits::Limit::Nesting,
        });
    }
    for _ in 0..html.matches("<img").count() {
        job.image(None);
    }
    let info = StreamInfo {
        extension: Some(".html".to_owned()),
        mimetype: Some("text/html".to_owned()),
        charset: Some("utf-8".to_owned()),
        ..StreamInfo::default()
    };
    let markdown =
        convert(html.as_bytes(), &info, &Options::default()).map_err(|_error| Error::Damaged {
            format: Format::Html,
        })?;
    job.markdown.raw(&markdown);
    Ok(())
}

/// The encoding that the page names in its head.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..2048).unwrap_or(bytes);
    let at = head
        .windows(8)
        .position(|window| window.eq_ignore_ascii_case(b"charset="))?;
    let value = head.get(at + 8..)?;
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let end = value
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && !b"-_".contains(byte))?;
    value.get(..end)
}

/// An upper bound for how deep elements lie in each other, without building them.
fn depth(html: &str) -> usize {
    const EMPTY: &[&str] = &[
        "br", "img", "hr", "input", "meta", "link", "p", "li", "td", "tr", "th", "dd", "dt",
        "option", "col", "area", "base", "wbr", "source",
    ];
    let mut depth = 0_usize;
    let mut deepest = 0;
    for tag in html.split('<').skip(1) {
        let is_end = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(12)
            .collect::<String>()
            .to_ascii_lowercase();
        // Elements that are often left open would add up.
        if name.is_empty() || EMPTY.contains(&name.as_str()) {
            continue;
        }
        depth = if is_end {
            depth.saturating_sub(1)
        } else {
            depth + 1
        };
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_of_a_page_is_found() {
        assert_eq!(declared(b"<meta charset=\"gb2312\">"), Some(&b"gb2312"[..]));
        let old = b"<meta http-equiv=Content-Type content='text/html; charset=GBK'>";
        assert_eq!(declared(old), Some(&b"GBK"[..]));
        assert_eq!(declared(b"<p>"), None);
    }

    #[test]
    fn depth_is_counted() {
        assert_eq!(depth("<div><b>x</b></div><br><div></div>"), 2);
        assert_eq!(depth(&"<div>".repeat(3_000)), 3_000);
        assert_eq!(depth(&"<p>a<br>".repeat(3_000)), 0);
    }
}
