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

impl Limiter {
    pub(crate) fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.max(1) as usize,
            endpoints: Mutex::default(),
        }
    }

    /// Waits until a call may be made. A dropped future gives its place away unused, which only costs time.
    pub(crate) async fn wait(&self, endpoint: &'static str) {
        let at = self.reserve(endpoint, Instant::now());
        tokio::time::sleep_until(at).await;
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

    fn reserve(&self, endpoint: &'static str, now: Instant) -> Instant {
        let mut endpoints = self
            .endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let endpoint = endpoints.entry(endpoint).or_default();
        let open = endpoint.closed_until.map_or(now, |until| until.max(now));
        if endpoint.slots.len() < self.per_second {
            endpoint.slots.push(open);
            return open;
        }
        let slot = &mut endpoint.slots[endpoint.next];
        let at = open.max(*slot + WINDOW);
        *slot = at;
        endpoint.next = (endpoint.next + 1) % self.per_second;
        at
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
            limiter.wait("a").await;
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
        limiter.wait("a").await;
        limiter.wait("b").await;
        assert_eq!(Instant::now(), start);
        limiter.wait("a").await;
        assert!(start.elapsed() >= WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_endpoint_is_left_alone() {
        let limiter = Limiter::new(20);
        let start = Instant::now();
        limiter.close("a", Duration::from_secs(60));
        limiter.close("a", Duration::from_secs(1));
        limiter.wait("a").await;
        assert!(start.elapsed() >= Duration::from_secs(60));
    }
}
