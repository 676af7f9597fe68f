//! When the next call on a card may be made: never faster than asked for, slower for a while when the platform minds.

use std::time::Duration;

use tokio::time::Instant;

use super::settings::Settings;
use crate::error::ErrorKind;

/// The platform is never taken to want more than this between two frames; a wait that it names is kept besides.
const SLOWEST: Duration = Duration::from_secs(10);
/// Each frame makes the time to the next one longer by so many tenths of the usual: the first words should come at once,
/// and who reads a long text is not helped by each second of it. So six frames show ten seconds, and with whatever else
/// an answer costs there are twelve calls at most.
const STRETCH: u32 = 3;
/// Beyond so many the longest is reached with any settings that make sense.
const MOST_STRETCHES: u32 = 1_000;
/// Pauses after failures double from here …
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// … up to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Pace {
    usual: Duration,
    /// What the usual grows to while a card types.
    longest: Duration,
    gap: Duration,
    /// What the platform seems to bear; never below the usual.
    interval: Duration,
    /// Frames and updates so far.
    frames: u32,
    /// When the last one was begun.
    last_frame: Option<Instant>,
    /// When the last call ended, or the card was delivered.
    last_end: Instant,
    /// The platform wants to be left alone until then.
    closed_until: Instant,
    /// In a row.
    failures: u32,
}

impl Pace {
    pub(super) fn new(settings: &Settings, now: Instant) -> Self {
        Self {
            usual: settings.interval,
            longest: settings.reduced_interval.max(settings.interval),
            gap: settings.gap,
            interval: settings.interval,
            frames: 0,
            last_frame: None,
            last_end: now,
            closed_until: now,
            failures: 0,
        }
    }

    /// When the card may be opened.
    pub(super) fn kick_at(&self) -> Instant {
        self.closed_until
    }

    /// When the next frame may be sent under a full budget.
    pub(super) fn frame_at(&self) -> Instant {
        let stretches = self.frames.saturating_sub(1).min(MOST_STRETCHES);
        let stretched = self.usual + self.usual * stretches * STRETCH / 10;
        self.frame_behind(stretched.min(self.longest))
    }

    /// The same under a budget that wants so much between two.
    pub(super) fn frame_behind(&self, budget: Duration) -> Instant {
        let interval = self.interval.max(budget);
        let after_frame = self.last_frame.map(|last| last + interval);
        self.end_at().max(after_frame.unwrap_or(self.last_end))
    }

    /// When the last call may be made.
    pub(super) fn end_at(&self) -> Instant {
        self.closed_until.max(self.last_end + self.gap)
    }

    pub(super) fn frame_began(&mut self, now: Instant) {
        self.frames = self.frames.saturating_add(1);
        self.last_frame = Some(now);
    }

    pub(super) fn succeeded(&mut self, now: Instant) {
        self.last_end = now;
        self.failures = 0;
        self.interval = (self.interval * 3 / 4).max(self.usual);
    }

    /// There are too many calls for now; this one was not made.
    pub(super) fn held_back(&mut self) {
        self.interval = (self.interval * 2).clamp(self.usual, SLOWEST.max(self.usual));
    }

    pub(super) fn failed(&mut self, kind: &ErrorKind, now: Instant) {
        self.last_end = now;
        let doublings = self.failures.min(5);
        let pause = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
        self.failures += 1;
        let pause = match kind {
            ErrorKind::RateLimited { after } => {
                self.held_back();
                pause.max(*after)
            }
            _ => pause,
        };
        self.closed_until = self.closed_until.max(now + pause);
    }
}
