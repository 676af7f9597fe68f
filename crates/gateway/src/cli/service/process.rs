//! The gateway as a process of its own.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use crate::catalogue::{Code, Failure, service as words};
use crate::cli::entry::{Context, Threads, runtime};
use crate::state::{Holder, Occupancy, StateDirectory};

/// How long a gateway may take until it listens.
const START: Duration = Duration::from_secs(15);
/// How long it may take to finish open turns and deliveries, and a little more.
const END: Duration = Duration::from_secs(60);
/// How often the lock is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Starts a gateway that outlives this process and its terminal. What it prints goes into a file beside the logs.
pub(super) fn spawn(context: &Context, state: &StateDirectory) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::new(Code::StateUnusable).caused_by(error);
    let printed = state.logs().join("gateway.out");
    let mut options = OpenOptions::new();
    let printed = options
        .append(true)
        .create(true)
        .open(&printed)
        .map_err(|error| failed(&error))?;
    let errors = printed.try_clone().map_err(|error| failed(&error))?;
    let executable = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut command = Command::new(executable);
    if let Some(path) = context.named_config() {
        command.arg("--config").arg(path);
    }
    command
        .args(["gateway", "run"])
        .stdin(Stdio::null())
        .stdout(printed)
        .stderr(errors)
        .process_group(0);
    command.spawn().map(drop).map_err(|error| failed(&error))
}

/// Waits until a gateway listens.
pub(super) fn wait_until_started(state: &StateDirectory) -> Result<Holder, Failure> {
    let started = || match state.occupancy() {
        Occupancy::Held(Some(holder)) if holder.admin.is_some() => Some(holder),
        _ => None,
    };
    let waited = wait(START, started)?;
    waited.ok_or_else(|| {
        let printed = state.logs().join("gateway.out");
        Failure::new(Code::Unresponsive).message(words::not_started(&printed.display().to_string()))
    })
}

/// Waits until nobody holds the lock any more.
pub(super) fn wait_until_free(state: &StateDirectory, holder: &Holder) -> Result<(), Failure> {
    let free = || (state.occupancy() == Occupancy::Free).then_some(());
    wait(END, free)?
        .ok_or_else(|| Failure::new(Code::Unresponsive).message(words::not_stopped(holder.pid)))
}

/// Tells a gateway to end, or ends it.
pub(super) fn signal(holder: &Holder, force: bool) -> Result<(), Failure> {
    let pid = i32::try_from(holder.pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| Failure::new(Code::Defect))?;
    let signal = if force { Signal::KILL } else { Signal::TERM };
    match kill_process(pid, signal) {
        // It has ended in this moment.
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(Failure::new(Code::StateUnusable)
            .message(words::not_mine(holder.pid))
            .caused_by(&error)),
    }
}

fn wait<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Result<Option<T>, Failure> {
    runtime(Threads::One)?.block_on(async {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = look() {
                return Ok(Some(found));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            sleep(LOOK).await;
        }
    })
}
