//! What a zip archive is: office documents are archives with agreed members.

use super::Format;
use crate::archive::Members;

/// Looks for the members that make an archive a document. An archive that cannot be opened is what its name says.
pub(super) fn format(bytes: &[u8], named: Option<Format>) -> Format {
    let Some(members) = Members::of(bytes) else {
        return match named {
            Some(format) if !format.is_text() => format,
            _ => Format::Zip,
        };
    };
    if let Some(mimetype) = members.small("mimetype") {
        let mimetype = String::from_utf8_lossy(&mimetype).into_owned();
        let kinds = [
            ("opendocument.text", Format::Odt),
            ("opendocument.spreadsheet", Format::Ods),
            ("opendocument.presentation", Format::Odp),
        ];
        if let Some((_, format)) = kinds.iter().find(|(kind, _)| mimetype.contains(kind)) {
            return *format;
        }
    }
    let kinds = [
        ("word/document.xml", Format::Docx),
        ("xl/workbook.xml", Format::Xlsx),
        ("xl/workbook.bin", Format::Xlsb),
        ("ppt/presentation.xml", Format::Pptx),
        ("OFD.xml", Format::Ofd),
    ];
    let by_member = kinds.iter().find(|(member, _)| members.has(member));
    match (by_member, named) {
        (Some((_, format)), _) => *format,
        // Some programs name the main part differently; the declaration of types then decides nothing more than we do.
        (None, Some(format @ (Format::Docx | Format::Xlsx | Format::Pptx)))
            if members.has("[Content_Types].xml") =>
        {
            format
        }
        (None, _) => Format::Zip,
    }
}
