//! What a request gets that cannot be carried out.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::error::Error;

/// A request that cannot be carried out: HTTP 400 and a sentence.
pub(crate) struct Refused(String);

impl Refused {
    pub(crate) fn bad(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}
