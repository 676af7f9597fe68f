//! Keeps calls below the platform's limit of calls per second, per app and endpoint (protocol reference §4.10), by
//! letting them wait instead of fail. Where they are many, what people wait for goes first.

mod endpoint;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

pub(crate) use self::endpoint::Priority;
use self::endpoint::{Endpoint, Turn};

/// A window of one second holds at most so many calls to one endpoint. Those that wait go by [`Priority`].
#[derive(Debug)]
pub(crate) struct Limiter {
    per_second: usize,
    endpoints: Mutex<HashMap<&'static str, Arc<Endpoint>>>,
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

    /// Waits until a call may be made. Whoever drops the future before gives the place to the next.
    ///
    /// # Errors
    /// The time until the next place, if the call would have to wait longer than [`Priority::patience`]: it is not made.
    pub(crate) async fn wait(
        &self,
        endpoint: &'static str,
        priority: Priority,
    ) -> Result<(), Duration> {
        let endpoint = self.endpoint(endpoint);
        let arrived = Instant::now();
        let deadline = arrived + priority.patience();
        let expected = endpoint.expected(&priority, arrived);
        if expected > deadline {
            return Err(expected - arrived);
        }
        let place = endpoint.queue(priority);
        loop {
            // Asked for before the look at the queue, so that nothing is missed between the two.
            let changed = endpoint.changed();
            match place.turn(Instant::now()) {
                Turn::Now => return Ok(()),
                Turn::At(at) if at > deadline => return Err(at - Instant::now()),
                Turn::At(at) => sleep_until(at).await,
                Turn::AfterOthers => {
                    if timeout_at(deadline, changed).await.is_err() {
                        return Err(WINDOW);
                    }
                }
            }
        }
    }

    /// The platform has said that it wants to be left alone.
    pub(crate) fn close(&self, endpoint: &'static str, wait: Duration) {
        self.endpoint(endpoint).close(Instant::now() + wait);
    }

    fn endpoint(&self, name: &'static str) -> Arc<Endpoint> {
        let mut endpoints = self
            .endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Endpoint::new(self.per_second));
        Arc::clone(endpoints.entry(name).or_insert_with(new))
    }
}
