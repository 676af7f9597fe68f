//! Reads answers.

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// Reads an answer that came with success. One that lacks what it should have leaves the outcome open.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error {
        kind: ErrorKind::Unknown,
        code: "unexpectedResponse".to_owned(),
        message: error.to_string(),
        request_id: None,
        status: Some(200),
    })
}

/// A text that an answer must have; identifiers come as numbers too.
pub(crate) fn text(value: &Value, name: &str) -> Result<String, Error> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Error {
            kind: ErrorKind::Unknown,
            code: "unexpectedResponse".to_owned(),
            message: format!("the answer has no `{name}`"),
            request_id: None,
            status: Some(200),
        }),
    }
}

/// `{"success":true}`, or `{"success":true,"result":true}`. A `success` that is `false` is an error already.
pub(crate) fn done(value: &Value) -> Result<(), Error> {
    let is_said = |name: &str| value[name] == true || value[name] == "true";
    if is_said("success") || is_said("result") {
        return Ok(());
    }
    Err(Error {
        kind: ErrorKind::Unknown,
        code: "unexpectedResponse".to_owned(),
        message: "the answer has no `success`".to_owned(),
        request_id: None,
        status: Some(200),
    })
}

/// [`text`] where it may be missing.
pub(crate) fn optional(value: &Value) -> Option<String> {
    text(value, "").ok()
}

/// A time in milliseconds since 1970. Storage has been seen to write `Fri Jul 29 14:55:25 CST 2022`, the time of China.
pub(crate) fn time(value: &Value) -> Option<i64> {
    if let Some(milliseconds) = value.as_i64() {
        return Some(milliseconds);
    }
    let text = value.as_str()?.trim();
    let timestamp = text.parse::<Timestamp>().or_else(|_| {
        let text = text.replace(" CST ", " +0800 ").replace(" GMT ", " +0000 ");
        BrokenDownTime::parse("%a %b %d %H:%M:%S %z %Y", &text)?.to_timestamp()
    });
    timestamp.ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_in_all_their_shapes() {
        for shape in [
            json!(1_659_077_725_000_i64),
            json!("Fri Jul 29 14:55:25 CST 2022"),
            json!("2022-07-29T06:55:25Z"),
            json!("2022-07-29T14:55:25+08:00"),
        ] {
            assert_eq!(time(&shape), Some(1_659_077_725_000), "{shape}");
        }
        for shape in [json!(null), json!(""), json!("昨天")] {
            assert_eq!(time(&shape), None, "{shape}");
        }
    }
}
