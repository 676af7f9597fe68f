//! The wall clock of the machine: the only place that reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use chela_engine::ports::Clock;
use chela_engine::time::Timestamp;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the door through which time comes in"
        )]
        let now = SystemTime::now();
        // A clock before 1970 is as good as 1970: everything is relative to it anyway.
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
