//! When a job is due, and what becomes of the times that passed while nobody was there.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::expression::{Expression, Fault as ExpressionFault};
use super::moment::{Moment, moment, span};
use crate::time::Timestamp;

/// Nothing runs more often.
pub const SHORTEST: Duration = Duration::from_secs(60);

/// When a job is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum When {
    /// Once.
    At {
        /// Then.
        at: Timestamp,
    },
    /// Again and again.
    Every {
        /// Milliseconds between two times.
        every_ms: i64,
        /// From when on they are counted.
        anchor: Timestamp,
    },
    /// As an expression says.
    Cron {
        /// Five fields; see [`Expression`].
        expr: String,
    },
}

/// Why a schedule is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// None or several of `at`, `every` and `cron` are given.
    One,
    /// The point in time cannot be read.
    At(String),
    /// It has passed.
    Past {
        /// When it was.
        at: Timestamp,
        /// The same time of day, the next time that it comes.
        nearest: Timestamp,
    },
    /// The length of time cannot be read.
    Every(String),
    /// It is shorter than [`SHORTEST`].
    TooOften,
    /// The expression is wrong.
    Cron(ExpressionFault),
}

impl When {
    /// Reads a schedule; exactly one of the three must be given.
    pub fn read(
        at: Option<&str>,
        every: Option<&str>,
        cron: Option<&str>,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        match (at, every, cron) {
            (Some(text), None, None) => {
                let at = match moment(text, zone) {
                    None => return Err(Fault::At(text.to_owned())),
                    Some(Moment::In(span)) => now.after(span),
                    Some(Moment::At(at)) => Timestamp(at.as_millisecond()),
                };
                if at > now {
                    return Ok(Self::At { at });
                }
                let day = 24 * 60 * 60 * 1_000;
                let days = (now.0 - at.0) / day + 1;
                let nearest = Timestamp(at.0.saturating_add(days * day));
                Err(Fault::Past { at, nearest })
            }
            (None, Some(text), None) => {
                let every = span(text).ok_or_else(|| Fault::Every(text.to_owned()))?;
                if every < SHORTEST {
                    return Err(Fault::TooOften);
                }
                let every_ms =
                    i64::try_from(every.as_millis()).map_err(|_| Fault::Every(text.to_owned()))?;
                Ok(Self::Every {
                    every_ms,
                    anchor: now,
                })
            }
            (None, None, Some(text)) => {
                let expression = Expression::parse(text).map_err(Fault::Cron)?;
                let expr = expression.to_string();
                Ok(Self::Cron { expr })
            }
            _ => Err(Fault::One),
        }
    }

    /// The first time behind `after`.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::At { at } => Some(*at).filter(|at| *at > after),
            Self::Every { every_ms, anchor } => {
                let passed = after.0.saturating_sub(anchor.0).max(0);
                let count = passed / (*every_ms).max(1) + 1;
                Some(Timestamp(
                    anchor.0.saturating_add(count.saturating_mul(*every_ms)),
                ))
            }
            Self::Cron { expr } => {
                let expression = Expression::parse(expr).ok()?;
                let after = jiff::Timestamp::from_millisecond(after.0).ok()?;
                let next = expression.next(after, zone)?;
                Some(Timestamp(next.as_millisecond()))
            }
        }
    }
}

/// What has to be done about a job whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The time that it is about.
    pub at: Timestamp,
    /// Whether that is too long ago to be made up for.
    pub missed: bool,
    /// When it is due next.
    pub next: Option<Timestamp>,
}

/// Times that have passed since `due`, its first one, count as one: the last, if it is not longer ago than `patience`; else
/// they are missed.
pub fn due(
    when: &When,
    zone: &TimeZone,
    due: Timestamp,
    now: Timestamp,
    patience: Duration,
) -> Due {
    let next = when.next(now, zone);
    let earliest = now.before(patience);
    // What is older than the patience need not be counted one by one.
    let mut last = due.max(Timestamp(earliest.0.saturating_sub(1)));
    if last != due {
        last = match when.next(last, zone).filter(|next| *next <= now) {
            Some(next) => next,
            None => {
                return Due {
                    at: due,
                    missed: true,
                    next,
                };
            }
        };
    }
    while let Some(later) = when.next(last, zone).filter(|later| *later <= now) {
        last = later;
    }
    Due {
        at: last,
        missed: false,
        next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);
    const MINUTE: i64 = 60_000;
    const HOUR: Duration = Duration::from_secs(3_600);

    fn read(at: Option<&str>, every: Option<&str>, cron: Option<&str>) -> Result<When, Fault> {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        When::read(at, every, cron, &zone, NOW)
    }

    #[test]
    fn a_schedule_is_one_of_three_and_lies_ahead() {
        assert_eq!(
            read(Some("+20m"), None, None),
            Ok(When::At {
                at: Timestamp(NOW.0 + 20 * MINUTE)
            })
        );
        assert_eq!(read(None, None, None), Err(Fault::One));
        assert_eq!(read(Some("+1m"), Some("1h"), None), Err(Fault::One));
        assert_eq!(read(None, Some("30s"), None), Err(Fault::TooOften));
        assert_eq!(
            read(None, Some("每小时"), None),
            Err(Fault::Every("每小时".to_owned()))
        );
        assert_eq!(
            read(Some("明天"), None, None),
            Err(Fault::At("明天".to_owned()))
        );
        let Err(Fault::Past { at, nearest }) = read(Some("2020-01-01 09:00"), None, None) else {
            panic!("it has passed")
        };
        assert!(nearest > NOW && nearest.since(NOW) <= Duration::from_secs(86_400));
        assert_eq!((nearest.0 - at.0) % 86_400_000, 0);
    }

    #[test]
    fn what_was_missed_runs_once_or_is_told() {
        let zone = TimeZone::UTC;
        let every = When::Every {
            every_ms: 10 * MINUTE,
            anchor: NOW,
        };
        let first = Timestamp(NOW.0 + 10 * MINUTE);
        let at = |minutes: i64| Timestamp(NOW.0 + minutes * MINUTE);
        assert_eq!(
            due(&every, &zone, first, at(10), HOUR),
            Due {
                at: first,
                missed: false,
                next: Some(at(20))
            }
        );
        assert_eq!(
            due(&every, &zone, first, at(60 * 24 * 365 + 5), HOUR),
            Due {
                at: at(60 * 24 * 365),
                missed: false,
                next: Some(at(60 * 24 * 365 + 10))
            },
            "a year of silence is one run"
        );
        let once = When::At { at: first };
        assert_eq!(
            due(&once, &zone, first, at(69), HOUR),
            Due {
                at: first,
                missed: false,
                next: None
            }
        );
        assert_eq!(
            due(&once, &zone, first, at(71), HOUR),
            Due {
                at: first,
                missed: true,
                next: None
            }
        );
        let daily = When::Cron {
            expr: "0 9 * * *".to_owned(),
        };
        let nine = daily.next(NOW, &zone).unwrap();
        let noon = Timestamp(nine.0 + 180 * MINUTE);
        let missed = due(&daily, &zone, nine, noon, HOUR);
        assert!(missed.missed);
        assert_eq!(missed.next, Some(Timestamp(nine.0 + 86_400_000)));
    }
}
