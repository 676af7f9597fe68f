//! Where requests to the platform enter: read completely, struck by faults, answered, recorded.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::fault::{Effect, Strike};
use crate::platform::{Answer, Call, Platform, RequestSketch};
use crate::server::line::LineControl;
use crate::shared::Shared;

/// Larger requests are cut off; the platform takes nothing near it from these APIs.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// Every path that is not ours: api.* and oapi.*.
pub(crate) async fn platform(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<LineControl>,
    request: Request,
) -> Response {
    let outage = shared.look(|platform| platform.faults.next_outage());
    tokio::select! {
        biased;
        () = outage.cancelled() => severed(&line),
        response = serve(&shared, &line, request) => response,
    }
}

async fn serve(shared: &Shared, line: &LineControl, request: Request) -> Response {
    let Some(call) = read(request).await else {
        return severed(line);
    };
    let sketch = RequestSketch::of(&call);
    let Some(effect) = pass_gate(shared, line, &sketch).await else {
        return severed(line);
    };
    let (answer, request_id) = shared.act(|platform| {
        let answer = effect
            .and_then(|effect| platform.answer_of_fault(effect, &call))
            .unwrap_or_else(|| platform.answer(&call));
        platform.record_request(sketch, answer.status(), answer.refusal(), effect);
        (answer, platform.chance.request_id())
    });
    match effect {
        Some(Effect::LoseResponse) => return severed(line),
        Some(Effect::LateAnswer { milliseconds }) => {
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
        }
        _ => {}
    }
    respond(&answer, &request_id)
}

/// Waits and stalls as the faults for this path demand; `None` when the request is to be cut off.
pub(crate) async fn pass_gate(
    shared: &Shared,
    line: &LineControl,
    sketch: &RequestSketch,
) -> Option<Option<Effect>> {
    let Strike { latency, effect } = shared.act(|platform| platform.strike(&sketch.path));
    if let Some(latency) = latency {
        tokio::time::sleep(latency).await;
    }
    match effect {
        Some(Effect::CutBefore) => {
            shared.act(|platform| platform.record_request(sketch.clone(), 0, None, effect));
            None
        }
        Some(Effect::Stall) => {
            shared.act(|platform| platform.record_request(sketch.clone(), 0, None, effect));
            line.ended().await;
            None
        }
        _ => Some(effect),
    }
}

/// Ends the line; the response is only there for the types and never gets out.
pub(crate) fn severed(line: &LineControl) -> Response {
    line.cut();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

pub(crate) fn respond(answer: &Answer, request_id: &str) -> Response {
    let mut response = Response::new(Body::from(answer.body(request_id)));
    *response.status_mut() =
        StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(answer.content_type()),
    );
    headers.insert(header::SERVER, HeaderValue::from_static("DingTalk/1.0.0"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-acs-request-id", id.clone());
        headers.insert("x-acs-trace-id", id);
    }
    response
}

async fn read(request: Request) -> Option<Call> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.ok()?;
    let query = axum::extract::Query::try_from_uri(&parts.uri)
        .map(|query| query.0)
        .unwrap_or_default();
    Some(Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query,
        headers: parts.headers,
        body,
    })
}

impl Platform {
    /// What strikes a request to this path; during an outage it is cut off.
    pub(crate) fn strike(&mut self, path: &str) -> Strike {
        if self.faults.is_outage(self.now_ms) {
            return Strike {
                latency: None,
                effect: Some(Effect::CutBefore),
            };
        }
        self.faults.strike(path)
    }
}
