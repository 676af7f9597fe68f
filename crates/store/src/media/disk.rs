//! Writes files down as they arrive: first under a name that nobody looks for, then, whole and on disk, under their own.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chela_engine::attachment::KeptFile;
use chela_engine::media_type::{MediaType, SNIFFED};
use chela_engine::ports::{ByteStream, KeepError, MediaStore};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

/// What the name of a file begins with while it arrives.
pub(super) const ARRIVING: &str = ".arriving-";
/// Hexadecimal digits of a SHA-256.
pub(super) const DIGITS: usize = 64;

/// The media store as a folder, which only its owner can enter. Cheap to clone.
///
/// A content that is kept again is written again: that makes it young.
#[derive(Clone, Debug)]
pub struct DiskMedia {
    pub(super) folder: Arc<Path>,
}

impl DiskMedia {
    /// Uses a folder, which is created if it is not there.
    ///
    /// # Errors
    /// When it cannot be created, or something else is in its place.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !fs::symlink_metadata(&folder)?.is_dir() {
                    return Err(io::Error::from(io::ErrorKind::NotADirectory));
                }
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
            }
            other => other?,
        }
        Ok(Self {
            folder: folder.into(),
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl MediaStore for DiskMedia {
    fn keep(
        &self,
        bytes: ByteStream,
        limit: u64,
    ) -> BoxFuture<'static, Result<KeptFile, KeepError>> {
        keep(Arc::clone(&self.folder), bytes, limit).boxed()
    }

    fn path(&self, file: &KeptFile) -> PathBuf {
        let is_hash = file.hash.len() == DIGITS
            && file
                .hash
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        // Whatever a damaged database says, the path leads nowhere else.
        self.folder.join(if is_hash { &file.hash } else { "none" })
    }
}

async fn keep(folder: Arc<Path>, mut bytes: ByteStream, limit: u64) -> Result<KeptFile, KeepError> {
    let (mut file, unfinished) = begin(Arc::clone(&folder)).await?;
    let mut hash = Sha256::new();
    let mut beginning = Vec::with_capacity(SNIFFED);
    let mut size = 0u64;
    while let Some(piece) = bytes.next().await {
        let piece = piece?;
        size = size.saturating_add(piece.len() as u64);
        if size > limit {
            return Err(KeepError::TooLarge { limit });
        }
        hash.update(&piece);
        beginning.extend(piece.iter().take(SNIFFED - beginning.len()));
        file.write_all(&piece).await.map_err(disk)?;
    }
    file.flush().await.map_err(disk)?;
    file.sync_data().await.map_err(disk)?;
    drop(file);
    let hash: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = folder.join(&hash);
    blocking(move || unfinished.persist(path).map_err(|error| error.error)).await?;
    Ok(KeptFile {
        hash,
        size,
        media_type: MediaType::sniff(&beginning),
    })
}

/// A new file, and its name, which goes away when it is dropped.
async fn begin(folder: Arc<Path>) -> Result<(tokio::fs::File, TempPath), KeepError> {
    let create = move || {
        // Mode 0600 is what this crate creates files with.
        tempfile::Builder::new()
            .prefix(ARRIVING)
            .tempfile_in(folder)
    };
    let (file, path) = blocking(create).await.map(NamedTempFile::into_parts)?;
    Ok((tokio::fs::File::from_std(file), path))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, KeepError> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(disk)
}

fn disk(error: io::Error) -> KeepError {
    KeepError::Disk {
        reason: error.to_string(),
    }
}
