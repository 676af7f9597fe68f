//! The real network: reqwest for both HTTP and the WebSocket upgrade, so that proxies, TLS and extra certificate
//! authorities are one thing.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use reqwest::{Method, StatusCode, Upgraded, Version, header};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use url::Url;

use super::{
    Download, DownloadRequest, HttpRequest, HttpResponse, LONGEST_BODY, Socket, SocketMessage,
    Stage, Transport, TransportError,
};

/// Frames are at most 256 KiB (protocol reference §2.2); leave room for a platform that changes its mind.
const LONGEST_FRAME: usize = 4 * 1024 * 1024;

/// The network through a [`reqwest::Client`].
///
/// The client needs a TLS provider: with `rustls-no-provider` the program must install one (such as ring) before.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// For addresses that somebody else has chosen.
    downloads: Option<reqwest::Client>,
}

impl ReqwestTransport {
    /// Uses a client that the caller has set up: proxies, certificate authorities, connect timeout. It must not follow
    /// redirects with credentials to other hosts; reqwest's default does not.
    pub fn new(client: reqwest::Client) -> Self {
        Self {
            client,
            downloads: None,
        }
    }

    /// Downloads with another client; without it every download fails.
    ///
    /// The caller sets up its resolver ([`reqwest::ClientBuilder::dns_resolver`]), which must not resolve to what must
    /// not be reached, and no proxy, which would resolve names itself. A resolver is not asked about addresses that are
    /// numbers: [`crate::download::Policy`] is. Redirects and what reveals where we come from are switched off here.
    ///
    /// # Errors
    /// When reqwest cannot build the client.
    pub fn with_downloads(self, builder: reqwest::ClientBuilder) -> Result<Self, reqwest::Error> {
        let downloads = builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .build()?;
        Ok(Self {
            downloads: Some(downloads),
            ..self
        })
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        Box::pin(send(self.client.clone(), request))
    }

    fn open(&self, url: Url) -> BoxFuture<'static, Result<Socket, TransportError>> {
        Box::pin(open(self.client.clone(), url))
    }

    fn download(
        &self,
        request: DownloadRequest,
    ) -> BoxFuture<'static, Result<Download, TransportError>> {
        Box::pin(download(self.downloads.clone(), request))
    }
}

async fn download(
    client: Option<reqwest::Client>,
    request: DownloadRequest,
) -> Result<Download, TransportError> {
    let Some(client) = client else {
        let detail = "this transport was not set up for downloads";
        return Err(error(Stage::NotSent, detail.to_owned()));
    };
    let mut builder = client.get(request.url);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let response = builder.send().await.map_err(failed)?;
    let text = |name| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    Ok(Download {
        status: response.status().as_u16(),
        content_length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        content_type: text(header::CONTENT_TYPE),
        content_disposition: text(header::CONTENT_DISPOSITION),
        location: text(header::LOCATION),
        body: response
            .bytes_stream()
            .map(|chunk| chunk.map_err(failed))
            .boxed(),
    })
}

async fn send(
    client: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, TransportError> {
    let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::POST);
    let mut builder = client
        .request(method, request.url)
        .timeout(request.timeout)
        .body(request.body);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let response = builder.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let body = read(response).await?;
    Ok(HttpResponse {
        status,
        retry_after,
        body,
    })
}

async fn read(response: reqwest::Response) -> Result<Bytes, TransportError> {
    let mut body = BytesMut::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(failed)?;
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(error(
                Stage::Sent,
                "the response is longer than 4 MiB".to_owned(),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The handshake of RFC 6455, on a connection that reqwest has made.
async fn open(client: reqwest::Client, mut url: Url) -> Result<Socket, TransportError> {
    let scheme = if url.scheme() == "ws" {
        "http"
    } else {
        "https"
    };
    let plain = matches!(url.scheme(), "ws" | "wss") && url.set_scheme(scheme).is_ok();
    if !plain && !matches!(url.scheme(), "http" | "https") {
        return Err(error(
            Stage::NotSent,
            format!("`{}` is no WebSocket scheme", url.scheme()),
        ));
    }
    let key = generate_key();
    let response = client
        .get(url)
        .version(Version::HTTP_11)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key)
        .send()
        .await
        .map_err(failed)?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = response.status().as_u16();
        return Err(TransportError {
            stage: Stage::Sent,
            detail: format!("the WebSocket was refused with HTTP {status}"),
            status: Some(status),
        });
    }
    let accepted = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
    if accepted
        .is_none_or(|accept| accept.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes())
    {
        return Err(error(
            Stage::Sent,
            "the other side does not speak WebSocket".to_owned(),
        ));
    }
    let upgraded = response.upgrade().await.map_err(failed)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(LONGEST_FRAME))
        .max_frame_size(Some(LONGEST_FRAME));
    let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
    Ok(Box::pin(Adapter(socket)))
}

/// Tungstenite's messages as ours.
struct Adapter(WebSocketStream<Upgraded>);

impl Stream for Adapter {
    type Item = Result<SocketMessage, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0
            .poll_next_unpin(context)
            .map(|message| match message? {
                Ok(Message::Text(text)) => Some(Ok(SocketMessage::Text(text.as_str().to_owned()))),
                Ok(Message::Ping(_)) => Some(Ok(SocketMessage::Ping)),
                Ok(Message::Pong(_)) => Some(Ok(SocketMessage::Pong)),
                // Text with broken UTF-8 is an error of tungstenite and ends the socket; binary is reserved.
                Ok(Message::Binary(_) | Message::Frame(_)) => Some(Ok(SocketMessage::Other)),
                Ok(Message::Close(_)) | Err(WsError::ConnectionClosed) => None,
                Err(source) => Some(Err(socket_failed(source))),
            })
    }
}

impl Sink<SocketMessage> for Adapter {
    type Error = TransportError;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        self.0.poll_ready_unpin(context).map_err(socket_failed)
    }

    fn start_send(mut self: Pin<&mut Self>, message: SocketMessage) -> Result<(), TransportError> {
        let message = match message {
            SocketMessage::Text(text) => Message::text(text),
            SocketMessage::Ping => Message::Ping(Bytes::new()),
            SocketMessage::Pong => Message::Pong(Bytes::new()),
            SocketMessage::Other => return Ok(()),
        };
        self.0.start_send_unpin(message).map_err(socket_failed)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        self.0.poll_flush_unpin(context).map_err(socket_failed)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        self.0.poll_close_unpin(context).map_err(socket_failed)
    }
}

fn socket_failed(source: WsError) -> TransportError {
    error(Stage::Sent, format!("the socket failed: {source}"))
}

/// A request that never found a connection was surely not executed; about any other nobody knows.
fn failed(source: reqwest::Error) -> TransportError {
    let stage = if source.is_connect() || source.is_builder() {
        Stage::NotSent
    } else {
        Stage::Sent
    };
    // The address may hold a ticket or a session; the chain of causes holds what a person needs.
    let source = source.without_url();
    let mut detail = source.to_string();
    let mut cause = std::error::Error::source(&source);
    while let Some(error) = cause {
        detail.push_str(&format!(": {error}"));
        cause = error.source();
    }
    error(stage, detail)
}

fn error(stage: Stage, detail: String) -> TransportError {
    TransportError {
        stage,
        detail,
        status: None,
    }
}
