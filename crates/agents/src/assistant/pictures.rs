//! The pictures of a question, read from disk as they are sent.

use std::path::Path;

use chela_engine::ports::{AgentRequest, Material, Picture};
use tokio::io::AsyncReadExt as _;

use crate::model::Image;

/// Pictures of one question.
const MOST: usize = 8;
/// Bytes of one picture.
const LARGEST: u64 = 5 * 1024 * 1024;

/// The pictures that a model gets to see.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    pub(super) shown: Vec<Image>,
    /// How many are not shown: too many, too large, or gone.
    pub(super) hidden: usize,
}

impl Pictures {
    /// Reads those that came with the question, then those of what it quotes.
    pub(super) async fn read(request: &AgentRequest) -> Self {
        let mut pictures = Self::default();
        for picture in all(request) {
            let read = if pictures.shown.len() < MOST {
                image(picture).await
            } else {
                None
            };
            match read {
                Some(image) => pictures.shown.push(image),
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

async fn image(picture: &Picture) -> Option<Image> {
    let media_type = picture.media_type.as_str();
    if !matches!(
        media_type,
        "image/png" | "image/jpeg" | "image/gif" | "image/webp"
    ) {
        return None;
    }
    let bytes = read(&picture.path).await;
    let bytes = bytes.inspect_err(|error| tracing::warn!(%error, "a picture cannot be read"));
    Some(Image {
        media_type: picture.media_type.clone(),
        bytes: bytes.ok()??.into(),
    })
}

async fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).await?;
    let fits = !bytes.is_empty() && bytes.len() as u64 <= LARGEST;
    Ok(fits.then_some(bytes))
}
