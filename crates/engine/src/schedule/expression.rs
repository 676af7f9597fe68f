//! Cron expressions: five fields, names of months and weekdays, lists, ranges and steps, the usual nicknames.
//!
//! A time that a change to summer time skips is reached as much later; one that the change back brings twice is reached
//! once, unless the hour is `*`.

use std::fmt;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Days that are looked at for the next time: leap days can be eight years apart.
const HORIZON: usize = 366 * 9;

/// A readable cron expression that comes true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

/// A field of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 0–59.
    Minute,
    /// 0–23.
    Hour,
    /// 1–31.
    Day,
    /// 1–12, or `JAN` …
    Month,
    /// 0–7, or `SUN` …; Sunday is both 0 and 7.
    Weekday,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has not five fields.
    Count(usize),
    /// A field cannot be read.
    Unreadable {
        /// Which.
        field: Field,
        /// What stands there.
        text: String,
    },
    /// A number lies outside of what a field can be.
    Outside {
        /// Which.
        field: Field,
        /// The number.
        number: u64,
        /// The expression with the nearest number that can be, as far as it can be mended.
        nearest: String,
    },
    /// It names only dates that no year has.
    Never {
        /// The expression with the last day that comes.
        nearest: String,
    },
}

impl Field {
    const ALL: [Self; 5] = [
        Self::Minute,
        Self::Hour,
        Self::Day,
        Self::Month,
        Self::Weekday,
    ];

    /// What it can be.
    pub fn limits(self) -> RangeInclusive<u64> {
        match self {
            Self::Minute => 0..=59,
            Self::Hour => 0..=23,
            Self::Day => 1..=31,
            Self::Month => 1..=12,
            Self::Weekday => 0..=7,
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Month => &[
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ],
            Self::Weekday => &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
            _ => &[],
        }
    }

    fn value(self, text: &str) -> Option<u64> {
        let name = text.to_ascii_lowercase();
        let names = self.names().iter().zip(*self.limits().start()..);
        let named = names
            .filter(|(known, _)| **known == name)
            .map(|(_, value)| value);
        named.last().or_else(|| text.parse().ok())
    }

    /// The values of a field, a bit for each.
    fn parse(self, text: &str) -> Result<u64, Wrong> {
        let mut bits = 0;
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)),
                None => (item, Some(1)),
            };
            let step: u64 = step.ok_or(Wrong::Unreadable)?;
            let limits = self.limits();
            let (first, last) = match range.split_once('-') {
                _ if matches!(range, "*" | "?") => (*limits.start(), *limits.end()),
                Some((first, last)) => (self.value(first), self.value(last))
                    .both()
                    .ok_or(Wrong::Unreadable)?,
                None => {
                    let first = self.value(range).ok_or(Wrong::Unreadable)?;
                    let open = item.contains('/');
                    (first, if open { *limits.end() } else { first })
                }
            };
            if let Some(number) = [first, last]
                .into_iter()
                .find(|value| !limits.contains(value))
            {
                return Err(Wrong::Outside(number));
            }
            if first > last {
                return Err(Wrong::Unreadable);
            }
            let mut value = first;
            while value <= last {
                bits |= 1 << value;
                value += step;
            }
        }
        Ok(bits)
    }
}

/// What is wrong with a field.
enum Wrong {
    Unreadable,
    Outside(u64),
}

trait Both<T> {
    fn both(self) -> Option<(T, T)>;
}

