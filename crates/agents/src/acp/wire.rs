//! JSON-RPC 2.0, one message a line. Pure.

use serde::Deserialize;
use serde_json::{Value, json};

/// Bytes of one line. Updates carry whole files as text; nobody writes more than this for a good reason.
const LONGEST_LINE: usize = 16 << 20;

/// What an agent writes.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// It wants an answer.
    Request {
        id: Value,
        method: String,
        params: Value,
    },
    /// It tells something.
    Notification { method: String, params: Value },
    /// It answers.
    Response {
        id: u64,
        result: Result<Value, Refusal>,
    },
    /// No message.
    Garbage,
}

/// A request that was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: i64,
    pub(super) message: String,
}

/// A line is longer than any message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Finds lines in bytes, however these are cut.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// How many of them hold no line break.
    searched: usize,
}

impl Lines {
    /// Where the next bytes are read to.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The next whole line, without its end.
    pub(super) fn next(&mut self) -> Result<Option<String>, TooLong> {
        let new = self.bytes.get(self.searched..).unwrap_or_default();
        let Some(end) = new.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.bytes.len();
            return if self.searched > LONGEST_LINE {
                Err(TooLong)
            } else {
                Ok(None)
            };
        };
        let rest = self.bytes.split_off(self.searched + end + 1);
        let line = std::mem::replace(&mut self.bytes, rest);
        self.searched = 0;
        Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    id: Value,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    result: Option<Value>,
    error: Option<RawError>,
}

#[derive(Deserialize)]
struct RawError {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: Value,
}

impl Incoming {
    pub(super) fn read(line: &str) -> Self {
        let Ok(raw) = serde_json::from_str::<Raw>(line) else {
            return Self::Garbage;
        };
        match (raw.method, raw.id) {
            (Some(method), Value::Null) => Self::Notification {
                method,
                params: raw.params,
            },
            (Some(method), id) => Self::Request {
                id,
                method,
                params: raw.params,
            },
            (None, id) => match (id.as_u64(), raw.error) {
                (None, _) => Self::Garbage,
                (Some(id), None) => Self::Response {
                    id,
                    result: Ok(raw.result.unwrap_or_default()),
                },
                (Some(id), Some(error)) => Self::Response {
                    id,
                    result: Err(error.into()),
                },
            },
        }
    }
}

impl From<RawError> for Refusal {
    fn from(error: RawError) -> Self {
        // Where the message only says "Internal error", the reason stands behind it.
        let details = ["details", "message"]
            .into_iter()
            .find_map(|key| error.data[key].as_str())
            .or(error.data.as_str());
        Self {
            code: error.code,
            message: match details {
                Some(details) => format!("{}: {details}", error.message),
                None => error.message,
            },
        }
    }
}

pub(super) fn request(id: u64, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

pub(super) fn notification(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
}

pub(super) fn answer(id: &Value, result: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
}

/// We do not do that.
pub(super) fn not_found(id: &Value, method: &str) -> String {
    let error = json!({ "code": -32601, "message": format!("{method} is not supported") });
    json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_however_they_are_cut() {
        let text = "{\"a\":\"你好🦀\"}\r\n\nrest\nopen";
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                lines.buffer().extend_from_slice(piece);
                while let Some(line) = lines.next().unwrap() {
                    found.push(line);
                }
            }
            assert_eq!(found, ["{\"a\":\"你好🦀\"}", "", "rest"], "{size}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines::default();
        let piece = vec![b'a'; 1 << 20];
        let taken = (0..100).take_while(|_| {
            lines.buffer().extend_from_slice(&piece);
            lines.next().is_ok()
        });
        assert_eq!(taken.count(), LONGEST_LINE / piece.len());
    }

    #[test]
    fn messages_are_told_apart() {
        let read = Incoming::read;
        assert!(matches!(
            read(r#"{"id":"x","method":"fs/read"}"#),
            Incoming::Request { .. }
        ));
        assert!(matches!(
            read(r#"{"method":"session/update"}"#),
            Incoming::Notification { .. }
        ));
        let Incoming::Response {
            id: 7,
            result: Err(refusal),
        } = read(
            r#"{"id":7,"error":{"code":-32000,"message":"Authentication required","data":{"details":"请登录"}}}"#,
        )
        else {
            panic!("it is a refusal");
        };
        assert_eq!(
            (refusal.code, refusal.message.as_str()),
            (-32_000, "Authentication required: 请登录")
        );
        for garbage in [
            "",
            "npm warn deprecated",
            "[]",
            "7",
            "{}",
            r#"{"id":"7","result":1}"#,
            r#"{"method":7}"#,
        ] {
            assert_eq!(read(garbage), Incoming::Garbage, "{garbage}");
        }
    }
}
