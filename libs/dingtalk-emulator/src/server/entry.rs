//! Where requests to the platform enter: read completely, struck by faults, answered, recorded.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::fault::{Effect, Strike};
use crate::platform::{Answer, Call, FormPart, Platform, RequestSketch};
use crate::server::body;
use crate::server::line::LineControl;
use crate::shared::Shared;

/// Larger requests are cut off; the platform takes nothing near it, uploads included.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

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
    let mut response = respond(&answer, &request_id);
    if let Some(body) =
        effect.and_then(|effect| body::spoilt(effect, answer.body(&request_id), line))
    {
        body.put_into(&mut response);
    }
    response
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
    match answer {
        // Whatever people and bots send must not become a page of this server.
        Answer::File { .. } => {
            headers.insert(
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment"),
            );
            headers.insert(
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            );
        }
        Answer::Redirect(location) => {
            if let Ok(location) = HeaderValue::from_str(location) {
                headers.insert(header::LOCATION, location);
            }
        }
        _ => {}
    }
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
    let form = form_of(&parts.headers, &body).await;
    let target = parts
        .uri
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string);
    let query = axum::extract::Query::try_from_uri(&parts.uri)
        .map(|query| query.0)
        .unwrap_or_default();
    Some(Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query,
        target,
        headers: parts.headers,
        body,
        form,
    })
}

/// The parts of a multipart form; none when the body is something else, or broken.
async fn form_of(headers: &HeaderMap, body: &Bytes) -> Vec<FormPart> {
    let boundary = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| multer::parse_boundary(kind).ok());
    let Some(boundary) = boundary else {
        return Vec::new();
    };
    let whole = body.clone();
    let stream = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(whole)]);
    let mut form = multer::Multipart::new(stream, boundary);
    let mut parts = Vec::new();
    while let Ok(Some(field)) = form.next_field().await {
        let (name, file_name) = (
            field.name().unwrap_or_default().to_owned(),
            field.file_name().map(str::to_owned),
        );
        let Ok(bytes) = field.bytes().await else {
            return Vec::new();
        };
        parts.push(FormPart {
            name,
            file_name,
            bytes,
        });
    }
    parts
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
