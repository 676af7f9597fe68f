//! The child process of a server, with everything that it starts: all of it goes when this is dropped.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, sleep};

use super::settings::Endpoint;

/// What a process is given to end by itself.
const PATIENCE: Duration = Duration::from_millis(700);
/// Bytes that are kept of what it complains about.
const COMPLAINT: usize = 400;

/// A process and its group.
pub(super) struct Process {
    child: Child,
    group: Option<Pid>,
}

/// How to talk to it.
pub(super) struct Pipes {
    pub(super) input: ChildStdin,
    pub(super) output: ChildStdout,
    pub(super) complaints: ChildStderr,
}

impl Process {
    /// Starts a program in a group of its own; `None` for a server that is no program.
    pub(super) fn start(endpoint: &Endpoint) -> io::Result<Option<(Self, Pipes)>> {
        let Endpoint::Program {
            command,
            arguments,
            environment,
            folder,
        } = endpoint
        else {
            return Ok(None);
        };
        let mut program = Command::new(command);
        let environment = environment.iter();
        program
            .args(arguments)
            .env_clear()
            .envs(environment.map(|(name, value)| (name, value.expose_secret())))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(folder) = folder {
            program.current_dir(folder);
        }
        let mut child = program.spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let group = id.and_then(Pid::from_raw);
        let missing = || io::Error::other("the program has no pipes");
        let pipes = Pipes {
            input: child.stdin.take().ok_or_else(missing)?,
            output: child.stdout.take().ok_or_else(missing)?,
            complaints: child.stderr.take().ok_or_else(missing)?,
        };
        Ok(Some((Self { child, group }, pipes)))
    }

    /// Ends it and everything that it has started: asks first, and then does not ask.
    pub(super) async fn end(mut self) {
        let Some(group) = self.group else {
            return;
        };
        // Already gone is fine, too.
        kill_process_group(group, Signal::TERM).ok();
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            // Reaped as soon as it ends: what is left of the group then are its descendants.
            let has_ended = matches!(self.child.try_wait(), Ok(Some(_)));
            if has_ended && test_kill_process_group(group).is_err() {
                self.group = None;
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        kill_process_group(group, Signal::KILL).ok();
        self.group = None;
        if let Err(error) = self.child.wait().await {
            tracing::warn!(%error, "a server of tools was not reaped");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}

/// Reads what a server complains about, so that it never waits for a reader; keeps the end of it.
pub(super) async fn listen(mut complaints: impl AsyncRead + Unpin, kept: &mut Vec<u8>) {
    let mut piece = [0; 4_096];
    while let Ok(count @ 1..) = complaints.read(&mut piece).await {
        kept.extend(piece.iter().take(count));
        let surplus = kept.len().saturating_sub(COMPLAINT);
        kept.drain(..surplus);
    }
}