impl<T> Both<T> for (Option<T>, Option<T>) {
    fn both(self) -> Option<(T, T)> {
        Some((self.0?, self.1?))
    }
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = match text.trim().to_ascii_lowercase().as_str() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            _ => text,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(Fault::Count(fields.len()));
        };
        let texts = [minutes, hours, days, months, weekdays];
        let mut bits = [0; 5];
        for (place, field) in Field::ALL.into_iter().enumerate() {
            bits[place] = field.parse(texts[place]).map_err(|wrong| match wrong {
                Wrong::Unreadable => Fault::Unreadable {
                    field,
                    text: texts[place].to_owned(),
                },
                Wrong::Outside(number) => {
                    let nearest = number.clamp(*field.limits().start(), *field.limits().end());
                    let mended = texts[place].replace(&number.to_string(), &nearest.to_string());
                    let mut texts = texts.map(str::to_owned);
                    texts[place] = mended;
                    Fault::Outside {
                        field,
                        number,
                        nearest: texts.join(" "),
                    }
                }
            })?;
        }
        let [minutes, hours, days, months, weekdays] = bits;
        let expression = Self {
            text: texts.join(" "),
            minutes,
            hours,
            days,
            months,
            // Both numbers of Sunday.
            weekdays: (weekdays | (weekdays >> 7)) & 0x7f,
        };
        match expression.last_day_that_comes() {
            None => Ok(expression),
            Some(day) => {
                let mut texts = texts.map(str::to_owned);
                texts[2] = day.to_string();
                Err(Fault::Never {
                    nearest: texts.join(" "),
                })
            }
        }
    }

    /// The longest day of the months that are named, when no month has a day that is named, and no weekday helps.
    fn last_day_that_comes(&self) -> Option<u64> {
        if self.weekdays != 0x7f {
            return None;
        }
        let longest = |month: u64| match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let named = (1..=12).filter(|month| self.months >> month & 1 == 1);
        let longest = named.map(longest).max()?;
        let comes = (1..=longest).any(|day| self.days >> day & 1 == 1);
        (!comes).then_some(longest)
    }

    /// The first time behind `after`, in a time zone. `None` near the end of time.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // A day earlier: where a clock is put back over midnight, yesterday comes again.
        let first = zone.to_datetime(after).date().yesterday().ok()?;
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(HORIZON);
        days.filter(|day| self.names(*day))
            .find_map(|day| self.next_on(day, after, zone))
    }

    /// Whether a date is meant. As everywhere with cron, either of day and weekday is enough where both are named.
    fn names(&self, date: Date) -> bool {
        let has = |bits: u64, value: i8| bits >> value & 1 == 1;
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let every_day = self.days == (1 << 32) - 2;
        let matches = match (every_day, self.weekdays == 0x7f) {
            (false, false) => day || weekday,
            _ => day && weekday,
        };
        matches && has(self.months, date.month())
    }

    fn next_on(&self, date: Date, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let hours = (0..24).filter(|hour| self.hours >> hour & 1 == 1);
        let times = hours.flat_map(|hour| {
            let minutes = (0..60).filter(|minute| self.minutes >> minute & 1 == 1);
            minutes.map(move |minute| date.at(hour, minute, 0, 0))
        });
        times
            .flat_map(|time| self.instants(time, zone))
            .filter(|instant| *instant > after)
            .min()
    }

    fn instants(&self, time: DateTime, zone: &TimeZone) -> impl Iterator<Item = Timestamp> {
        let every_hour = self.hours == (1 << 24) - 1;
        let ambiguous = zone.to_ambiguous_timestamp(time);
        let (first, second) = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => (ambiguous.compatible().ok(), None),
            // The hours around it are there.
            AmbiguousOffset::Gap { .. } if every_hour => (None, None),
            AmbiguousOffset::Gap { .. } => (ambiguous.compatible().ok(), None),
            AmbiguousOffset::Fold { .. } => {
                let first = ambiguous.earlier().ok();
                (first, ambiguous.later().ok().filter(|_| every_hour))
            }
        };
        first.into_iter().chain(second)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next times behind a point, as they are read on a clock in the zone.
    fn times(text: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let expression = Expression::parse(text).unwrap();
        let zone = TimeZone::get(zone).unwrap();
        let mut after: Timestamp = after.parse().unwrap();
        let mut times = Vec::new();
        for _ in 0..count {
            after = expression.next(after, &zone).unwrap();
            let time = after.to_zoned(zone.clone());
            times.push(time.strftime("%m-%d %a %H:%M%:z").to_string());
        }
        times
    }

    #[test]
    fn the_usual_expressions_come_when_they_should() {
        let after = "2026-11-25T10:00:00+08:00";
        let china = |text| times(text, "Asia/Shanghai", after, 3);
        assert_eq!(
            china("0 9 * * MON-FRI"),
            [
                "11-26 Thu 09:00+08:00",
                "11-27 Fri 09:00+08:00",
                "11-30 Mon 09:00+08:00"
            ]
        );
        assert_eq!(
            china("*/25 10,12 * * *"),
            [
                "11-25 Wed 10:25+08:00",
                "11-25 Wed 10:50+08:00",
                "11-25 Wed 12:00+08:00"
            ]
        );
        // Sunday has two numbers, and either of day and weekday is enough.
        assert_eq!(
            china("30 8 1 * 7"),
            [
                "11-29 Sun 08:30+08:00",
                "12-01 Tue 08:30+08:00",
                "12-06 Sun 08:30+08:00"
            ]
        );
        assert_eq!(
            china("0 0 29 feb ?"),
            [
                "02-29 Tue 00:00+08:00",
                "02-29 Sun 00:00+08:00",
                "02-29 Fri 00:00+08:00"
            ]
        );
        assert_eq!(
            china("@monthly")[0],
            "12-01 Tue 00:00+08:00",
            "a nickname is an expression"
        );
    }

    #[test]
    fn a_change_of_the_clock_neither_loses_nor_repeats_a_time() {
        let spring = "2026-03-28T12:00:00+01:00";
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", spring, 2),
            ["03-29 Sun 03:30+02:00", "03-30 Mon 02:30+02:00"],
            "half past two does not exist, and is an hour later"
        );
        let autumn = "2026-10-24T23:00:00+02:00";
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", autumn, 2),
            ["10-25 Sun 02:30+02:00", "10-26 Mon 02:30+01:00"],
            "half past two comes twice and counts once"
        );
        assert_eq!(
            times("0 * * * *", "Europe/Berlin", "2026-10-25T01:30:00+02:00", 3),
            [
                "10-25 Sun 02:00+02:00",
                "10-25 Sun 02:00+01:00",
                "10-25 Sun 03:00+01:00"
            ],
            "every hour is every hour"
        );
        assert_eq!(
            times("0 * * * *", "Europe/Berlin", "2026-03-29T01:30:00+01:00", 1),
            ["03-29 Sun 03:00+02:00"]
        );
    }

    #[test]
    fn what_cannot_be_names_the_nearest_that_can() {
        let fault = |text| Expression::parse(text).unwrap_err();
        assert_eq!(fault("0 9 * *"), Fault::Count(4));
        assert_eq!(fault(""), Fault::Count(0));
        let Fault::Outside { nearest, .. } = fault("75 9 * * 1") else {
            panic!("there is no minute 75")
        };
        assert_eq!(nearest, "59 9 * * 1");
        let never = fault("0 9 31 4,6 *");
        assert_eq!(
            never,
            Fault::Never {
                nearest: "0 9 30 4,6 *".to_owned()
            }
        );
        for text in [
            "每天 9 * * *",
            "0 9 * * 一",
            "*/0 * * * *",
            "0 17-9 * * *",
            "1,,2 * * * *",
            "-1 * * * *",
            "0 9 💥 * *",
        ] {
            assert!(
                matches!(fault(text), Fault::Unreadable { .. }),
                "{text}: {:?}",
                fault(text)
            );
        }
        assert!(Expression::parse("0 9 31 2 MON").is_ok(), "Mondays come");
    }
}
