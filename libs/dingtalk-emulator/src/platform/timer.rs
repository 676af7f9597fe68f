//! Everything that becomes due at a wall time, in one queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::id::{ConnectionId, PushId};
use crate::platform::card::ClickKey;
use crate::platform::delivery::Parcel;

/// What becomes due.
#[derive(Debug)]
pub(crate) enum Timer {
    /// The acknowledgement of this push is overdue, unless it has come.
    AckOverdue(PushId),
    /// Nobody took this event, or it is to be pushed again.
    PushAgain { parcel: Arc<Parcel>, attempt: u32 },
    /// Time for the next `SYSTEM` ping.
    Ping(ConnectionId),
    /// The connection has lived long enough and gets a `disconnect` frame.
    Retire(ConnectionId),
    /// The silence after the `disconnect` frame is over.
    HangUp(ConnectionId),
    /// The platform notices that the connection is dead.
    Forget(ConnectionId),
    /// Whoever pressed something on a card does not wait for the answer any longer.
    ClickOverdue(ClickKey),
    /// A line that was cut for a while works again.
    Heal,
}

/// Timers are never taken back; whoever they reach looks whether they still matter.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeMap<(i64, u64), Timer>,
    sequence: u64,
}

impl Timers {
    pub(crate) fn at(&mut self, due_ms: i64, timer: Timer) {
        self.sequence += 1;
        self.queue.insert((due_ms, self.sequence), timer);
    }

    pub(crate) fn earliest(&self) -> Option<i64> {
        self.queue.first_key_value().map(|(&(due_ms, _), _)| due_ms)
    }

    pub(crate) fn take_due(&mut self, now_ms: i64) -> Option<Timer> {
        let entry = self.queue.first_entry()?;
        (entry.key().0 <= now_ms).then(|| entry.remove())
    }
}
