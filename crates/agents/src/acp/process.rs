//! A child process with everything that it starts: one group, which is ended as a whole.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::settings::Settings;

/// How long a group may take to end when it is asked.
const GRACE: Duration = Duration::from_secs(1);

/// A running child. Dropping it ends the group at once.
pub(super) struct Process {
    child: Child,
    group: Group,
}

/// Its ends.
pub(super) struct Pipes {
    pub(super) input: ChildStdin,
    pub(super) output: ChildStdout,
    pub(super) errors: ChildStderr,
}

impl Process {
    pub(super) fn start(settings: &Settings) -> io::Result<(Self, Pipes)> {
        let mut command = Command::new(&settings.command);
        command
            .args(&settings.arguments)
            .current_dir(&settings.directory)
            .env_clear()
            .envs(&settings.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let lost = || io::Error::other("the child has no pipes");
        let pipes = Pipes {
            input: child.stdin.take().ok_or_else(lost)?,
            output: child.stdout.take().ok_or_else(lost)?,
            errors: child.stderr.take().ok_or_else(lost)?,
        };
        let group = Group(child.id());
        Ok((Self { child, group }, pipes))
    }

    /// Waits until the child has ended by itself.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the group to end, and ends what is left of it.
    pub(super) async fn end(mut self) {
        self.group.signal(Strength::Ask);
        let waiting = tokio::time::timeout(GRACE, self.child.wait()).await;
        self.group.signal(Strength::Force);
        if !matches!(waiting, Ok(Ok(_))) && self.child.wait().await.is_err() {
            tracing::warn!("a coding agent cannot be waited for");
        }
        // Nothing of it is left; its number may be given to somebody else.
        self.group.0 = None;
    }
}

#[derive(Clone, Copy)]
enum Strength {
    Ask,
    Force,
}

/// The id of a group.
struct Group(Option<u32>);

impl Group {
    #[cfg(unix)]
    fn signal(&self, strength: Strength) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let id = self.0.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let signal = match strength {
            Strength::Ask => Signal::TERM,
            Strength::Force => Signal::KILL,
        };
        // An error means that nobody is left.
        if let Some(id) = id {
            kill_process_group(id, signal).unwrap_or_default();
        }
    }

    #[cfg(not(unix))]
    fn signal(&self, _: Strength) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Strength::Force);
    }
}
