//! The calendar of the platform's months: that of China, which knows no summer time.

use chela_engine::time::Timestamp;
use jiff::civil::Date;

const CHINA: i64 = 8 * 60 * 60 * 1_000;
pub(super) const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The day of a moment, counted from 1970-01-01.
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.0.saturating_add(CHINA).div_euclid(DAY)
}

/// When a day begins.
pub(super) fn begin_of(day: i64) -> Timestamp {
    Timestamp(day.saturating_mul(DAY).saturating_sub(CHINA))
}

/// The first day of the month of a day, and that of the month behind it.
pub(super) fn month_of(day: i64) -> (i64, i64) {
    let date = epoch().saturating_add(jiff::Span::new().days(day.clamp(-700_000, 2_900_000)));
    let first = date.first_of_month();
    (number(first), number(date.last_of_month()) + 1)
}

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

fn number(date: Date) -> i64 {
    date.duration_since(epoch()).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_in_china() {
        // 2026-11-30T15:59:59.999Z, and a millisecond later.
        let last = day_of(Timestamp(1_796_054_399_999));
        let first = day_of(Timestamp(1_796_054_400_000));
        assert_eq!(first, last + 1);
        assert_eq!(begin_of(first), Timestamp(1_796_054_400_000));
        assert_eq!(month_of(last), (first - 30, first));
        assert_eq!(month_of(first), (first, first + 31));
        assert_eq!(month_of(0), (0, 31));
        // February of a leap year.
        let leap = day_of(Timestamp(1_834_500_000_000));
        let (begin, end) = month_of(leap);
        assert_eq!(end - begin, 29);
    }
}
