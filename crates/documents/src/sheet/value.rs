//! A value as a person sees it in the cell.

use calamine::{CellErrorType, Data, ExcelDateTime};

/// The text of a cell.
pub(super) fn text(value: &Data) -> String {
    match value {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => self::number(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => boolean(*value).to_owned(),
        Data::DateTime(time) => self::time(time),
        Data::Error(error) => self::error(error).to_owned(),
        Data::Empty => String::new(),
    }
}

pub(super) fn boolean(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

/// Excel shows at most 15 digits, which hides that 0.1 + 0.2 is not 0.3.
pub(super) fn number(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.abs().to_string();
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if (1e-9..1e21).contains(&rounded.abs()) {
        rounded.to_string()
    } else {
        format!("{rounded:e}")
    }
}

/// A date, a time of day, both, or a duration.
pub(super) fn time(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        let seconds = (time.as_f64() * 86_400.0).round();
        let sign = if seconds < 0.0 { "-" } else { "" };
        let seconds = seconds.abs();
        let (hours, seconds) = ((seconds / 3_600.0).floor(), seconds % 3_600.0);
        let (minutes, seconds) = ((seconds / 60.0).floor(), seconds % 60.0);
        return format!("{sign}{hours}:{minutes:02}:{seconds:02}");
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let clock = if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    };
    let value = time.as_f64();
    if value < 1.0 {
        clock
    } else if value.fract() == 0.0 {
        date
    } else {
        format!("{date} {clock}")
    }
}

fn error(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn numbers_look_as_in_excel() {
        for (value, expected) in [
            (1820.4, "1820.4"),
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e300, "1e300"),
            (110_101_199_003_074_510.0, "110101199003075000"),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn times_look_as_in_excel() {
        let check = |value, kind, expected: &str| {
            assert_eq!(time(&ExcelDateTime::new(value, kind, false)), expected);
        };
        check(46_325.0, ExcelDateTimeType::DateTime, "2026-10-30");
        check(46_325.5, ExcelDateTimeType::DateTime, "2026-10-30 12:00");
        check(0.25, ExcelDateTimeType::DateTime, "06:00");
        check(1.5, ExcelDateTimeType::TimeDelta, "36:00:00");
    }
}
