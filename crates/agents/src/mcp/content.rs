//! What a server answers, as text.

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};

use crate::tool::{Output, Provenance};

/// The result of a call. Whatever a server says comes from somebody else, its failures included.
pub(super) fn output(result: CallToolResult) -> Output {
    let mut pieces: Vec<String> = result.content.iter().map(piece).collect();
    if pieces.is_empty()
        && let Some(structured) = &result.structured_content
    {
        pieces.push(structured.to_string());
    }
    if pieces.is_empty() {
        pieces.push("(nothing)".to_owned());
    }
    Output {
        failed: result.is_error == Some(true),
        ..Output::new(pieces.join("\n"), Provenance::Tool)
    }
}

fn piece(content: &ContentBlock) -> String {
    match content {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => unseen("picture", &image.mime_type, image.data.len()),
        ContentBlock::Audio(audio) => unseen("recording", &audio.mime_type, audio.data.len()),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { uri, text, .. } => format!("[{uri}]\n{text}"),
            ResourceContents::BlobResourceContents { uri, blob, .. } => {
                unseen("file", uri, blob.len())
            }
            _ => "[something that cannot be shown]".to_owned(),
        },
        ContentBlock::ResourceLink(link) => format!("[{}] {}", link.name, link.uri),
        _ => "[something that cannot be shown]".to_owned(),
    }
}

/// Base64 is four characters for three bytes.
fn unseen(what: &str, kind: &str, characters: usize) -> String {
    format!(
        "[a {what}, {kind}, about {} bytes, which cannot be shown]",
        characters / 4 * 3
    )
}
