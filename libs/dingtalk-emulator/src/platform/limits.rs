//! How much a client may ask for: requests per second, calls per month, messages per person and minute.

use std::collections::{BTreeMap, HashMap, VecDeque};

use axum::http::Method;

use crate::id::{ClientId, PersonId};
use crate::platform::Platform;
use crate::platform::failure::ApiFailure;
use crate::world::App;

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// Quotas follow the calendar of China Standard Time.
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// Usage so far.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: HashMap<(ClientId, String), Window>,
    per_person: HashMap<(ClientId, PersonId), VecDeque<i64>>,
    month: i64,
    api_calls: u64,
    stream_messages: u64,
    /// Most attempts within one second, by API path.
    pub(crate) peaks: BTreeMap<String, u32>,
}

/// Times of the requests of the last second: those that were let in, and all.
#[derive(Debug, Default)]
struct Window {
    admitted: VecDeque<i64>,
    attempted: VecDeque<i64>,
}

/// Keeps the times within `span_ms` before `now_ms`.
fn slide(times: &mut VecDeque<i64>, now_ms: i64, span_ms: i64) {
    while times.front().is_some_and(|&time| time <= now_ms - span_ms) {
        times.pop_front();
    }
}

impl Platform {
    /// Counts a request against the second's limit (H9). What is refused has no effect and costs no quota.
    pub(crate) fn admit(&mut self, app: &App, path: &str) -> Result<(), ApiFailure> {
        let limit = self.settings.requests_per_second;
        if self.count(app, path, limit) {
            Ok(())
        } else {
            Err(ApiFailure::too_fast())
        }
    }

    /// Counts a request that no limit holds for.
    pub(crate) fn observe(&mut self, app: &App, path: &str) {
        self.count(app, path, None);
    }

    /// Whether the request is within the limit.
    fn count(&mut self, app: &App, path: &str, limit: Option<u32>) -> bool {
        let now_ms = self.now_ms;
        let window = self
            .limits
            .windows
            .entry((app.client_id.clone(), path.to_owned()))
            .or_default();
        slide(&mut window.attempted, now_ms, SECOND_MS);
        slide(&mut window.admitted, now_ms, SECOND_MS);
        window.attempted.push_back(now_ms);
        let attempts = u32::try_from(window.attempted.len()).unwrap_or(u32::MAX);
        let within = limit.is_none_or(|limit| window.admitted.len() < limit as usize);
        if within {
            window.admitted.push_back(now_ms);
        }
        if let Some(peak) = self.limits.peaks.get_mut(path) {
            *peak = attempts.max(*peak);
        } else {
            self.limits.peaks.insert(path.to_owned(), attempts);
        }
        within
    }

    /// Counts a call of the Open API against the month's quota (H11).
    pub(crate) fn charge_api_call(
        &mut self,
        method: &Method,
        path: &str,
    ) -> Result<(), ApiFailure> {
        self.turn_calendar();
        if self
            .settings
            .quota
            .is_some_and(|quota| self.limits.api_calls >= quota.api)
        {
            return Err(ApiFailure::over_quota());
        }
        self.limits.api_calls += 1;
        self.note_charge(method, path);
        Ok(())
    }

    /// Counts a push or a session webhook message against the month's quota; false when it is used up.
    pub(crate) fn charge_stream_message(&mut self) -> bool {
        self.turn_calendar();
        if self
            .settings
            .quota
            .is_some_and(|quota| self.limits.stream_messages >= quota.stream)
        {
            return false;
        }
        self.limits.stream_messages += 1;
        true
    }

    /// Counts a private message to a person; false when the person has had enough for this minute (O12).
    pub(crate) fn charge_person(&mut self, app: &ClientId, person: &PersonId) -> bool {
        let Some(limit) = self.settings.messages_per_person_and_minute else {
            return true;
        };
        let times = self
            .limits
            .per_person
            .entry((app.clone(), person.clone()))
            .or_default();
        slide(times, self.now_ms, MINUTE_MS);
        if times.len() >= limit {
            return false;
        }
        times.push_back(self.now_ms);
        true
    }

    /// Remembers what cost quota.
    pub(crate) fn note_charge(&mut self, method: &Method, path: &str) {
        let charged = &mut self.record.counters.charged;
        *charged.entry(format!("{method} {path}")).or_default() += 1;
    }

    fn turn_calendar(&mut self) {
        let month = month_of(self.now_ms);
        if month != self.limits.month {
            self.limits.month = month;
            self.limits.api_calls = 0;
            self.limits.stream_messages = 0;
        }
    }
}

/// Months since the year 0 in China, after Howard Hinnant's `civil_from_days`.
fn month_of(wall_ms: i64) -> i64 {
    let days = (wall_ms + CHINA_OFFSET_MS).div_euclid(DAY_MS) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    // March is month 2 when counted from January as 0; what runs over belongs to the next year.
    (era * 400 + year_of_era) * 12 + month_from_march + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_in_china() {
        // 2026-11-30T15:59:59Z and one second later, which is December in China.
        let before = month_of(1_796_054_399_000);
        assert_eq!(before, 2026 * 12 + 10);
        assert_eq!(month_of(1_796_054_400_000), before + 1);
        // 1970-01-01T00:00:00Z.
        assert_eq!(month_of(0), 1970 * 12);
    }
}
