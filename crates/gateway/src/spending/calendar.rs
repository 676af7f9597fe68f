//! Days and months as the machine's time zone has them.

use std::ops::Range;

use chela_engine::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};

/// The moment in a time zone. What lies beyond all calendars is their beginning.
pub(super) fn zoned(moment: Timestamp, zone: &TimeZone) -> Zoned {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
    moment.to_zoned(zone.clone())
}

/// The day that a moment is in.
pub(super) fn day(moment: &Zoned) -> Range<Timestamp> {
    let date = moment.date();
    start(date, moment)..start(date.saturating_add(1.day()), moment)
}

/// The month that a moment is in.
pub(super) fn month(moment: &Zoned) -> Range<Timestamp> {
    let first = moment.date().first_of_month();
    start(first, moment)..start(first.saturating_add(1.month()), moment)
}

/// The days up to the one that a moment is in, that one last.
pub(super) fn days(moment: &Zoned, count: u32) -> Vec<(Date, Range<Timestamp>)> {
    let today = moment.date();
    let date = |ago: u32| today.saturating_sub(i64::from(ago).days());
    let days = (0..count).rev().map(date);
    days.map(|date| {
        (
            date,
            start(date, moment)..start(date.saturating_add(1.day()), moment),
        )
    })
    .collect()
}

/// When a day begins.
fn start(date: Date, zone_of: &Zoned) -> Timestamp {
    let zoned = date.to_zoned(zone_of.time_zone().clone());
    Timestamp(zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_are_those_of_the_zone() {
        let shanghai = TimeZone::fixed(jiff::tz::offset(8));
        // 2026-02-28 23:30 in Shanghai.
        let late = zoned(Timestamp(1_772_292_600_000), &shanghai);
        assert_eq!(late.strftime("%F %R").to_string(), "2026-02-28 23:30");
        let hour = 3_600_000;
        let today = day(&late);
        assert_eq!(today.end, Timestamp(1_772_292_600_000 + hour / 2));
        assert_eq!(today.end.0 - today.start.0, 24 * hour);
        let february = month(&late);
        assert_eq!(february.end, today.end);
        assert_eq!(february.end.0 - february.start.0, 28 * 24 * hour);
        let names: Vec<_> = days(&late, 2)
            .into_iter()
            .map(|(date, _)| date.to_string())
            .collect();
        assert_eq!(names, ["2026-02-27", "2026-02-28"]);
    }
}
