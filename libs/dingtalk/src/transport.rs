//! The network, behind one seam: a simulation can stand in for it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{Sink, Stream};
use url::Url;

mod reqwest_transport;

pub use self::reqwest_transport::ReqwestTransport;

/// Carries requests and opens sockets.
pub trait Transport: Send + Sync + 'static {
    /// Carries one request. Dropping the future gives the request up; it may have been executed all the same.
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>>;

    /// Opens one WebSocket.
    fn open(&self, url: Url) -> BoxFuture<'static, Result<Socket, TransportError>>;

    /// Begins a `GET` of anything, at an address that somebody else has chosen. Sends the headers of the request and none
    /// of its own that say anything: the signature of an address covers them (protocol reference §5.2). Does not follow
    /// redirects. Must refuse what the address may resolve to and must not be reached, such as private networks.
    fn download(
        &self,
        request: DownloadRequest,
    ) -> BoxFuture<'static, Result<Download, TransportError>>;
}

/// What to download.
#[derive(Clone)]
pub struct DownloadRequest {
    /// The whole address. A secret.
    pub url: Url,
    /// Name and value. Secrets.
    pub headers: Vec<(String, String)>,
}

/// A download that has begun.
pub struct Download {
    /// The status.
    pub status: u16,
    /// `Content-Length`, in bytes.
    pub content_length: Option<u64>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Location`. A secret.
    pub location: Option<String>,
    /// The body, as it comes, however long it is.
    pub body: BoxStream<'static, Result<Bytes, TransportError>>,
}

impl fmt::Debug for Download {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Download");
        shown
            .field("status", &self.status)
            .field("content_length", &self.content_length)
            .field("content_type", &self.content_type);
        shown.finish_non_exhaustive()
    }
}

/// A request to carry.
#[derive(Clone)]
pub struct HttpRequest {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// The whole address. May hold a secret.
    pub url: Url,
    /// Name and value. May hold a secret.
    pub headers: Vec<(&'static str, String)>,
    /// The body, for methods that have one.
    pub body: Bytes,
    /// From the first byte sent to the last byte received.
    pub timeout: Duration,
}

/// A response that has arrived in full.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// `Retry-After` in seconds, if the server sent it.
    pub retry_after: Option<Duration>,
    /// The body; never more than [`LONGEST_BODY`].
    pub body: Bytes,
}

/// Bodies hold tokens and tickets.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "HttpResponse({}, {} bytes)",
            self.status,
            self.body.len()
        )
    }
}

/// A longer response is not one of DingTalk's.
pub const LONGEST_BODY: usize = 4 * 1024 * 1024;

/// What goes over a WebSocket.
#[derive(Clone, PartialEq, Eq)]
pub enum SocketMessage {
    /// A frame of DingTalk.
    Text(String),
    /// A question for life, answered by the transport itself.
    Ping,
    /// The answer to our question.
    Pong,
    /// Anything else that proves life.
    Other,
}

/// Frames hold what people write, and session webhooks.
impl fmt::Debug for SocketMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "Text({} bytes)", text.len()),
            Self::Ping => formatter.write_str("Ping"),
            Self::Pong => formatter.write_str("Pong"),
            Self::Other => formatter.write_str("Other"),
        }
    }
}

/// Both directions of a WebSocket.
pub trait SocketIo:
    Stream<Item = Result<SocketMessage, TransportError>>
    + Sink<SocketMessage, Error = TransportError>
    + Send
{
}

impl<T> SocketIo for T where
    T: Stream<Item = Result<SocketMessage, TransportError>>
        + Sink<SocketMessage, Error = TransportError>
        + Send
{
}

/// An open WebSocket.
pub type Socket = std::pin::Pin<Box<dyn SocketIo>>;

/// Why the network did not carry something. Never holds an address.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct TransportError {
    /// Whether the request may have reached the other side.
    pub stage: Stage,
    /// What happened, without secrets.
    pub detail: String,
    /// The HTTP status that refused a WebSocket.
    pub status: Option<u16>,
}

/// How far a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It surely did not reach the platform.
    NotSent,
    /// It may have been executed.
    Sent,
}
