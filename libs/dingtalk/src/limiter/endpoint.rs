//! One endpoint: who waits for it, and when the last calls were made.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::WINDOW;
use crate::id::OutTrackId;

/// What goes first when calls have to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    /// What is not said again: a message, the end of a card. The usual.
    Final,
    /// What shows that something begins.
    First,
    /// What the next one makes superfluous. Cards take turns, beginning with those that show nothing yet.
    Update(OutTrackId),
}

impl Priority {
    /// A call that would have to wait longer is not made. Who calls has deadlines too, and a call that is still waiting
    /// then would pass for one whose answer was lost. A stale update is worth little, and holds up the end of its card.
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::Final | Self::First => Duration::from_secs(20),
            Self::Update(_) => Duration::from_secs(2),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Final => 0,
            Self::First => 1,
            Self::Update(_) => 2,
        }
    }
}

#[derive(Debug)]
pub(super) struct Endpoint {
    per_window: usize,
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    /// Who waits, in the order in which they go.
    waiting: BTreeSet<Key>,
    arrivals: u64,
    /// When the last calls were made, oldest first; at most a window's worth.
    made: VecDeque<Instant>,
    /// The platform wants to be left alone until then.
    closed_until: Option<Instant>,
    /// The last turn of each card that is being written.
    turns: HashMap<OutTrackId, u64>,
    last_turn: u64,
}

/// By rank; among updates, by the last turn of the card; then by arrival.
type Key = (u8, u64, u64);

/// Cards whose last turn is remembered at most; one that was forgotten goes first once.
const CARDS: usize = 1_000;

/// A place in the queue; left when it is dropped.
pub(super) struct Place<'a> {
    endpoint: &'a Endpoint,
    key: Key,
    priority: Priority,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Mine; the call counts as made.
    Now,
    /// Nobody's before then.
    At(Instant),
    /// That of others, who are about to notice.
    AfterOthers,
}

impl Endpoint {
    pub(super) fn new(per_window: usize) -> Self {
        Self {
            per_window,
            queue: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// When a call that comes now will probably be made: sooner if others give up, later if more important ones come.
    pub(super) fn expected(&self, priority: &Priority, now: Instant) -> Instant {
        let queue = self.lock();
        let ahead = queue.waiting.range(..queue.key(priority)).count();
        queue.opens(ahead, self.per_window, now)
    }

    /// Takes a place behind all who wait with the same right.
    pub(super) fn queue(&self, priority: Priority) -> Place<'_> {
        let mut queue = self.lock();
        let key = queue.key(&priority);
        queue.arrivals += 1;
        queue.waiting.insert(key);
        Place {
            endpoint: self,
            key,
            priority,
        }
    }

    /// Ready as soon as somebody has left the queue since this was called.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub(super) fn close(&self, until: Instant) {
        let mut queue = self.lock();
        queue.closed_until = queue.closed_until.max(Some(until));
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// Takes the turn if it is there.
    pub(super) fn turn(&self, now: Instant) -> Turn {
        let per_window = self.endpoint.per_window;
        let mut queue = self.endpoint.lock();
        let opens = queue.opens(0, per_window, now);
        if opens > now {
            return Turn::At(opens);
        }
        if queue.waiting.first() != Some(&self.key) {
            return Turn::AfterOthers;
        }
        if queue.made.len() == per_window {
            queue.made.pop_front();
        }
        queue.made.push_back(now);
        if let Priority::Update(card) = &self.priority {
            queue.remember(card);
        }
        Turn::Now
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.endpoint.lock().waiting.remove(&self.key);
        self.endpoint.changed.notify_waiters();
    }
}

impl Queue {
    /// The place of a call that comes now.
    fn key(&self, priority: &Priority) -> Key {
        let turn = match priority {
            Priority::Update(card) => self.turns.get(card).copied().unwrap_or(0),
            Priority::Final | Priority::First => 0,
        };
        (priority.rank(), turn, self.arrivals)
    }

    /// When there is room for a call with so many others before it.
    fn opens(&self, ahead: usize, per_window: usize, now: Instant) -> Instant {
        let open = self.closed_until.map_or(now, |until| until.max(now));
        let free = per_window - self.made.len();
        // Behind the free places, places come free in the order in which they were taken, again and again.
        let Some(behind) = ahead.checked_sub(free) else {
            return open;
        };
        let windows = u32::try_from(behind / per_window).unwrap_or(u32::MAX);
        let taken = self.made.get(behind % per_window).copied();
        let first = taken.map_or(open + WINDOW, |taken| open.max(taken + WINDOW));
        first + WINDOW.saturating_mul(windows.min(1_000))
    }

    fn remember(&mut self, card: &OutTrackId) {
        self.last_turn += 1;
        self.turns.insert(card.clone(), self.last_turn);
        if self.turns.len() > CARDS {
            let recent = self.last_turn - CARDS as u64 / 2;
            self.turns.retain(|_, turn| *turn > recent);
        }
    }
}
