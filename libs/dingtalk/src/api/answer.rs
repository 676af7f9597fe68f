//! Reads answers.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// Reads an answer that came with success. One that lacks what it should have leaves the outcome open.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error {
        kind: ErrorKind::Unknown,
        code: "unexpectedResponse".to_owned(),
        message: error.to_string(),
        request_id: None,
        status: Some(200),
    })
}
