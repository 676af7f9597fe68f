//! Documents, read by a child process of this program.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use chela_documents::{Error, Limits, Worker};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use super::reader::{Document, DocumentReader};
use crate::catalogue::documents as words;

/// Documents that are read at the same time; each may use a gigabyte of memory.
const AT_ONCE: usize = 2;
/// This program on Linux, also when an update has replaced its file meanwhile.
const ITSELF: &str = "/proc/self/exe";
/// Its hidden command.
const COMMAND: &str = "extract";

/// Reads documents in child processes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Documents {
    worker: Arc<Worker>,
}

impl Documents {
    /// Starts this program for each document; gives at most so many characters of one.
    pub fn new(characters: usize) -> Self {
        let program = if std::path::Path::new(ITSELF).exists() {
            PathBuf::from(ITSELF)
        } else {
            std::env::current_exe().unwrap_or_else(|_| PathBuf::from("chela"))
        };
        Self::with_program(program, characters)
    }

    /// Starts another program, which must have the same command.
    pub fn with_program(program: PathBuf, characters: usize) -> Self {
        let limits = Limits {
            characters,
            ..Limits::default()
        };
        Self {
            worker: Arc::new(Worker::new(program, [COMMAND], limits, AT_ONCE)),
        }
    }

    async fn read(self, path: PathBuf, name: Option<String>) -> Document {
        let opened = spawn_blocking(move || File::open(path)).await;
        let extracted = match opened {
            Ok(Ok(file)) => self.worker.extract(file, &name.unwrap_or_default()).await,
            _ => Err(Error::WorkerUnavailable),
        };
        match extracted {
            Ok(extract) => Document {
                text: Some(extract.markdown),
                remarks: extract.notes.iter().map(words::remark).collect(),
            },
            Err(error) => {
                tracing::info!(%error, "a document was not read");
                Document {
                    text: None,
                    remarks: vec![words::unread(&error)],
                }
            }
        }
    }
}

impl DocumentReader for Documents {
    fn read(&self, path: PathBuf, name: Option<String>) -> BoxFuture<'static, Document> {
        self.clone().read(path, name).boxed()
    }
}
