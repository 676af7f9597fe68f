//! Attachments without a disk.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{self, BoxFuture};
use futures_util::{FutureExt, StreamExt};

use crate::attachment::{AttachmentKind, KeptFile, OutboundAttachment};
use crate::media_type::{MediaType, SNIFFED};
use crate::ports::{
    AttachmentReader, ByteStream, CollectError, FileCollector, FileToRead, KeepError, MediaStore,
    Picture, Reading,
};

/// Keeps files in memory, reads those that are text, shows those that are pictures, and sends those that a test allowed.
#[derive(Clone, Debug, Default)]
pub struct MemoryMedia {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    kept: HashMap<PathBuf, Vec<u8>>,
    allowed: HashMap<String, Vec<u8>>,
}

impl MemoryMedia {
    /// Allows a file to be sent under the name that an answer gives it.
    pub fn allow(&self, reference: &str, bytes: &[u8]) {
        self.lock()
            .allowed
            .insert(reference.to_owned(), bytes.to_vec());
    }

    /// The bytes of a kept file.
    pub fn bytes(&self, file: &KeptFile) -> Option<Vec<u8>> {
        self.lock().kept.get(&path(&file.hash)).cloned()
    }

    /// Whether a kept file lies there.
    pub fn holds(&self, path: &Path) -> bool {
        self.lock().kept.contains_key(path)
    }

    fn take(&self, bytes: Vec<u8>) -> KeptFile {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let beginning = bytes.get(..SNIFFED).unwrap_or(&bytes);
        let file = KeptFile {
            hash: format!("{:064x}", hasher.finish()),
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            media_type: MediaType::sniff(beginning),
        };
        self.lock().kept.insert(path(&file.hash), bytes);
        file
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn path(hash: &str) -> PathBuf {
    PathBuf::from("/memory").join(hash)
}

impl MediaStore for MemoryMedia {
    fn keep(
        &self,
        mut bytes: ByteStream,
        limit: u64,
    ) -> BoxFuture<'static, Result<KeptFile, KeepError>> {
        let media = self.clone();
        async move {
            let mut whole = Vec::new();
            while let Some(more) = bytes.next().await {
                whole.extend_from_slice(&more?);
                if u64::try_from(whole.len()).unwrap_or(u64::MAX) > limit {
                    return Err(KeepError::TooLarge { limit });
                }
            }
            Ok(media.take(whole))
        }
        .boxed()
    }

    fn path(&self, file: &KeptFile) -> PathBuf {
        path(&file.hash)
    }
}

impl AttachmentReader for MemoryMedia {
    fn read(&self, file: FileToRead) -> BoxFuture<'static, Reading> {
        let bytes = self.lock().kept.get(&file.path).cloned();
        let text = bytes
            .filter(|_| file.media_type.as_str() == "text/plain" && !file.transcribed)
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let picture = file.media_type.is_picture().then_some(Picture {
            path: file.path,
            media_type: file.media_type,
        });
        future::ready(Reading {
            text,
            pictures: picture.into_iter().collect(),
            remarks: Vec::new(),
        })
        .boxed()
    }
}

impl FileCollector for MemoryMedia {
    fn collect(
        &self,
        reference: String,
        kind: Option<AttachmentKind>,
        _made: Vec<PathBuf>,
    ) -> BoxFuture<'static, Result<OutboundAttachment, CollectError>> {
        let bytes = self.lock().allowed.get(&reference).cloned();
        let collected = bytes.map(|bytes| {
            let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
            OutboundAttachment {
                kind: kind.unwrap_or(AttachmentKind::File),
                name,
                file: self.take(bytes),
                duration_ms: None,
                cover: None,
            }
        });
        future::ready(collected.ok_or(CollectError::NotAllowed)).boxed()
    }
}
