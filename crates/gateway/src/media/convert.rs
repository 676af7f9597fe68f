//! What ffmpeg is asked for: speech in forms that others take, and what a film looks like.

use std::path::Path;

use chela_engine::media_type::MediaType;

use super::ffmpeg::{Error, Ffmpeg};

const MEGABYTE: u64 = 1024 * 1024;

impl Ffmpeg {
    /// Sound as a voice message of the platform: Ogg with Opus, one channel.
    pub(super) async fn voice(
        &self,
        path: &Path,
        media_type: &MediaType,
        limit: u64,
    ) -> Option<Vec<u8>> {
        let output = [
            "-vn", "-ac", "1", "-ar", "16000", "-c:a", "libopus", "-b:a", "24k", "-f", "ogg",
        ];
        self.convert(path, media_type, &output, limit).await
    }

    /// Sound in the form that every transcription service takes.
    pub(super) async fn wav(&self, path: &Path, media_type: &MediaType) -> Option<Vec<u8>> {
        let output = ["-vn", "-ac", "1", "-ar", "16000", "-f", "wav"];
        self.convert(path, media_type, &output, 24 * MEGABYTE).await
    }

    /// The first picture of a film, no wider than models look at.
    pub(super) async fn first_frame(&self, path: &Path, media_type: &MediaType) -> Option<Vec<u8>> {
        let output = [
            "-an",
            "-frames:v",
            "1",
            "-vf",
            "scale='min(1280,iw)':-2",
            "-c:v",
            "mjpeg",
            "-f",
            "image2pipe",
        ];
        self.convert(path, media_type, &output, 4 * MEGABYTE).await
    }

    async fn convert(
        &self,
        path: &Path,
        media_type: &MediaType,
        output: &[&str],
        limit: u64,
    ) -> Option<Vec<u8>> {
        let result = self.run(format(media_type)?, path, output, limit).await;
        let result = result.inspect_err(|error: &Error| {
            tracing::warn!(%error, %media_type, "a recording or film was not converted");
        });
        result.ok().filter(|bytes| !bytes.is_empty())
    }
}

/// What ffmpeg calls a format.
fn format(media_type: &MediaType) -> Option<&'static str> {
    Some(match media_type.as_str() {
        "audio/amr" => "amr",
        "audio/ogg" => "ogg",
        "audio/wav" => "wav",
        "audio/mpeg" => "mp3",
        "audio/flac" => "flac",
        "audio/mp4" | "video/mp4" | "video/quicktime" => "mov",
        "video/webm" => "matroska",
        _ => return None,
    })
}
