//! Waits, instead of being refused: no more calls of one endpoint within a second than the platform allows.
//!
//! The platform counts calls as they arrive, and we only know when they were sent. A call that was sent late can arrive
//! together with one that was sent early. So a slot is free again a second after the *answer*, by which the call has
//! surely arrived; for a call without an answer, a second after it has been out for a second.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The sliding window in which the platform counts (protocol reference §4.10), with a little for its clock.
const WINDOW: Duration = Duration::from_millis(1_020);
/// An unanswered call is taken to have arrived after this time.
const LATEST_ARRIVAL: Duration = Duration::from_secs(1);

/// One limiter per endpoint of one application.
#[derive(Debug)]
pub(crate) struct Limiters {
    per_second: NonZeroU32,
    endpoints: Mutex<HashMap<&'static str, Arc<Limiter>>>,
}

impl Limiters {
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        Self {
            per_second,
            endpoints: Mutex::default(),
        }
    }

    pub(crate) fn endpoint(&self, name: &'static str) -> Arc<Limiter> {
        let mut endpoints = self
            .endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            endpoints
                .entry(name)
                .or_insert_with(|| Arc::new(Limiter::new(self.per_second))),
        )
    }
}

/// The calls of one endpoint.
#[derive(Debug)]
pub(crate) struct Limiter {
    /// Held while waiting for a slot. It is fair, so calls go in the order in which they came, and a caller that gives
    /// up only leaves the queue.
    queue: tokio::sync::Mutex<()>,
    slots: Mutex<Slots>,
    freed: Notify,
}

#[derive(Debug)]
struct Slots {
    /// When each slot may be used again.
    free_at: Vec<Instant>,
    paused_until: Instant,
}

impl Limiter {
    fn new(per_second: NonZeroU32) -> Self {
        let now = Instant::now();
        let slots = Slots {
            free_at: vec![now; per_second.get() as usize],
            paused_until: now,
        };
        Self {
            queue: tokio::sync::Mutex::default(),
            slots: Mutex::new(slots),
            freed: Notify::new(),
        }
    }

    /// Waits for a slot. The permit is held until the call is answered.
    pub(crate) async fn acquire(self: Arc<Self>) -> Permit {
        let turn = self.queue.lock().await;
        loop {
            let wait_until = match self.lock().take(Instant::now()) {
                Ok(slot) => {
                    drop(turn);
                    return Permit {
                        limiter: self,
                        slot,
                    };
                }
                Err(wait_until) => wait_until,
            };
            tokio::select! {
                biased;
                () = self.freed.notified() => {}
                () = sleep_until(wait_until) => {}
            }
        }
    }

    /// Leaves the endpoint alone for a while, because the platform refused a call for the rate of calls.
    pub(crate) fn pause(&self, duration: Duration) {
        let mut slots = self.lock();
        slots.paused_until = slots.paused_until.max(Instant::now() + duration);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    /// The slot that is free now, or when to look again.
    fn take(&mut self, now: Instant) -> Result<usize, Instant> {
        let (slot, free_at) = self
            .free_at
            .iter_mut()
            .enumerate()
            .min_by_key(|(_, free_at)| **free_at)
            .expect("a limit is at least one call per second");
        let usable_at = (*free_at).max(self.paused_until);
        if usable_at > now {
            return Err(usable_at);
        }
        *free_at = now + LATEST_ARRIVAL + WINDOW;
        Ok(slot)
    }
}

/// Leave for one call.
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<Limiter>,
    slot: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let arrived = Instant::now() + WINDOW;
        if let Some(free_at) = self.limiter.lock().free_at.get_mut(self.slot) {
            *free_at = (*free_at).min(arrived);
        }
        self.limiter.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{FutureExt as _, StreamExt as _, stream};
    use proptest::prelude::*;

    use super::*;

    fn limiter(per_second: u32) -> Arc<Limiter> {
        Arc::new(Limiter::new(NonZeroU32::new(per_second).expect("not zero")))
    }

    #[tokio::test(start_paused = true)]
    async fn twenty_at_once_and_the_next_a_second_later() {
        let limiter = limiter(20);
        let start = Instant::now();
        for _ in 0..20 {
            drop(Arc::clone(&limiter).acquire().await);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(limiter.acquire().await);
        assert!(start.elapsed() >= WINDOW && start.elapsed() < WINDOW + Duration::from_millis(5));
    }

    #[tokio::test(start_paused = true)]
    async fn callers_go_in_the_order_in_which_they_came() {
        let limiter = limiter(1);
        let order = stream::iter(0..5)
            .map(|number| {
                let limiter = Arc::clone(&limiter);
                async move {
                    drop(limiter.acquire().await);
                    number
                }
            })
            .buffer_unordered(5)
            .collect::<Vec<_>>()
            .await;
        assert_eq!(order, [0, 1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_takes_no_slot() {
        let limiter = limiter(1);
        drop(Arc::clone(&limiter).acquire().await);
        let start = Instant::now();
        let given_up =
            tokio::time::timeout(Duration::from_millis(100), Arc::clone(&limiter).acquire()).await;
        assert!(given_up.is_err());
        drop(limiter.acquire().await);
        assert!(start.elapsed() < WINDOW + Duration::from_millis(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody() {
        let limiter = limiter(20);
        limiter.pause(Duration::from_secs(3));
        limiter.pause(Duration::from_secs(1));
        let start = Instant::now();
        drop(limiter.acquire().await);
        assert!(start.elapsed() >= Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_is_kept_while_the_call_is_on_its_way() {
        let limiter = limiter(1);
        let permit = Arc::clone(&limiter).acquire().await;
        let start = Instant::now();
        let mut second = std::pin::pin!(Arc::clone(&limiter).acquire());
        assert!(second.as_mut().now_or_never().is_none());
        tokio::time::advance(Duration::from_millis(500)).await;
        drop(permit);
        drop(second.await);
        assert!(start.elapsed() >= Duration::from_millis(500) + WINDOW);
    }

    proptest! {
        /// However long calls take to arrive and to be answered, no window of a second sees more than allowed.
        #[test]
        fn arrivals_never_exceed_the_limit(delays in prop::collection::vec((0_u64..1_000, 0_u64..3_000), 1..120)) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .expect("a runtime");
            let mut arrivals = runtime.block_on(async {
                let limiter = limiter(5);
                stream::iter(delays)
                    .map(|(there, back)| {
                        let limiter = Arc::clone(&limiter);
                        async move {
                            let permit = limiter.acquire().await;
                            tokio::time::sleep(Duration::from_millis(there)).await;
                            let arrival = Instant::now();
                            tokio::time::sleep(Duration::from_millis(back)).await;
                            drop(permit);
                            arrival
                        }
                    })
                    .buffer_unordered(200)
                    .collect::<Vec<_>>()
                    .await
            });
            arrivals.sort();
            for pair in arrivals.windows(6) {
                prop_assert!(pair[5] - pair[0] >= Duration::from_secs(1));
            }
        }
    }
}
