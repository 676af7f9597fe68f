//! Bodies that do not come as they should: slow, hanging, cut, endless, or with a `Content-Length` that lies.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{Stream, StreamExt as _, stream};

use crate::fault::Effect;
use crate::server::line::LineControl;

/// Pieces of a slow body.
const PIECES: usize = 10;
/// Zeros at a time.
const ZEROS: &[u8] = &[0; 16 * 1024];

/// A body, and the length that the answer claims for it.
pub(crate) struct Spoilt {
    body: Body,
    claimed: Option<u64>,
}

impl Spoilt {
    pub(crate) fn put_into(self, response: &mut Response) {
        *response.body_mut() = self.body;
        if let Some(claimed) = self.claimed {
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, HeaderValue::from(claimed));
        }
    }
}

/// What a fault makes of a body; `None` when it leaves bodies alone.
pub(crate) fn spoilt(effect: Effect, whole: Bytes, line: &LineControl) -> Option<Spoilt> {
    let length = u64::try_from(whole.len()).unwrap_or(u64::MAX);
    let half = whole.slice(..whole.len() / 2);
    Some(match effect {
        Effect::SlowBody { milliseconds } => Spoilt {
            body: streamed(slow(whole, Duration::from_millis(milliseconds))),
            claimed: Some(length),
        },
        Effect::HangingBody => Spoilt {
            body: streamed(one(half).chain(stream::pending())),
            claimed: Some(length),
        },
        Effect::CutBody => Spoilt {
            body: streamed(one(half).chain(end(line))),
            claimed: Some(length),
        },
        // A body that is long enough ends before the line does.
        Effect::ClaimLength { bytes } => Spoilt {
            body: streamed(one(whole).chain(end(line))),
            claimed: Some(bytes),
        },
        Effect::EndlessBody => Spoilt {
            body: streamed(one(whole).chain(stream::repeat_with(|| Bytes::from_static(ZEROS)))),
            claimed: None,
        },
        _ => return None,
    })
}

fn one(bytes: Bytes) -> impl Stream<Item = Bytes> + Send {
    stream::iter((!bytes.is_empty()).then_some(bytes))
}

/// Cuts the line in the place of more bytes.
fn end(line: &LineControl) -> impl Stream<Item = Bytes> + Send + use<> {
    let line = line.clone();
    stream::once(async move {
        // Else what came before would still stand in hyper's buffer.
        tokio::task::yield_now().await;
        line.cut();
        std::future::pending().await
    })
}

fn slow(whole: Bytes, pause: Duration) -> impl Stream<Item = Bytes> + Send {
    let size = whole.len().div_ceil(PIECES).max(1);
    stream::unfold(whole, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((piece, rest))
    })
}

fn streamed(pieces: impl Stream<Item = Bytes> + Send + 'static) -> Body {
    Body::from_stream(pieces.map(Ok::<_, Infallible>))
}
