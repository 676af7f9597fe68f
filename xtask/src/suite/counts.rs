//! Reads how many tests ran from the closing lines of the two runners.

use std::fmt;
use std::ops::AddAssign;

/// How many tests ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Ran and found nothing.
    pub(crate) passed: u32,
    /// Ran and found something, took too long, or could not be started.
    pub(crate) failed: u32,
    /// Did not run: filtered out or ignored.
    pub(crate) skipped: u32,
}

/// Who runs the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// The one in every test binary, as `cargo test` calls it.
    Libtest,
    /// cargo-nextest.
    Nextest,
}

impl Counts {
    /// Reads a closing line of a runner. `None` for every other line, also for the closing lines of the other runner:
    /// nextest shows what a failed test printed, and that has one of libtest in it.
    pub(crate) fn parse(runner: Runner, line: &str) -> Option<Self> {
        let line = without_colours(line);
        match runner {
            Runner::Libtest => libtest(line.trim()),
            Runner::Nextest => nextest(line.trim()),
        }
    }

    /// How many tests ran.
    pub(crate) fn executed(self) -> u32 {
        self.passed + self.failed
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    /// The plain form that continuous integration systems recognise: `3 passed, 0 failed, 1 skipped`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s`
fn libtest(line: &str) -> Option<Counts> {
    let (_, parts) = line.strip_prefix("test result:")?.split_once(". ")?;
    Some(sum(parts.split(';')))
}

/// `Summary [   0.012s] 5/6 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`
fn nextest(line: &str) -> Option<Counts> {
    let (_, rest) = line.strip_prefix("Summary [")?.split_once(']')?;
    let (_, parts) = rest.split_once(" run:")?;
    Some(sum(parts.split(',')))
}

fn sum<'a>(parts: impl Iterator<Item = &'a str>) -> Counts {
    let mut counts = Counts::default();
    for part in parts {
        let Some((number, kind)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else {
            continue;
        };
        if kind.starts_with("passed") {
            counts.passed += number;
        } else if ["failed", "timed out", "exec failed"]
            .iter()
            .any(|failure| kind.starts_with(failure))
        {
            counts.failed += number;
        } else if kind.starts_with("skipped") || kind.starts_with("ignored") {
            counts.skipped += number;
        }
    }
    counts
}

/// The line without its ANSI colour sequences (`ESC [ … m`).
fn without_colours(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or(piece, |(_, text)| text));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(runner: Runner, line: &str, passed: u32, failed: u32, skipped: u32) {
        assert_eq!(
            Counts::parse(runner, line),
            Some(Counts {
                passed,
                failed,
                skipped
            })
        );
    }

    #[test]
    fn closing_lines_of_cargo_test() {
        check(
            Runner::Libtest,
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s",
            3,
            0,
            1,
        );
        check(
            Runner::Libtest,
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s",
            3,
            2,
            0,
        );
        check(
            Runner::Libtest,
            "test result: \u{1b}[32mok\u{1b}[0m. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
            3,
            0,
            0,
        );
    }

    #[test]
    fn closing_lines_of_nextest() {
        check(
            Runner::Nextest,
            "     Summary [   0.012s] 5 tests run: 5 passed, 0 skipped",
            5,
            0,
            0,
        );
        check(
            Runner::Nextest,
            "     Summary [  61.012s] 1 test run: 1 passed (1 slow), 7 skipped",
            1,
            0,
            7,
        );
        check(
            Runner::Nextest,
            "     Summary [ 0.1s] 5/6 tests run: 2 passed, 1 failed, 1 exec failed, 1 timed out, 2 skipped",
            2,
            3,
            2,
        );
        check(
            Runner::Nextest,
            "\u{1b}[32;1m     Summary\u{1b}[0m [   0.012s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m \
             \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m \u{1b}[33;1mskipped\u{1b}[0m",
            2,
            0,
            0,
        );
    }

    #[test]
    fn other_lines_are_not_counted() {
        const LIBTEST: &str =
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        const NEXTEST: &str = "Summary [ 0.1s] 3 tests run: 3 passed, 0 skipped";
        for line in [
            "",
            "running 3 tests",
            "test result: odd",
            "Summary of the day: 3 passed",
            NEXTEST,
        ] {
            assert_eq!(Counts::parse(Runner::Libtest, line), None, "{line}");
        }
        for line in [
            "",
            "Starting 3 tests",
            "Summary of the day: 3 passed",
            "3 passed, 0 failed",
            LIBTEST,
        ] {
            assert_eq!(Counts::parse(Runner::Nextest, line), None, "{line}");
        }
    }

    #[test]
    fn the_closing_line_is_plain() {
        let mut counts = Counts {
            passed: 3,
            failed: 0,
            skipped: 1,
        };
        counts += Counts {
            passed: 4,
            failed: 1,
            skipped: 2,
        };
        assert_eq!(counts.to_string(), "7 passed, 1 failed, 3 skipped");
        assert_eq!(counts.executed(), 8);
    }
}
