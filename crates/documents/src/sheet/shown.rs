//! How a workbook shows its numbers: as they are, as percentages, as dates.

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::value;

/// What a format makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    /// A percentage with so many decimals.
    Percent(usize),
    Date,
    Duration,
}

impl Shown {
    /// A format that every program knows by its number (ECMA-376, part 1, 18.8.30; 27 to 58 are those of East Asia).
    pub(super) fn built_in(id: u32) -> Self {
        match id {
            9 => Self::Percent(0),
            10 => Self::Percent(2),
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Self::Date,
            46 => Self::Duration,
            _ => Self::Number,
        }
    }

    /// A format that the workbook describes: `0.0%`, `yyyy"年"m"月"d"日"`, `[h]:mm`.
    pub(super) fn described(code: &str) -> Self {
        let mut letters = code.chars();
        let mut bare = String::new();
        let mut is_duration = false;
        while let Some(letter) = letters.next() {
            match letter {
                '"' => letters
                    .by_ref()
                    .take_while(|&letter| letter != '"')
                    .for_each(drop),
                '\\' | '_' | '*' => drop(letters.next()),
                '[' => {
                    let inner: String = letters
                        .by_ref()
                        .take_while(|&letter| letter != ']')
                        .collect();
                    is_duration |= matches!(
                        inner.to_lowercase().as_str(),
                        "h" | "hh" | "m" | "mm" | "s" | "ss"
                    );
                }
                // The second part is for negative numbers.
                ';' => break,
                letter => bare.push(letter.to_ascii_lowercase()),
            }
        }
        if bare.contains('%') {
            let decimals = bare.split_once('.').map(|(_, decimals)| decimals);
            let count = decimals.map(|decimals| {
                decimals
                    .chars()
                    .take_while(|digit| matches!(digit, '0' | '#' | '?'))
                    .count()
            });
            Self::Percent(count.unwrap_or_default())
        } else if is_duration {
            Self::Duration
        } else if !bare.contains("general") && bare.contains(['y', 'm', 'd', 'h', 's']) {
            Self::Date
        } else {
            Self::Number
        }
    }

    /// The number as it is shown.
    pub(super) fn text(self, number: f64, is_1904: bool) -> String {
        let time = |kind| value::time(&ExcelDateTime::new(number, kind, is_1904));
        match self {
            Self::Percent(decimals) => format!("{:.decimals$}%", number * 100.0),
            Self::Date if number >= 0.0 => time(ExcelDateTimeType::DateTime),
            Self::Duration => time(ExcelDateTimeType::TimeDelta),
            Self::Number | Self::Date => value::number(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_understood() {
        for (code, expected) in [
            ("0.0%", Shown::Percent(1)),
            ("0%", Shown::Percent(0)),
            ("#,##0.00", Shown::Number),
            ("yyyy\"年\"m\"月\"d\"日\"", Shown::Date),
            ("[$-804]aaaa;@", Shown::Number),
            ("[h]:mm:ss", Shown::Duration),
            ("h:mm AM/PM", Shown::Date),
            ("General", Shown::Number),
            ("0\"days\"", Shown::Number),
            ("[Red]0.00;yyyy", Shown::Number),
        ] {
            assert_eq!(Shown::described(code), expected, "{code}");
        }
    }

    #[test]
    fn numbers_are_shown() {
        assert_eq!(Shown::Percent(1).text(0.182, false), "18.2%");
        assert_eq!(Shown::Date.text(46_325.0, false), "2026-10-30");
        assert_eq!(Shown::Date.text(-1.0, false), "-1");
    }
}
