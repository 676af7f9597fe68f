//! A folder, a store, and what is needed to fill them.

use std::io::Cursor;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chela_engine::attachment::{AttachmentKind, KeptFile, OutboundAttachment};
use chela_engine::media_type::MediaType;
use chela_engine::ports::{CollectError, FileCollector, FileToRead, MediaStore};
use chela_store::DiskMedia;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use image::{DynamicImage, ImageFormat};
use tempfile::TempDir;

use crate::catalogue::attachments;
use crate::media::{Allowlist, Collector, Document, DocumentReader, Ffmpeg, Guard, Places};

/// A home with a workspace in it, from which files may be sent, and a state directory, from which only attachments may.
pub(super) struct Home {
    folder: TempDir,
    pub(super) store: DiskMedia,
}

impl Home {
    pub(super) fn new() -> Self {
        // Another test of this process may have installed it already.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let folder = tempfile::tempdir().unwrap();
        for name in ["workspace", "state", ".ssh"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let store = DiskMedia::open(folder.path().join("state/media")).unwrap();
        Self { folder, store }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path as an agent writes it.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    pub(super) fn collector(&self) -> Collector {
        self.collector_with(Guard::for_answers(Allowlist::default()), None)
    }

    pub(super) fn collector_with(&self, guard: Guard, ffmpeg: Option<Ffmpeg>) -> Collector {
        let places = Places {
            roots: vec![self.path("workspace"), self.path("state/media")],
            never: vec![self.path("state")],
            home: Some(self.folder.path().to_path_buf()),
        };
        Collector::new(Arc::new(self.store.clone()), places, guard, ffmpeg)
    }

    pub(super) async fn collect(
        &self,
        reference: &str,
    ) -> Result<OutboundAttachment, CollectError> {
        self.collect_as(reference, None).await
    }

    pub(super) async fn collect_as(
        &self,
        reference: &str,
        kind: Option<AttachmentKind>,
    ) -> Result<OutboundAttachment, CollectError> {
        let collector = self.collector();
        FileCollector::collect(&collector, reference.to_owned(), kind, Vec::new()).await
    }

    pub(super) fn content(&self, file: &KeptFile) -> Vec<u8> {
        std::fs::read(self.store.path(file)).unwrap()
    }

    /// A file that came with a message, as it is given to the reader.
    pub(super) fn received(&self, content: &[u8]) -> FileToRead {
        let path = self.path("received");
        std::fs::write(&path, content).unwrap();
        FileToRead {
            kind: AttachmentKind::File,
            name: Some("收到的.bin".to_owned()),
            path,
            size: content.len() as u64,
            media_type: MediaType::sniff(content),
            transcribed: false,
        }
    }

    /// A program that stands in for ffmpeg: it answers to `-version`, and else runs a script.
    pub(super) async fn ffmpeg(&self, script: &str) -> Ffmpeg {
        let path = self.path("ffmpeg");
        let log = self.path("ffmpeg.log").display().to_string();
        let text = format!(
            "#!/bin/sh\n[ \"$1\" = -version ] && exit 0\nprintf '%s\\n' \"$@\" > '{log}'\n{script}\n"
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        // While another test forks, the script may still be open for writing there.
        loop {
            if let Some(ffmpeg) = Ffmpeg::find(&path).await {
                return ffmpeg;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// A picture of one colour.
pub(super) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::new_rgb8(width, height);
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Width and height of a picture on disk.
pub(super) fn dimensions(path: &Path) -> (u32, u32) {
    let reader = image::ImageReader::open(path).unwrap();
    let reader = reader.with_guessed_format().unwrap();
    reader.into_dimensions().unwrap()
}

/// A recording of a second.
pub(super) fn amr() -> Vec<u8> {
    let frame = [&[0x3c][..], &[0; 31]].concat();
    [&b"#!AMR\n"[..], &frame.repeat(50)].concat()
}

/// Reads what is text already.
pub(super) struct PlainText;

impl DocumentReader for PlainText {
    fn read(&self, path: PathBuf, _name: Option<String>) -> BoxFuture<'static, Document> {
        let text = String::from_utf8(std::fs::read(path).unwrap()).ok();
        let text = text.filter(|text| !text.contains('\0'));
        let remarks = match text {
            Some(_) => Vec::new(),
            None => vec![attachments::not_read()],
        };
        future::ready(Document { text, remarks }).boxed()
    }
}
