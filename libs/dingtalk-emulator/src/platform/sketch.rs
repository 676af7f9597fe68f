//! What is remembered of a request, taken before it is carried out.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};

use crate::fault::Effect;
use crate::platform::Platform;
use crate::platform::call::Call;
use crate::platform::route::Route;
use crate::record::{BODY_LIMIT, RecordedRequest};

/// Method, path and body of a request, without credentials.
#[derive(Clone, Debug)]
pub(crate) struct RequestSketch {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// At most as much of it as is remembered, so that an upload does not stay in memory.
    body: Option<Bytes>,
}

impl RequestSketch {
    pub(crate) fn of(call: &Call) -> Self {
        let body = (!Route::has_credentials(&call.path)).then(|| {
            let kept = call.body.len().min(BODY_LIMIT);
            if kept < call.body.len() {
                Bytes::copy_from_slice(&call.body[..kept])
            } else {
                call.body.clone()
            }
        });
        Self {
            method: call.method.clone(),
            path: call.path.clone(),
            body,
        }
    }

    pub(crate) fn without_body(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            body: None,
        }
    }

    /// The request again, as far as it is remembered.
    pub(crate) fn as_call(&self) -> Call {
        Call {
            method: self.method.clone(),
            path: self.path.clone(),
            query: std::collections::BTreeMap::new(),
            target: self.path.clone(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            form: Vec::new(),
        }
    }
}

impl Platform {
    pub(crate) fn record_request(
        &mut self,
        sketch: RequestSketch,
        status: u16,
        refusal: Option<String>,
        fault: Option<Effect>,
    ) {
        self.record.request(RecordedRequest {
            sequence: 0,
            at_ms: self.now_ms,
            method: sketch.method.to_string(),
            path: sketch.path,
            status,
            refusal,
            fault: fault.map(Effect::name),
            body: sketch.body,
        });
    }
}
