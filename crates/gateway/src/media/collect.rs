//! Fetches the files that an answer names, and gives each the form in which the platform shows it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chela_engine::attachment::{AttachmentKind, KeptFile, OutboundAttachment};
use chela_engine::ports::{CollectError, FileCollector, MediaStore};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use super::fetch::{Arriving, fetch};
use super::ffmpeg::Ffmpeg;
use super::guard::Guard;
use super::kind::{LARGEST, LARGEST_VOICE, Wanted, renamed, shown_name};
use super::local::Places;
use super::picture::{Pictures, Prepared};
use super::sound;
use super::store::{bytes_of, keep_bytes, not_kept};

/// Takes files of this machine and of the internet into the media store, if they may be sent. Cheap to clone.
#[derive(Clone)]
pub struct Collector {
    store: Arc<dyn MediaStore>,
    places: Arc<Places>,
    guard: Guard,
    /// Made when it is first needed: each client reads the certificates of the system.
    client: Arc<OnceLock<reqwest::Client>>,
    ffmpeg: Option<Ffmpeg>,
    pictures: Pictures,
}

impl Collector {
    /// Without ffmpeg, films and sounds that the platform does not play are sent as files.
    pub fn new(
        store: Arc<dyn MediaStore>,
        places: Places,
        guard: Guard,
        ffmpeg: Option<Ffmpeg>,
    ) -> Self {
        Self {
            store,
            places: Arc::new(places),
            client: Arc::default(),
            guard,
            ffmpeg,
            pictures: Pictures::new(),
        }
    }

    async fn collect(
        self,
        reference: String,
        kind: Option<AttachmentKind>,
        made: Vec<PathBuf>,
    ) -> Result<OutboundAttachment, CollectError> {
        let arriving = self.open(&reference, made).await?;
        let kept = self.store.keep(arriving.bytes, LARGEST).await;
        let file = kept.map_err(not_kept)?;
        if file.size == 0 {
            return Err(CollectError::Empty);
        }
        let name = shown_name(arriving.name.as_deref(), &file.media_type);
        let wanted = Wanted::of(kind, &file.media_type);
        let plain = OutboundAttachment {
            kind: AttachmentKind::File,
            name,
            file,
            duration_ms: None,
            cover: None,
        };
        let better = match wanted {
            Wanted::File => None,
            Wanted::Picture => Some(OutboundAttachment {
                kind: AttachmentKind::Picture,
                ..plain.clone()
            }),
            Wanted::OtherPicture => self.picture(&plain).await,
            Wanted::Voice => self.voice(&plain).await,
            Wanted::OtherVoice => self.converted_voice(&plain).await,
            Wanted::Video => self.film(&plain).await,
        };
        // What cannot be shown as it should be is still worth having.
        Ok(better.unwrap_or(plain))
    }

    async fn open(&self, reference: &str, made: Vec<PathBuf>) -> Result<Arriving, CollectError> {
        let reference = reference.trim();
        let scheme = reference.split_once("://").map(|(scheme, _)| scheme);
        match scheme.map(str::to_ascii_lowercase).as_deref() {
            None | Some("file") => self.open_local(reference.to_owned(), made).await,
            Some("http" | "https") => fetch(self.client()?, &self.guard, reference, LARGEST).await,
            Some(_) => Err(CollectError::AddressNotAllowed),
        }
    }

    fn client(&self) -> Result<&reqwest::Client, CollectError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.guard.client_builder().build();
        let client = client.map_err(|error| CollectError::Unreachable {
            reason: error.to_string(),
        })?;
        // Of two that are made at the same time one stays; they are alike.
        Ok(self.client.get_or_init(|| client))
    }

    async fn open_local(
        &self,
        reference: String,
        made: Vec<PathBuf>,
    ) -> Result<Arriving, CollectError> {
        let places = Arc::clone(&self.places);
        let opened = spawn_blocking(move || {
            let (path, file) = places.open(&reference, &made)?;
            let size = file.metadata().map_or(0, |metadata| metadata.len());
            Ok((path, file, size))
        });
        let (path, file, size) = opened.await.unwrap_or(Err(CollectError::NotAllowed))?;
        if size > LARGEST {
            return Err(CollectError::TooLarge { limit: LARGEST });
        }
        let name = path.file_name().map(|name| name.to_string_lossy());
        Ok(Arriving {
            name: name.map(|name| name.into_owned()),
            bytes: bytes_of(file),
        })
    }

    async fn picture(&self, plain: &OutboundAttachment) -> Option<OutboundAttachment> {
        let path = self.store.path(&plain.file);
        let prepared = self.pictures.convert(path).await.ok()?;
        let Prepared::Instead(bytes) = prepared else {
            return None;
        };
        let file = self.keep(bytes).await?;
        Some(OutboundAttachment {
            kind: AttachmentKind::Picture,
            name: renamed(&plain.name, &file.media_type),
            file,
            ..plain.clone()
        })
    }

    async fn voice(&self, plain: &OutboundAttachment) -> Option<OutboundAttachment> {
        if plain.file.size > LARGEST_VOICE {
            return None;
        }
        let path = self.store.path(&plain.file);
        let bytes = tokio::fs::read(path).await.ok()?;
        Some(OutboundAttachment {
            kind: AttachmentKind::Voice,
            duration_ms: Some(millis(sound::duration(&bytes)?)),
            ..plain.clone()
        })
    }

    async fn converted_voice(&self, plain: &OutboundAttachment) -> Option<OutboundAttachment> {
        let ffmpeg = self.ffmpeg.as_ref()?;
        let path = self.store.path(&plain.file);
        let media_type = &plain.file.media_type;
        let bytes = ffmpeg.voice(&path, media_type, LARGEST_VOICE).await?;
        let duration = sound::duration(&bytes)?;
        let file = self.keep(bytes).await?;
        Some(OutboundAttachment {
            kind: AttachmentKind::Voice,
            name: renamed(&plain.name, &file.media_type),
            file,
            duration_ms: Some(millis(duration)),
            ..plain.clone()
        })
    }

    async fn film(&self, plain: &OutboundAttachment) -> Option<OutboundAttachment> {
        let ffmpeg = self.ffmpeg.as_ref()?;
        let path = self.store.path(&plain.file);
        let cover = ffmpeg.first_frame(&path, &plain.file.media_type).await?;
        let duration = spawn_blocking(move || sound::film(std::fs::File::open(path).ok()?));
        Some(OutboundAttachment {
            kind: AttachmentKind::Video,
            duration_ms: Some(millis(duration.await.ok()??)),
            cover: Some(self.keep(cover).await?),
            ..plain.clone()
        })
    }

    async fn keep(&self, bytes: Vec<u8>) -> Option<KeptFile> {
        let kept = keep_bytes(self.store.as_ref(), bytes).await;
        kept.inspect_err(|error| tracing::error!(%error, "a converted file was not kept"))
            .ok()
    }
}

impl FileCollector for Collector {
    fn collect(
        &self,
        reference: String,
        kind: Option<AttachmentKind>,
        made: Vec<PathBuf>,
    ) -> BoxFuture<'static, Result<OutboundAttachment, CollectError>> {
        self.clone().collect(reference, kind, made).boxed()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
