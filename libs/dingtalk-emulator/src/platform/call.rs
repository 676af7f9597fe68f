//! One HTTP request as the platform sees it, and the platform's answer in any of its styles.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::media::Media;
use crate::platform::failure::{ApiFailure, OapiFailure};
use crate::platform::oss::OssFailure;

/// A request, read completely.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    /// Path and query as they stand in the request.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The parts of a multipart form; empty for other bodies.
    pub(crate) form: Vec<FormPart>,
}

/// A part of a multipart form.
#[derive(Debug)]
pub(crate) struct FormPart {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the content type is JSON, with or without parameters.
    pub(crate) fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|kind| {
            kind.split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        })
    }

    /// The body, when it is a JSON object.
    pub(crate) fn object(&self) -> Option<Value> {
        serde_json::from_slice(&self.body)
            .ok()
            .filter(Value::is_object)
    }

    pub(crate) fn form_part(&self, name: &str) -> Option<&FormPart> {
        self.form.iter().find(|part| part.name == name)
    }

    /// A value from the query, or else from a field of the form; empty ones do not count.
    pub(crate) fn query_or_form(&self, name: &str) -> Option<String> {
        self.query
            .get(name)
            .cloned()
            .or_else(|| {
                let part = self.form_part(name)?;
                String::from_utf8(part.bytes.to_vec()).ok()
            })
            .filter(|value| !value.is_empty())
    }

    /// Answers of `connections/open` are XML unless the client asks for JSON (S2).
    pub(crate) fn accepts_json(&self) -> bool {
        self.header("accept")
            .is_some_and(|accept| accept.contains("application/json"))
    }
}

/// What the platform answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// HTTP 200 of either host.
    Json(Value),
    /// HTTP 200 of `connections/open` to a client that did not ask for JSON.
    Xml(String),
    /// HTTP 4xx and 5xx of api.* (H1).
    Api(ApiFailure),
    /// HTTP 200 and an error code, of oapi.* and session webhooks (H2).
    Oapi(OapiFailure),
    /// HTTP 200 with the bytes of something that was sent or uploaded.
    File {
        content_type: &'static str,
        bytes: Bytes,
    },
    /// HTTP 302 to this address.
    Redirect(String),
    /// HTTP 4xx of the object storage.
    Oss(OssFailure),
    /// What stands before the platform speaks instead of it: HTTP 200 and a page (protocol reference §4.10).
    BlockPage,
}

impl Answer {
    pub(crate) fn file(media: &Media) -> Self {
        Self::File {
            content_type: media.content_type(),
            bytes: media.bytes.clone(),
        }
    }

    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Api(failure) => failure.status,
            Self::Oss(failure) => failure.status,
            Self::Redirect(_) => 302,
            Self::Json(_) | Self::Xml(_) | Self::Oapi(_) | Self::BlockPage | Self::File { .. } => {
                200
            }
        }
    }

    /// The platform's code when the answer is a refusal.
    pub(crate) fn refusal(&self) -> Option<String> {
        match self {
            Self::Json(_) | Self::Xml(_) | Self::File { .. } | Self::Redirect(_) => None,
            Self::Oss(failure) => Some(failure.code.to_owned()),
            Self::Api(failure) => Some(failure.code.clone()),
            Self::Oapi(failure) => Some(failure.code.to_string()),
            Self::BlockPage => Some("1111".to_owned()),
        }
    }

    pub(crate) fn content_type(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Api(_) | Self::Oapi(_) => "application/json;charset=utf-8",
            Self::Xml(_) => "application/xml;charset=utf-8",
            Self::Oss(_) => "application/xml",
            Self::File { content_type, .. } => content_type,
            Self::BlockPage | Self::Redirect(_) => "text/html;charset=utf-8",
        }
    }

    pub(crate) fn body(&self, request_id: &str) -> Bytes {
        match self {
            Self::File { bytes, .. } => bytes.clone(),
            other => other.text(request_id).into(),
        }
    }

    fn text(&self, request_id: &str) -> String {
        match self {
            Self::File { .. } | Self::Redirect(_) => String::new(),
            Self::Oss(failure) => failure.body(request_id),
            Self::Json(value) => value.to_string(),
            Self::Xml(text) => text.clone(),
            Self::Api(failure) => failure.body(request_id).to_string(),
            Self::Oapi(failure) => json!({"errcode": failure.code, "errmsg": failure.message}).to_string(),
            Self::BlockPage => {
                r#"<!doctype html><html><body>{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"f2d0c6f0"}</body></html>"#
                    .to_owned()
            }
        }
    }
}

impl<T: Into<Answer>, E: Into<Answer>> From<Result<T, E>> for Answer {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(answer) => answer.into(),
            Err(failure) => failure.into(),
        }
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}
