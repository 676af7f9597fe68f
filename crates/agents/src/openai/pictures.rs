//! The pictures of a question, read from disk in the form in which they are sent.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chela_engine::ports::{AgentRequest, Material, Picture};
use tokio::io::AsyncReadExt as _;

/// Pictures of one question.
const MOST: usize = 8;
/// Bytes of one picture.
const LARGEST: u64 = 5 * 1024 * 1024;

/// The pictures that a model gets to see.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// Each as a `data:` address.
    pub(super) shown: Vec<String>,
    /// How many are not shown: too many, too large, or gone.
    pub(super) hidden: usize,
}

impl Pictures {
    /// Reads those that came with the question, then those of what it quotes.
    pub(super) async fn read(request: &AgentRequest) -> Self {
        let mut pictures = Self::default();
        for picture in all(request) {
            let read = if pictures.shown.len() < MOST {
                address(picture).await
            } else {
                None
            };
            match read {
                Some(address) => pictures.shown.push(address),
                None => pictures.hidden += 1,
            }
        }
        pictures
    }

    /// Shows none.
    pub(super) fn hidden(request: &AgentRequest) -> Self {
        Self {
            shown: Vec::new(),
            hidden: all(request).count(),
        }
    }
}

fn all(request: &AgentRequest) -> impl Iterator<Item = &Picture> {
    let quoted = request.quotes.iter().flat_map(|quoted| &quoted.materials);
    let materials = request.materials.iter().chain(quoted);
    materials.flat_map(|material: &Material| &material.pictures)
}

async fn address(picture: &Picture) -> Option<String> {
    let media_type = picture.media_type.as_str();
    if !matches!(
        media_type,
        "image/png" | "image/jpeg" | "image/gif" | "image/webp"
    ) {
        return None;
    }
    let bytes = read(&picture.path).await;
    let bytes = bytes.inspect_err(|error| tracing::warn!(%error, "a picture cannot be read"));
    let bytes = bytes.ok()??;
    Some(format!(
        "data:{media_type};base64,{}",
        BASE64_STANDARD.encode(bytes)
    ))
}

async fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).await?;
    let fits = !bytes.is_empty() && bytes.len() as u64 <= LARGEST;
    Ok(fits.then_some(bytes))
}
