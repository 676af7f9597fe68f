//! Pictures in a size that models take. Decoding happens on a thread of its own, one picture at a time, within limits.

use std::io::{BufReader, Cursor};
use std::path::PathBuf;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The longer side that models look at, in pixels: more is made smaller by them.
const LONGEST_SIDE: u32 = 1_568;
/// Bytes of a picture that models take.
const LARGEST: u64 = 5 * 1024 * 1024;
/// Pixels that are decoded: a photo of the best phone has 50 million when a chat has passed it on.
const MOST_PIXELS: u64 = 64_000_000;
/// Bytes that decoding may take, the result included.
const MEMORY: u64 = 320 * 1024 * 1024;
const JPEG_QUALITY: u8 = 85;

/// Makes pictures smaller, one at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Pictures {
    permit: Arc<Semaphore>,
}

/// What became of a picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Prepared {
    /// Models take it as it is.
    AsItIs,
    /// This does instead.
    Instead(Vec<u8>),
}

/// Why a picture is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// It is no picture, or breaks off.
    #[error("the picture is damaged")]
    Damaged,
    /// It has too many pixels.
    #[error("the picture has too many pixels")]
    TooLarge,
}

impl Pictures {
    pub(super) fn new() -> Self {
        Self {
            permit: Arc::new(Semaphore::new(1)),
        }
    }

    /// Gets a picture ready for a model.
    pub(super) async fn prepare(&self, path: PathBuf, size: u64) -> Result<Prepared, Unusable> {
        self.work(move || prepare(path, Some(size))).await
    }

    /// Makes a picture of any form one of a form that everybody shows.
    pub(super) async fn convert(&self, path: PathBuf) -> Result<Prepared, Unusable> {
        self.work(move || prepare(path, None)).await
    }

    async fn work(
        &self,
        work: impl FnOnce() -> Result<Prepared, Unusable> + Send + 'static,
    ) -> Result<Prepared, Unusable> {
        // The permit goes with the work, also when nobody waits for it any more.
        let permit = Arc::clone(&self.permit).acquire_owned().await.ok();
        let work = spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        // A decoder that panics has met a damaged picture.
        work.await.unwrap_or(Err(Unusable::Damaged))
    }
}

/// Without a size the picture is always written anew.
fn prepare(path: PathBuf, size: Option<u64>) -> Result<Prepared, Unusable> {
    let file = std::fs::File::open(path).map_err(|_| Unusable::Damaged)?;
    let mut reader = ImageReader::new(BufReader::new(file))
        .with_guessed_format()
        .map_err(|_| Unusable::Damaged)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let format = reader.format().ok_or(Unusable::Damaged)?;
    let mut decoder = reader.into_decoder().map_err(unusable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS || decoder.total_bytes() > MEMORY {
        return Err(Unusable::TooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // Also what is small enough is decoded: a service refuses the whole question for one damaged picture.
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unusable)?;
    let is_taken = matches!(
        format,
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP
    );
    let fits = width.max(height) <= LONGEST_SIDE && size.is_some_and(|size| size <= LARGEST);
    if is_taken && fits && orientation == Orientation::NoTransforms {
        return Ok(Prepared::AsItIs);
    }
    if width.max(height) > LONGEST_SIDE {
        picture = picture.thumbnail(LONGEST_SIDE, LONGEST_SIDE);
    }
    picture.apply_orientation(orientation);
    encode(&picture).map(Prepared::Instead)
}

/// PNG where something shines through and that is not too large for it, else JPEG.
fn encode(picture: &DynamicImage) -> Result<Vec<u8>, Unusable> {
    if picture.color().has_alpha() {
        let mut bytes = Cursor::new(Vec::new());
        let written = picture
            .to_rgba8()
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(unusable);
        written?;
        if bytes.get_ref().len() as u64 <= LARGEST {
            return Ok(bytes.into_inner());
        }
    }
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    picture
        .to_rgb8()
        .write_with_encoder(encoder)
        .map_err(unusable)?;
    Ok(bytes)
}

fn unusable(error: image::ImageError) -> Unusable {
    match error {
        image::ImageError::Limits(_) => Unusable::TooLarge,
        _ => Unusable::Damaged,
    }
}
