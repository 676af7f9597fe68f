//! Runs ffmpeg, if it is there: a child process with little time, no input and no more output than is wanted.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The name by which the program is found.
pub const FFMPEG: &str = "ffmpeg";
/// Runs of ffmpeg at the same time.
const AT_ONCE: usize = 2;
/// What one run may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What it may take to say that it is there.
const GREETING: Duration = Duration::from_secs(5);

/// The program. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ffmpeg {
    program: OsString,
    permits: Arc<Semaphore>,
}

/// Why ffmpeg gave nothing. Its own words are not kept: they quote the file.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("ffmpeg cannot be run")]
    NotRun(#[from] std::io::Error),
    #[error("ffmpeg failed: {0}")]
    Failed(std::process::ExitStatus),
    #[error("ffmpeg took too long")]
    TooSlow,
    #[error("ffmpeg gave more than {0} bytes")]
    TooMuch(u64),
}

impl Ffmpeg {
    /// The program of this name, if it can be run.
    pub async fn find(program: impl Into<OsString>) -> Option<Self> {
        let ffmpeg = Self {
            program: program.into(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        };
        let mut command = ffmpeg.command();
        let child = command.arg("-version").stdout(Stdio::null()).spawn();
        let ended = timeout(GREETING, child.ok()?.wait()).await;
        let runs = ended.is_ok_and(|ended| ended.is_ok_and(|status| status.success()));
        runs.then_some(ffmpeg)
    }

    /// Converts a file and gives the result. `format` is what the file is: ffmpeg does not guess, so that no playlist
    /// makes it open other files or addresses.
    pub(super) async fn run(
        &self,
        format: &str,
        input: &Path,
        output: &[&str],
        limit: u64,
    ) -> Result<Vec<u8>, Error> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await.ok();
        let mut address = OsString::from("file:");
        address.push(input);
        let mut command = self.command();
        command
            .args(["-nostdin", "-hide_banner", "-loglevel", "error"])
            .args(["-threads", "1", "-protocol_whitelist", "file"])
            .args(["-f", format, "-i"])
            .arg(address)
            .args(output)
            .arg(OsStr::new("pipe:1"))
            .stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let output = child.stdout.take();
        let work = async {
            let bytes = match output {
                Some(output) => read(output, limit).await?,
                None => Vec::new(),
            };
            let status = child.wait().await?;
            if status.success() {
                Ok(bytes)
            } else {
                Err(Error::Failed(status))
            }
        };
        timeout(PATIENCE, work).await.unwrap_or(Err(Error::TooSlow))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

async fn read(output: impl AsyncRead + Unpin, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    output
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .await?;
    if bytes.len() as u64 > limit {
        return Err(Error::TooMuch(limit));
    }
    Ok(bytes)
}
