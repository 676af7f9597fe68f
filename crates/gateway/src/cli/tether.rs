//! The hidden command between the gateway and a server of tools: runs a program, and ends it with everything that it has
//! started when the gateway is no longer there, however that went (`kill -9` runs no code of the gateway's).
//!
//! It leads the group of processes that the gateway has made for the server. The signal that Linux sends at a parent's
//! death reaches one process, when one thread ends, and is set by code between `fork` and `exec`; looking twice a second
//! who the parent is reaches the whole group, works on every Unix and is safe.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpgrp, getppid, kill_process_group};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::interval;

use super::arguments::TetherArguments;
use super::entry::{Threads, runtime};
use crate::catalogue::{Code, Exit, Failure};

/// How often is looked.
const INTERVAL: Duration = Duration::from_millis(500);

pub(super) fn run(arguments: &TetherArguments) -> Result<Exit, Failure> {
    runtime(Threads::One)?.block_on(keep(arguments))
}

async fn keep(arguments: &TetherArguments) -> Result<Exit, Failure> {
    let broken = |error: std::io::Error| Failure::new(Code::Defect).caused_by(&error);
    let gateway = Pid::from_raw(arguments.gateway);
    // The program hears it, too: its end is waited for.
    let mut terminated = signal(SignalKind::terminate()).map_err(broken)?;
    let mut child = Command::new(&arguments.program)
        .args(&arguments.arguments)
        .stdin(Stdio::inherit())
        .spawn()
        .map_err(|error| {
            let program = arguments.program.to_string_lossy().into_owned();
            let named = std::io::Error::new(error.kind(), format!("{program}: {error}"));
            broken(named)
        })?;
    let mut ticks = interval(INTERVAL);
    loop {
        tokio::select! {
            ended = child.wait() => {
                return Ok(match ended {
                    Ok(status) if status.success() => Exit::Success,
                    _ => Exit::Software,
                });
            }
            Some(()) = terminated.recv() => {}
            _ = ticks.tick() => if getppid() != gateway {
                // This process is one of them.
                kill_process_group(getpgrp(), Signal::KILL).map_err(|error| broken(error.into()))?;
            }
        }
    }
}
