//! The place that a turn has among those that may run at the same time. Whoever waits for a person gives it up meanwhile,
//! and the wait does not count as time that the turn takes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// A turn's place.
#[derive(Debug, Default)]
pub(crate) struct Seat(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    permit: Option<OwnedSemaphorePermit>,
    /// How many questions to people the turn waits for, and since when.
    waiting: usize,
    since: Option<Instant>,
    waited: Duration,
}

/// Lasts for as long as somebody waits.
pub(crate) struct Absence(Arc<Seat>);

impl Seat {
    /// The turn may run.
    pub(super) fn sit(&self, permit: OwnedSemaphorePermit) {
        self.lock().permit = Some(permit);
    }

    /// The turn is over.
    pub(super) fn free(&self) {
        self.lock().permit = None;
    }

    /// The turn waits from now on for a person.
    pub(crate) fn leave(self: &Arc<Self>) -> Absence {
        let mut inner = self.lock();
        inner.permit = None;
        inner.waiting += 1;
        inner.since.get_or_insert_with(Instant::now);
        Absence(Arc::clone(self))
    }

    /// The turn goes on once there is a place.
    pub(crate) async fn come_back(&self, turns: &Arc<Semaphore>) {
        let must = {
            let inner = self.lock();
            inner.permit.is_none() && inner.waiting == 0
        };
        if must && let Ok(permit) = Arc::clone(turns).acquire_owned().await {
            self.sit(permit);
        }
    }

    /// How long the turn has waited for people.
    pub(super) fn waited(&self) -> Duration {
        let inner = self.lock();
        inner.waited + inner.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No step leaves it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Absence {
    fn drop(&mut self) {
        let mut inner = self.0.lock();
        inner.waiting -= 1;
        if inner.waiting == 0
            && let Some(since) = inner.since.take()
        {
            inner.waited += since.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_leaves_its_place_to_others() {
        let turns = Arc::new(Semaphore::new(1));
        let seat = Arc::new(Seat::default());
        let permit = Arc::clone(&turns).acquire_owned().await;
        seat.sit(permit.expect("it is open"));
        let (first, second) = (seat.leave(), seat.leave());
        assert_eq!(turns.available_permits(), 1);
        tokio::time::advance(Duration::from_secs(60)).await;
        drop(first);
        seat.come_back(&turns).await;
        assert_eq!(turns.available_permits(), 1);
        assert_eq!(seat.waited(), Duration::from_secs(60));
        drop(second);
        seat.come_back(&turns).await;
        assert_eq!(turns.available_permits(), 0);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(seat.waited(), Duration::from_secs(60));
        seat.free();
        assert_eq!(turns.available_permits(), 1);
    }
}
