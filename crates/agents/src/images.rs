//! The pictures of a question in the form in which other gateways and coding agents take them: base64 beside their type.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chela_engine::intake::briefing;
use chela_engine::ports::{AgentRequest, Material, Picture};
use tokio::io::AsyncReadExt as _;

/// Pictures of one question.
const MOST: usize = 8;

/// What a question says, and what it shows.
#[derive(Debug)]
pub(crate) struct Question {
    /// The briefing; says how many pictures are not shown.
    pub(crate) text: String,
    pub(crate) images: Vec<Image>,
}

/// One picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) base64: String,
}

/// How much may be shown, in bytes before base64; 0 shows nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) one: u64,
    pub(crate) all: u64,
}

impl Question {
    pub(crate) async fn read(request: &AgentRequest, limits: Limits) -> Self {
        let mut images = Vec::new();
        let mut hidden = 0;
        let mut left = limits.all;
        for picture in pictures(request) {
            let limit = limits.one.min(left);
            let bytes = if images.len() < MOST && is_common(picture) && limit > 0 {
                read(&picture.path, limit).await
            } else {
                None
            };
            let Some(bytes) = bytes else {
                hidden += 1;
                continue;
            };
            left = left.saturating_sub(bytes.len() as u64);
            let media_type = picture.media_type.as_str();
            let ending = media_type.rsplit('/').next().unwrap_or("png");
            images.push(Image {
                name: format!("picture-{}.{ending}", images.len() + 1),
                media_type: media_type.to_owned(),
                base64: BASE64_STANDARD.encode(bytes),
            });
        }
        let mut text = briefing(request);
        if hidden > 0 {
            text.push_str(&format!(
                "\n(Pictures that you cannot see: {hidden}. Say so if the question is about them.)"
            ));
        }
        Self { text, images }
    }
}

fn pictures(request: &AgentRequest) -> impl Iterator<Item = &Picture> {
    let quoted = request.quotes.iter().flat_map(|quoted| &quoted.materials);
    let materials = request.materials.iter().chain(quoted);
    materials.flat_map(|material: &Material| &material.pictures)
}

fn is_common(picture: &Picture) -> bool {
    matches!(
        picture.media_type.as_str(),
        "image/png" | "image/jpeg" | "image/gif" | "image/webp"
    )
}

/// The bytes, unless there are none or more than `limit`.
async fn read(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let reading = async {
        let file = tokio::fs::File::open(path).await?;
        file.take(limit + 1).read_to_end(&mut bytes).await
    };
    match reading.await {
        Ok(_) => Some(bytes).filter(|bytes| !bytes.is_empty() && bytes.len() as u64 <= limit),
        Err(error) => {
            tracing::warn!(%error, "a picture cannot be read");
            None
        }
    }
}
