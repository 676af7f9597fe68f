//! Rich text, which Word and WPS still write, and many systems export as `.doc`.

mod charset;
mod output;
mod reader;
mod tokens;

use crate::extract::Error;
use crate::job::Job;

/// Reads a text. A text that breaks off is read as far as it goes.
#[expect(clippy::unnecessary_wraps, reason = "all readers look the same")]
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let mut reader = reader::Reader::new(job);
    for token in tokens::Tokens::new(bytes) {
        if !reader.take(token) {
            break;
        }
    }
    reader.finish();
    Ok(())
}
