//! The virtual clock: what the platform believes the time to be.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Wall time = origin + what tokio's clock has run since the start + what was added by [`advance`](Self::advance).
///
/// Under tokio's paused time the platform's time stands still with it and jumps with it.
#[derive(Debug)]
pub(crate) struct Clock {
    origin_ms: i64,
    started: Instant,
    added_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn starting_at(origin_ms: i64) -> Self {
        Self {
            origin_ms,
            started: Instant::now(),
            added_ms: AtomicI64::new(0),
        }
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        self.origin_ms + millis(self.started.elapsed()) + self.added_ms.load(Ordering::Acquire)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.added_ms.fetch_add(millis(by), Ordering::AcqRel);
    }

    /// When tokio's clock will show the given wall time, if nothing is added until then.
    pub(crate) fn instant_of(&self, wall_ms: i64) -> Instant {
        let remaining = wall_ms - self.origin_ms - self.added_ms.load(Ordering::Acquire);
        self.started + Duration::from_millis(u64::try_from(remaining).unwrap_or(0))
    }
}

/// The real time of day; only the builder's default asks for it.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the emulator learns the real time of day"
)]
pub(crate) fn time_of_day_ms() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, millis)
}

/// A duration in whole milliseconds, the platform's unit; saturates after 290 million years.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn wall_time_follows_tokio_and_jumps() {
        let clock = Clock::starting_at(1_000_000);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now_ms(), 1_002_000);
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now_ms(), 1_062_000);
        assert_eq!(
            clock.instant_of(1_063_000),
            Instant::now() + Duration::from_secs(1)
        );
        assert!(clock.instant_of(0) <= Instant::now());
    }
}
