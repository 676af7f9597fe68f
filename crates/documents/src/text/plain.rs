//! Text and markdown, as they are.

use super::encoding;
use crate::extract::Error;
use crate::job::Job;

/// Reads a text.
#[expect(clippy::unnecessary_wraps, reason = "all readers look the same")]
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let text = encoding::decode(bytes, job);
    job.markdown.raw(&text.replace("\r\n", "\n"));
    Ok(())
}
