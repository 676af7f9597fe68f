//! Points in time and lengths of time as people write them, and time zones by their names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::time::Duration;

/// A point in time that somebody has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long from now.
    In(Duration),
    /// That one.
    At(Timestamp),
}

/// Reads a point in time: `2026-11-26T09:00+08:00`, `2026-11-26 09:00` on the clock of the zone, or `+20m` and `20m` from
/// now.
pub fn moment(text: &str, zone: &TimeZone) -> Option<Moment> {
    let text = text.trim();
    if let Some(span) = span(text.trim_start_matches('+')) {
        return Some(Moment::In(span));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Moment::At(at));
    }
    let at: DateTime = text.parse().ok()?;
    let at = zone.to_ambiguous_timestamp(at).compatible().ok()?;
    Some(Moment::At(at))
}

/// Reads a length of time: `90s`, `20m`, `2h`, `1d`, `1h30m`.
pub fn span(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut number = String::new();
    for character in text.trim().chars() {
        if character.is_ascii_digit() {
            number.push(character);
            continue;
        }
        let unit = match character.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return None,
        };
        let count: u64 = number.parse().ok()?;
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && seconds > 0).then(|| Duration::from_secs(seconds))
}

/// The time zone of a name, or the name that comes nearest to it; empty: that of the machine.
pub fn zone(name: &str) -> Option<TimeZone> {
    match name {
        "" => Some(TimeZone::system()),
        name => TimeZone::get(name).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_times_in_several_ways() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let nine: Timestamp = "2026-11-26T01:00:00Z".parse().unwrap();
        for text in [
            "2026-11-26T09:00:00+08:00",
            "2026-11-26 09:00",
            "2026-11-26T09:00",
            " 2026-11-26T01:00:00Z ",
        ] {
            assert_eq!(moment(text, &zone), Some(Moment::At(nine)), "{text}");
        }
        let in_twenty = Some(Moment::In(Duration::from_secs(20 * 60)));
        assert_eq!(moment("+20m", &zone), in_twenty);
        assert_eq!(moment("20m", &zone), in_twenty);
        assert_eq!(span("1h30m"), Some(Duration::from_secs(5_400)));
        for text in [
            "",
            "明天九点",
            "2026-13-01 09:00",
            "0m",
            "5",
            "m",
            "9999999999999999999d",
        ] {
            assert_eq!(moment(text, &zone), None, "{text}");
        }
    }
}
