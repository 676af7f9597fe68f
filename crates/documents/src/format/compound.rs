//! What a compound file of the old Office holds: the names of its streams say.

use super::Format;
use crate::extract::Error;

/// Looks for the streams that make a document what it is.
///
/// Their names stand in the directory, in UTF-16. They are searched in the whole file instead of parsing the directory:
/// a damaged one is the parser's affair.
pub(super) fn format(bytes: &[u8], named: Option<Format>) -> Result<Format, Error> {
    let holds = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr_find(bytes, &name)
    };
    if holds("EncryptedPackage") || holds("EncryptionInfo") {
        return Err(Error::Encrypted);
    }
    if holds("WordDocument") {
        return Ok(Format::Doc);
    }
    if holds("PowerPoint Document") {
        return Ok(Format::Ppt);
    }
    if holds("Workbook") || holds("Book") {
        return Ok(Format::Xls);
    }
    match named {
        Some(format @ (Format::Doc | Format::Xls | Format::Ppt)) => Err(Error::Damaged { format }),
        _ if holds("__properties_version1.0") => Err(Error::Unsupported {
            found: "msg".to_owned(),
        }),
        _ => Err(Error::Unsupported {
            found: "compound file".to_owned(),
        }),
    }
}

fn memchr_find(bytes: &[u8], needle: &[u8]) -> bool {
    // Entries of the directory are 128 bytes long and begin with the name, but where the directory lies is not known:
    // sectors are at least 64 bytes, so names begin at multiples of that.
    bytes
        .chunks(64)
        .any(|chunk| chunk.starts_with(needle) && matches!(chunk.get(needle.len()), Some(0) | None))
}
