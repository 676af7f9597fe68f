//! Text whose every character counts, in a fence.

use super::encoding;
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;

/// Reads source code, settings, XML.
#[expect(clippy::unnecessary_wraps, reason = "all readers look the same")]
pub(crate) fn read(
    bytes: &[u8],
    name: &str,
    format: Format,
    job: &mut Job<'_>,
) -> Result<(), Error> {
    let text = encoding::decode(bytes, job);
    let language = match format {
        Format::Xml => "xml".to_owned(),
        Format::Yaml => "yaml".to_owned(),
        _ => crate::format::ending(name),
    };
    job.markdown.code(&language, &text.replace("\r\n", "\n"));
    Ok(())
}
