//! The platform behind its lock, the task that lets timers fire, and those who wait for changes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::platform::{Event, Platform};

/// Events that a slow watcher may be behind before it has to look at everything anew.
const EVENTS: usize = 1024;
/// How long the timer task sleeps when nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

/// What all tasks of one emulator share.
#[derive(Debug)]
pub(crate) struct Shared {
    platform: Mutex<Platform>,
    pub(crate) clock: Clock,
    /// Grows with every change.
    changes: watch::Sender<u64>,
    /// Wakes the timer task when something became due earlier.
    rescheduled: Notify,
    events: broadcast::Sender<Arc<Event>>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Shared {
    pub(crate) fn new(platform: Platform, clock: Clock) -> Self {
        Self {
            platform: Mutex::new(platform),
            clock,
            changes: watch::Sender::new(0),
            rescheduled: Notify::new(),
            events: broadcast::Sender::new(EVENTS),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Changes the platform at the present time, then tells whoever waits for a change.
    pub(crate) fn act<R>(&self, change: impl FnOnce(&mut Platform) -> R) -> R {
        let mut platform = self.lock();
        platform.now_ms = self.clock.now_ms();
        platform.watched = self.events.receiver_count() > 0;
        let due = platform.timers.earliest();
        let result = change(&mut platform);
        let rescheduled = platform.timers.earliest() != due;
        let events = std::mem::take(&mut platform.events);
        drop(platform);
        if rescheduled {
            self.rescheduled.notify_one();
        }
        for event in events {
            // Nobody listening any more is no failure.
            self.events.send(Arc::new(event)).ok();
        }
        self.changes.send_modify(|changes| *changes += 1);
        result
    }

    /// Reads the platform at the present time.
    pub(crate) fn look<R>(&self, read: impl FnOnce(&Platform) -> R) -> R {
        let mut platform = self.lock();
        platform.now_ms = self.clock.now_ms();
        read(&platform)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn events(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    pub(crate) fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
        self.act(Platform::fire_due_timers);
    }

    /// Lets timers fire until the emulator stops.
    pub(crate) async fn run_timers(self: Arc<Self>) {
        loop {
            let due = self.look(|platform| platform.timers.earliest());
            let pause = async {
                match due {
                    Some(due_ms) => tokio::time::sleep_until(self.clock.instant_of(due_ms)).await,
                    None => tokio::time::sleep(IDLE).await,
                }
            };
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return,
                () = self.rescheduled.notified() => {}
                () = pause => self.act(Platform::fire_due_timers),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Platform> {
        // A panic while the lock was held is the test's own, in a condition or an assertion; the state is whole.
        self.platform.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
