//! The engine's knobs and what they are when nobody turns them.

use std::time::Duration;

use crate::conversation;
use crate::intake;
use crate::ports::Cost;
use crate::reply;
use crate::time::Timestamp;

/// When a session ends by itself: whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Silence. `None`: not by silence.
    pub idle: Option<Duration>,
    /// An hour of the day, from 0 to 23. `None`: not by the hour.
    pub hour: Option<u8>,
}

impl Default for Reset {
    /// Half an hour of silence.
    fn default() -> Self {
        Self {
            idle: Some(Duration::from_secs(30 * 60)),
            hour: None,
        }
    }
}

impl Reset {
    /// A session that was used last before this has ended.
    pub fn expired_before(&self, now: Timestamp, utc_offset: i32) -> Option<Timestamp> {
        let by_silence = self.idle.map(|idle| now.before(idle));
        by_silence.max(self.last_hour(now, utc_offset))
    }

    /// When it was that hour last.
    fn last_hour(&self, now: Timestamp, utc_offset: i32) -> Option<Timestamp> {
        const HOUR: i64 = 60 * 60 * 1_000;
        const DAY: i64 = 24 * HOUR;
        let shift = i64::from(utc_offset) * 1_000 - i64::from(self.hour?) * HOUR;
        let since = (now.0 + shift).rem_euclid(DAY);
        Some(Timestamp(now.0 - since))
    }
}

/// What may be used; nothing set: as much as anybody likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Tokens, read and written.
    pub tokens: Option<u64>,
    /// Money.
    pub cost: Option<Cost>,
}

/// The engine's knobs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What may wait in one conversation.
    pub queue: conversation::Limits,
    /// Turns that run at the same time, over all conversations.
    pub concurrent_turns: usize,
    /// What one turn may take from its first second to its last.
    pub turn_deadline: Duration,
    /// Turns that may begin on one message before it is given up; only a crash in the middle uses one up.
    pub attempts: u32,
    /// When a session ends by itself where people write to the bot alone.
    pub direct_reset: Reset,
    /// The same for groups.
    pub group_reset: Reset,
    /// How far the clock of the installation is ahead of UTC, in seconds.
    pub utc_offset: i32,
    /// What each person may use of models on one day, for whoever asks how much is left.
    pub person_per_day: Allowance,
    /// Utterances that an agent is given as history, the newest.
    pub history: usize,
    /// Tokens of history for an agent that is not told otherwise; more is summed up.
    pub history_tokens: usize,
    /// What a turn that is told to stop is given to come to its end.
    pub stop_patience: Duration,
    /// What summing a history up may take.
    pub compaction_deadline: Duration,
    /// How much of what comes with a question is looked at.
    pub intake: intake::Limits,
    /// How much fits into one message.
    pub page: reply::Limits,
    /// How much of an answer a card holds; the rest follows as messages.
    pub card: reply::Limits,
    /// What one try to deliver a message may take; then nobody knows whether it arrived.
    pub delivery_deadline: Duration,
    /// A reply that could not be delivered for this long is given up.
    pub delivery_patience: Duration,
    /// Messages that are delivered at the same time, over all conversations.
    pub concurrent_deliveries: usize,
    /// What running turns and deliveries are given at the end of the gateway.
    pub drain: Duration,
    /// How long ended messages are remembered, and with them what has been answered already.
    pub retention: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            queue: conversation::Limits::default(),
            concurrent_turns: 256,
            turn_deadline: 10 * MINUTE,
            attempts: 3,
            direct_reset: Reset::default(),
            group_reset: Reset::default(),
            utc_offset: 8 * 60 * 60,
            person_per_day: Allowance::default(),
            history: 400,
            history_tokens: 8_000,
            stop_patience: Duration::from_secs(2),
            compaction_deadline: MINUTE,
            intake: intake::Limits::default(),
            page: reply::Limits::default(),
            card: reply::Limits::of_card(),
            delivery_deadline: MINUTE,
            delivery_patience: 24 * 60 * MINUTE,
            concurrent_deliveries: 64,
            drain: Duration::from_secs(20),
            retention: 7 * 24 * 60 * MINUTE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_its_hour_and_silence_may_be_faster() {
        // 2026-09-21, 18:13:20 in China.
        let now = Timestamp(1_790_000_000_000 - 8 * 60 * 60 * 1_000 + 4 * 60 * 60 * 1_000);
        let china = 8 * 60 * 60;
        let day = |hour| Reset {
            idle: None,
            hour: Some(hour),
        };
        let local_hour = ((now.0 / 1_000 + i64::from(china)) / 3_600) % 24;
        let passed = |hour| {
            let limit = day(hour).expired_before(now, china).expect("there is one");
            now.since(limit).as_secs() / 3_600
        };
        let hour = u8::try_from(local_hour).expect("an hour is small");
        assert_eq!(passed(hour), 0);
        assert_eq!(passed((hour + 1) % 24), 23);
        assert_eq!(passed((hour + 23) % 24), 1);
        let both = Reset {
            idle: Some(Duration::from_secs(60)),
            ..day((hour + 23) % 24)
        };
        let limit = both.expired_before(now, china).expect("there is one");
        assert_eq!(now.since(limit).as_secs(), 60);
        let never = Reset {
            idle: None,
            hour: None,
        };
        assert_eq!(never.expired_before(now, china), None);
    }
}
