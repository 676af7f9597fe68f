//! What can be turned about the store, and what it is when nobody turns it.

use std::time::Duration;

/// What can be turned about the store. The gateway uses the defaults; tests make the limits small.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long to wait while another process holds the database, before the call fails as locked.
    pub busy_timeout: Duration,
    /// Calls that may wait for one thread, at least one; above it they are refused at once.
    pub queue: usize,
    /// Calls that share one transaction at most, at least one.
    pub group: usize,
    /// Pages of 4 KiB that the database may have, as if the disk ended there. `None`: as far as the disk goes.
    pub max_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            queue: 65_536,
            group: 512,
            max_pages: None,
        }
    }
}
