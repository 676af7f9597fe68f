//! The side that asks, and goes on whatever happens.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::request::Request;
use crate::extract::{Error, Extract};
use crate::limits::{Limit, Limits};

/// How much longer than its time a reader lives: it may be writing what it has.
const GRACE: Duration = Duration::from_secs(1);
/// What is read of the complaints of a reader, in bytes.
const COMPLAINT: u64 = 4 * 1024;

/// Reads documents in child processes, a few at a time.
#[derive(Debug)]
pub struct Worker {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    permits: Semaphore,
}

impl Worker {
    /// A worker that starts `program arguments… REQUEST`, which has to call [`crate::serve`] with the request, at most
    /// `at_once` at the same time (at least one).
    #[must_use]
    pub fn new(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
        limits: Limits,
        at_once: usize,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            limits,
            permits: Semaphore::new(at_once.max(1)),
        }
    }

    /// Reads a document, which must be open for reading and at its beginning. Whatever it does, it costs only itself: a
    /// child that takes too long is killed, and so is one whose caller no longer waits.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn extract(&self, file: File, name: &str) -> Result<Extract, Error> {
        // Nothing closes the semaphore.
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_error| Error::WorkerUnavailable)?;
        let size = file.metadata().map_err(|_error| Error::WorkerUnavailable)?;
        if size.len() == 0 {
            return Err(Error::Empty);
        }
        if size.len() > self.limits.bytes {
            return Err(Error::TooLarge {
                limit: Limit::Bytes,
            });
        }
        let mut child = self.spawn(file, name)?;
        let result = timeout(self.limits.time + GRACE, self.listen(&mut child)).await;
        let result = result.unwrap_or(Err(Error::TimedOut));
        // It has ended, or has nothing more to say that anybody wants to hear. This waits for its end, and fails only when
        // that has been waited for already.
        child.kill().await.ok();
        result
    }

    fn spawn(&self, file: File, name: &str) -> Result<Child, Error> {
        let request = Request::new(name, &self.limits);
        let request =
            serde_json::to_string(&request).expect("names and numbers can always be written");
        Command::new(&self.program)
            .args(&self.arguments)
            .arg(request)
            .env_clear()
            // The program's allocator would else reserve a gibibyte of addresses at once, which is all that the reader
            // may have.
            .env("MIMALLOC_ARENA_RESERVE", "0")
            .current_dir("/")
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_error| Error::WorkerUnavailable)
    }

    async fn listen(&self, child: &mut Child) -> Result<Extract, Error> {
        // A character may take six bytes in JSON; the rest is notes.
        let most = self.limits.characters as u64 * 6 + 1024 * 1024;
        let output = read(child.stdout.take(), most);
        let complaint = read(child.stderr.take(), COMPLAINT);
        let (output, complaint) = tokio::join!(output, complaint);
        match serde_json::from_slice(&output) {
            Ok(result) => result,
            Err(_) => {
                let status = child.wait().await.ok();
                Err(cause(status, &String::from_utf8_lossy(&complaint)))
            }
        }
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut content = Vec::new();
    if let Some(stream) = stream {
        // What arrived before an error is looked at, too.
        stream.take(most).read_to_end(&mut content).await.ok();
    }
    content
}

/// Why a reader ended without a result, from what the system and the standard library say.
fn cause(status: Option<ExitStatus>, complaint: &str) -> Error {
    use std::os::unix::process::ExitStatusExt as _;

    const OUT_OF_PROCESSOR_TIME: i32 = 24;
    const KILLED: i32 = 9;
    if complaint.contains("memory allocation of") {
        return Error::TooLarge {
            limit: Limit::Memory,
        };
    }
    if complaint.contains("overflowed its stack") {
        return Error::TooLarge {
            limit: Limit::Nesting,
        };
    }
    match status.and_then(|status| status.signal()) {
        // The kernel kills where both limits of the processor time are the same.
        Some(OUT_OF_PROCESSOR_TIME | KILLED) => Error::TimedOut,
        _ => Error::WorkerDied,
    }
}
