//! How Stream mode is, for operators.

use std::sync::Arc;

use tokio::sync::watch;

use super::client::WallClock;
use crate::error::Error;

/// How Stream mode is.
#[derive(Clone, Debug)]
pub struct Health {
    /// The state of the connection in use.
    pub state: State,
    /// When the platform last showed life, in milliseconds since 1970.
    pub last_seen: Option<i64>,
    /// How many connections have been made.
    pub connections: u64,
    /// What arrived and was no frame.
    pub malformed_frames: u64,
    /// The last failure to connect.
    pub last_error: Option<Error>,
}

/// The state of the connection in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// None has been made yet.
    Connecting,
    /// One is open, and the platform has shown life on it within the last 40 seconds.
    Connected,
    /// The last one was lost, and none is open.
    Reconnecting,
    /// The credentials are refused; they are tried again every few minutes.
    Parked,
    /// The end was asked for.
    Stopped,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            state: State::Connecting,
            last_seen: None,
            connections: 0,
            malformed_frames: 0,
            last_error: None,
        }
    }
}

/// What every connection notes about the platform, however much arrives. Waits for nobody.
#[derive(Clone)]
pub(super) struct Pulse {
    pub(super) health: Arc<watch::Sender<Health>>,
    pub(super) wall_clock: WallClock,
}

impl Pulse {
    /// The platform showed life.
    pub(super) fn seen(&self) {
        let now = (self.wall_clock)();
        // Watchers look when they want to know; they are not woken for each frame.
        self.health.send_if_modified(|health| {
            health.last_seen = Some(now);
            false
        });
    }

    /// Something arrived that is no frame.
    pub(super) fn malformed(&self) {
        self.health
            .send_modify(|health| health.malformed_frames += 1);
    }
}
