//! Keeps calls below the platform's limit of calls per second, per app and endpoint (protocol reference §4.10), by
//! letting them wait instead of fail.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A window of one second holds at most so many calls. First come, first served.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_second: usize,
    endpoints: Mutex<HashMap<&'static str, Endpoint>>,
}

/// When the last calls to one endpoint were or will be made, as a ring of `per_second` entries.
#[derive(Debug, Default)]
struct Endpoint {
    slots: Vec<Instant>,
    next: usize,
    /// The platform wants to be left alone until then.
    closed_until: Option<Instant>,
}

/// The platform's window and ours do not begin at the same instant, and requests overtake each other on the way.
const WINDOW: Duration = Duration::from_millis(1_050);
/// A call that would have to wait longer is not made.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

impl Limiter {
    pub(crate) fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.max(1) as usize,
            endpoints: Mutex::default(),
        }
    }

    /// Waits until a call may be made. A dropped future gives its place away unused, which only costs time.
    ///
    /// # Errors
    /// The time until the next place, if it is longer than [`LONGEST_WAIT`]: who calls has deadlines too, and a call that
    /// is still waiting then would pass for one whose answer was lost.
    pub(crate) async fn wait(&self, endpoint: &'static str) -> Result<(), Duration> {
        let now = Instant::now();
        let at = self.reserve(endpoint, now)?;
        // Even a sleep that is over already lasts until the next tick of the timer, a millisecond or two.
        if at > now {
            tokio::time::sleep_until(at).await;
        }
        Ok(())
    }

    /// The platform has said that it wants to be left alone.
    pub(crate) fn close(&self, endpoint: &'static str, wait: Duration) {
        let until = Instant::now() + wait;
        let mut endpoints = self
            .endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let endpoint = endpoints.entry(endpoint).or_default();
        endpoint.closed_until = endpoint.closed_until.max(Some(until));
    }

    fn reserve(&self, endpoint: &'static str, now: Instant) -> Result<Instant, Duration> {
        let mut endpoints = self
            .endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let endpoint = endpoints.entry(endpoint).or_default();
        let open = endpoint.closed_until.map_or(now, |until| until.max(now));
        let is_full = endpoint.slots.len() >= self.per_second;
        let at = if is_full {
            open.max(endpoint.slots[endpoint.next] + WINDOW)
        } else {
            open
        };
        let wait = at - now;
        if wait > LONGEST_WAIT {
            return Err(wait);
        }
        if is_full {
            endpoint.slots[endpoint.next] = at;
            endpoint.next = (endpoint.next + 1) % self.per_second;
        } else {
            endpoint.slots.push(at);
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_window_of_a_second_holds_more_than_the_limit() {
        let limiter = Limiter::new(20);
        let mut times = Vec::new();
        for _ in 0..100 {
            limiter.wait("a").await.expect("it is soon");
            times.push(Instant::now());
        }
        for window in times.windows(21) {
            assert!(window[20] - window[0] > Duration::from_secs(1));
        }
        assert!(
            times[99] - times[0] < Duration::from_secs(5),
            "it is not slower than it must be"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn endpoints_do_not_delay_each_other() {
        let limiter = Limiter::new(1);
        let start = Instant::now();
        limiter.wait("a").await.expect("it is free");
        limiter.wait("b").await.expect("it is free");
        assert_eq!(Instant::now(), start);
        limiter.wait("a").await.expect("it is soon");
        assert!(start.elapsed() >= WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_endpoint_is_left_alone() {
        let limiter = Limiter::new(20);
        let start = Instant::now();
        limiter.close("a", Duration::from_secs(15));
        limiter.close("a", Duration::from_secs(1));
        limiter.wait("a").await.expect("it is soon");
        assert!(start.elapsed() >= Duration::from_secs(15));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_longer_than_makes_sense() {
        let limiter = Limiter::new(1);
        limiter.close("a", Duration::from_secs(60));
        let minute = Duration::from_secs(60);
        // Whoever is sent away takes no place.
        for _ in 0..100 {
            assert_eq!(limiter.wait("a").await, Err(minute));
        }
        tokio::time::advance(minute).await;
        assert_eq!(limiter.wait("a").await, Ok(()));
    }
}
