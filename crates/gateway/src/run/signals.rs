//! What tells the process to stop.

use tokio_util::sync::CancellationToken;

use crate::catalogue::{Code, Failure};

/// Cancels the token on SIGTERM, SIGINT or Ctrl+C; a second one ends the process at once.
pub(crate) async fn until_told_to_stop(shutdown: CancellationToken) -> Result<(), Failure> {
    let mut signals =
        Signals::listen().map_err(|error| Failure::new(Code::Defect).caused_by(&error))?;
    tokio::select! {
        biased;
        // Something else has ended the program already.
        () = shutdown.cancelled() => return Ok(()),
        () = signals.next() => {}
    }
    tracing::info!("told to stop");
    shutdown.cancel();
    signals.next().await;
    tracing::warn!("told to stop again: leaving at once");
    // What a shell expects of a process that was interrupted. Everything accepted is on disk.
    std::process::exit(130);
}

/// Lets a write beyond the limit on the size of files (`ulimit -f`) fail like one to a full disk; unheard, the signal ends
/// the process. To be called in a runtime.
#[cfg(target_os = "linux")]
pub(super) fn survive_file_size_limit() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    const SIGXFSZ: i32 = 25;
    // It stays heard when nobody listens any more.
    signal(SignalKind::from_raw(SIGXFSZ))
        .map(drop)
        .map_err(|error| Failure::new(Code::Defect).caused_by(&error))
}

/// Elsewhere the signal has other numbers, or there is none.
#[cfg(not(target_os = "linux"))]
pub(super) fn survive_file_size_limit() -> Result<(), Failure> {
    Ok(())
}

/// What tells the process to read its configuration again: SIGHUP, where there is such a thing.
#[cfg(unix)]
pub(super) struct Hangups(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Hangups {
    /// To be called in a runtime. From here on the signal does not end the process.
    pub(super) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(signal(SignalKind::hangup()).ok())
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        let heard = match &mut self.0 {
            Some(signal) => signal.recv().await,
            None => None,
        };
        if heard.is_none() {
            std::future::pending().await
        }
    }
}

/// Elsewhere there is none.
#[cfg(not(unix))]
pub(super) struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    pub(super) fn listen() -> Self {
        Self
    }

    pub(super) async fn next(&mut self) {
        std::future::pending().await
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
