//! What a person has used of models, for whoever asks.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::context::Context;
use crate::id::PersonId;
use crate::ports::{SpendingQuery, StoreError, Usage};
use crate::time::Timestamp;

/// What somebody has used today and this month.
pub(super) async fn of(context: &Context, person: &PersonId) -> Result<(Usage, Usage), StoreError> {
    let now = context.ports.clock.now();
    let (day, month) = spans(now, context.settings.utc_offset);
    let mut sums = [Usage::default(); 2];
    for (sum, during) in sums.iter_mut().zip([day, month]) {
        let query = SpendingQuery {
            during,
            agent: None,
            person: Some(person.clone()),
        };
        for line in context.ports.store.spending(query).await? {
            *sum += line.usage;
        }
    }
    let [day, month] = sums;
    Ok((day, month))
}

/// The day and the month that a moment is in.
fn spans(now: Timestamp, utc_offset: i32) -> (Range<Timestamp>, Range<Timestamp>) {
    let zone = TimeZone::fixed(Offset::from_seconds(utc_offset).unwrap_or(Offset::UTC));
    let moment = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let today = zone.to_datetime(moment).date();
    let start = |date: Date| {
        let start = zone.to_timestamp(date.at(0, 0, 0, 0));
        Timestamp(start.map_or(i64::MAX, |start| start.as_millisecond()))
    };
    let first = today.first_of_month();
    (
        start(today)..start(today.saturating_add(1.day())),
        start(first)..start(first.saturating_add(1.month())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_begin_at_midnight_of_the_installation() {
        // 2026-02-28 23:30 in Shanghai.
        let now = Timestamp(1_772_251_200_000 + 11 * 3_600_000 + 1_800_000);
        let (day, month) = spans(now, 8 * 3_600);
        assert_eq!(day.end.0 - now.0, 1_800_000);
        assert_eq!(day.end, month.end);
        assert_eq!((month.end.0 - month.start.0) / 86_400_000, 28);
    }
}
