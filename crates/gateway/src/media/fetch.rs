//! Fetches files from addresses that an answer names.

use std::error::Error;
use std::time::Duration;

use chela_engine::ports::{ByteStream, CollectError, FetchError};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use reqwest::Response;
use reqwest::header::{HOST, LOCATION};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::guard::{Guard, Refused, Unbound};

const MOST_REDIRECTS: usize = 5;
/// From the first byte sent to the last byte received, redirects included.
const WHOLE: Duration = Duration::from_secs(60);

/// A file that is arriving.
pub(super) struct Arriving {
    pub(super) name: Option<String>,
    pub(super) bytes: ByteStream,
}

/// Begins to fetch a file; at most five redirects are followed, each checked like the first address.
pub(super) async fn fetch(
    client: &reqwest::Client,
    guard: &Guard,
    url: &str,
    limit: u64,
) -> Result<Arriving, CollectError> {
    let mut url = Url::parse(url).map_err(|_| CollectError::AddressNotAllowed)?;
    let ends_at = Instant::now() + WHOLE;
    for _ in 0..=MOST_REDIRECTS {
        let bound = timeout_at(ends_at, guard.bound(&url)).await;
        let bound = bound.map_err(|_| too_slow())?.map_err(not_bound)?;
        let mut request = client.get(bound.url);
        if let Some(host) = bound.host {
            request = request.header(HOST, host);
        }
        let sent = timeout_at(ends_at, request.send()).await;
        let response = sent.map_err(|_| too_slow())?.map_err(failed)?;
        let status = response.status();
        if status.is_redirection() {
            url = redirected(&url, &response)?;
            continue;
        }
        if !status.is_success() {
            return Err(unreachable(format!("HTTP {}", status.as_u16())));
        }
        if response
            .content_length()
            .is_some_and(|length| length > limit)
        {
            return Err(CollectError::TooLarge { limit });
        }
        let name = name(&url);
        return Ok(Arriving {
            name,
            bytes: bytes(response, ends_at),
        });
    }
    Err(unreachable("too many redirects".to_owned()))
}

fn redirected(url: &Url, response: &Response) -> Result<Url, CollectError> {
    let location = response.headers().get(LOCATION);
    // Servers write names in it as they are.
    let location = location.and_then(|location| std::str::from_utf8(location.as_bytes()).ok());
    location
        .and_then(|location| url.join(location).ok())
        .ok_or_else(|| unreachable("a redirect to nowhere".to_owned()))
}

/// What the end of an address calls the file.
fn name(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    let name = percent_decode_str(last).decode_utf8_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

fn bytes(response: Response, ends_at: Instant) -> ByteStream {
    let body = Box::pin(response.bytes_stream());
    futures_util::stream::unfold(body, move |mut body| async move {
        let piece = match timeout_at(ends_at, body.next()).await {
            Ok(Some(Ok(piece))) if Instant::now() < ends_at => Ok(piece),
            Ok(Some(Err(error))) => Err(FetchError::Unreachable {
                reason: error.without_url().to_string(),
            }),
            Ok(None) => return None,
            Ok(Some(Ok(_))) | Err(_) => Err(FetchError::Unreachable {
                reason: "too slow".to_owned(),
            }),
        };
        Some((piece, body))
    })
    .boxed()
}

fn failed(error: reqwest::Error) -> CollectError {
    let first: &dyn Error = &error;
    let mut causes = std::iter::successors(Some(first), |&error| error.source());
    if causes.any(|cause| cause.is::<Refused>()) {
        return CollectError::AddressNotAllowed;
    }
    // Neither the address nor what it resolves to: the sentence is read by people in the chat.
    unreachable(if error.is_connect() {
        "no connection".to_owned()
    } else {
        error.without_url().to_string()
    })
}

fn not_bound(reason: Unbound) -> CollectError {
    match reason {
        Unbound::Refused => CollectError::AddressNotAllowed,
        Unbound::NotLookedUp => {
            unreachable("its name cannot be looked up here (proxy.resolvesNames)".to_owned())
        }
    }
}

fn too_slow() -> CollectError {
    unreachable("too slow".to_owned())
}

fn unreachable(reason: String) -> CollectError {
    CollectError::Unreachable { reason }
}
