//! What was used on which day.

use std::collections::BTreeMap;

use super::metering::Budget;

/// Days that are remembered: the month, and the week before it.
pub(super) const REMEMBERED: i64 = 38;

/// Counts by day.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    days: BTreeMap<i64, Counts>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    calls: u64,
    messages: u64,
}

impl Counts {
    fn of(&mut self, budget: Budget) -> &mut u64 {
        match budget {
            Budget::Calls => &mut self.calls,
            Budget::Messages => &mut self.messages,
        }
    }
}

impl Usage {
    pub(super) fn add(&mut self, day: i64, budget: Budget, count: u64) {
        let counts = self.days.entry(day).or_default().of(budget);
        *counts = counts.saturating_add(count);
        if let Some((newest, _)) = self.days.last_key_value() {
            let oldest = newest - REMEMBERED;
            self.days.retain(|day, _| *day > oldest);
        }
    }

    /// What was used from one day to the day before another.
    pub(super) fn between(&self, from: i64, to: i64, budget: Budget) -> u64 {
        let days = self.days.range(from..to.max(from));
        days.map(|(_, counts)| *counts.clone().of(budget)).sum()
    }

    /// The first day on which anything was counted.
    pub(super) fn first_day(&self) -> Option<i64> {
        self.days.first_key_value().map(|(day, _)| *day)
    }
}
