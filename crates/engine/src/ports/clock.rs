//! The wall clock. Durations are measured with `tokio::time`, which tests can pause.

use crate::time::Timestamp;

/// Tells the time of day.
pub trait Clock: Send + Sync + 'static {
    /// Now. May jump in either direction.
    fn now(&self) -> Timestamp;
}
