//! What a file is: by its first bytes, then by what it holds, and by its name only where bytes do not say.
//!
//! Names lie often: systems export HTML as `.xls`, and people rename `.doc` to `.docx`. A file is read as what it is.

mod compound;
mod ending;
mod package;
mod signature;

use serde::{Deserialize, Serialize};

pub(crate) use self::ending::of as ending;
use crate::extract::Error;
use crate::text::encoding;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are named by their endings")]
pub enum Format {
    Pdf,
    Docx,
    Xlsx,
    Xlsb,
    Pptx,
    Doc,
    Xls,
    Ppt,
    Rtf,
    Odt,
    Ods,
    Odp,
    Ofd,
    Eml,
    Zip,
    Html,
    Csv,
    Json,
    Xml,
    Yaml,
    Markdown,
    Text,
    /// Source code, scripts, settings.
    Code,
}

impl Format {
    /// Whether a text editor can open it. Such files may have any ending.
    fn is_text(self) -> bool {
        matches!(
            self,
            Self::Eml
                | Self::Html
                | Self::Csv
                | Self::Json
                | Self::Xml
                | Self::Yaml
                | Self::Markdown
                | Self::Text
                | Self::Code
        )
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) format: Format,
    /// Whether the name says something else.
    pub(crate) is_mislabelled: bool,
}

/// Finds out what a file is.
///
/// # Errors
/// When it is nothing that is read, is encrypted as a whole, or is not even the beginning of what its name says.
pub(crate) fn detect(bytes: &[u8], name: &str) -> Result<Found, Error> {
    let named = ending::format(name);
    let found = |format: Format| Found {
        format,
        is_mislabelled: named
            .is_some_and(|named| named != format && !(named.is_text() && format.is_text())),
    };
    if let Some(format) = signature::document(bytes) {
        return Ok(found(format));
    }
    if signature::is_zip(bytes) {
        return Ok(found(package::format(bytes, named)));
    }
    if signature::is_compound(bytes) {
        return compound::format(bytes, named).map(found);
    }
    if let Some(kind) = signature::other(bytes) {
        return Err(Error::Unsupported {
            found: kind.to_owned(),
        });
    }
    if encoding::is_binary(bytes) {
        return Err(match named {
            Some(format) if !format.is_text() => Error::Damaged { format },
            _ => Error::Unsupported {
                found: "binary".to_owned(),
            },
        });
    }
    Ok(found(text(bytes, named)))
}

/// Which kind of text.
fn text(bytes: &[u8], named: Option<Format>) -> Format {
    let shown = signature::text(bytes);
    match (named, shown) {
        // Source code may begin like anything.
        (Some(named), _) if named.is_text() && named != Format::Text => named,
        (_, Some(shown)) => shown,
        (_, None) => Format::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], name: &str, format: Format, is_mislabelled: bool) {
        let expected = Found {
            format,
            is_mislabelled,
        };
        assert_eq!(detect(bytes, name), Ok(expected), "{name}");
    }

    #[test]
    fn bytes_are_believed_before_names() {
        check(b"%PDF-1.7\n", "a.pdf", Format::Pdf, false);
        check(b"\xef\xbb\xbf\n%PDF-1.7\n", "a", Format::Pdf, false);
        check(b"{\\rtf1 x}", "report.doc", Format::Rtf, true);
        check(b"<html><table>", "export.xls", Format::Html, true);
        check(b"plain words", "a.docx", Format::Text, true);
        check(b"<?xml version='1.0'?><a/>", "a", Format::Xml, false);
        check(
            b"From: a@example.com\r\nTo: b@example.com\r\n\r\nx",
            "a",
            Format::Eml,
            false,
        );
    }

    #[test]
    fn names_say_which_text_it_is() {
        check(b"a,b\n", "A.CSV", Format::Csv, false);
        check(b"<html>", "page.rs", Format::Code, false);
        check(b"# a", "README.md", Format::Markdown, false);
        check(b"a", "Dockerfile", Format::Code, false);
        check(b"a", "..", Format::Text, false);
    }

    #[test]
    fn what_is_not_read_is_named() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n"[..], "png"),
            (b"\x7fELF\x02", "elf"),
            (b"Rar!\x1a\x07\x00", "rar"),
            (b"a\0\0\0\x01\x02\x03b", "binary"),
        ] {
            let found = kind.to_owned();
            assert_eq!(detect(bytes, "a.bin"), Err(Error::Unsupported { found }));
        }
        assert_eq!(
            detect(b"\0\x01\x02\x03\x04", "a.pdf"),
            Err(Error::Damaged {
                format: Format::Pdf
            })
        );
    }
}
