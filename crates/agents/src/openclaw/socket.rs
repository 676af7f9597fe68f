//! Opens a WebSocket over reqwest, so that HTTP and WebSocket share proxies, certificates and names.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{StatusCode, header};
use reqwest::{Upgraded, Version};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

/// Bytes of the longest message: OpenClaw's `policy.maxPayload`, and something for what comes after.
const LONGEST: usize = 32 << 20;
/// How long the other side may take to accept what is written.
const WRITING: Duration = Duration::from_secs(30);

/// An open socket.
pub(super) struct Socket(WebSocketStream<Upgraded>);

/// Why there is no socket, or no longer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SocketError {
    /// The address answers HTTP and will not speak WebSocket.
    #[error("the WebSocket was refused with HTTP {0}")]
    Refused(StatusCode),
    /// Nobody answers.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// It was closed.
    #[error("the socket was closed ({code}): {reason}")]
    Closed {
        /// The code of RFC 6455; 1006 when there was none.
        code: u16,
        /// What was said.
        reason: String,
    },
    /// It broke.
    #[error("the socket broke: {0}")]
    Broken(String),
}

impl Socket {
    /// The handshake of RFC 6455 on a connection that reqwest has made.
    pub(super) async fn open(client: &reqwest::Client, url: Url) -> Result<Self, SocketError> {
        let key = generate_key();
        let unreachable = |error: reqwest::Error| {
            let error = error.without_url();
            let mut words = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                words = format!("{words}: {error}");
                cause = error.source();
            }
            SocketError::Unreachable(words)
        };
        let response = client
            .get(url)
            .version(Version::HTTP_11)
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key)
            .send()
            .await
            .map_err(unreachable)?;
        let accepted = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        let accepted = accepted.is_some_and(|accept| {
            accept.as_bytes() == derive_accept_key(key.as_bytes()).as_bytes()
        });
        if response.status() != StatusCode::SWITCHING_PROTOCOLS || !accepted {
            return Err(SocketError::Refused(response.status()));
        }
        let upgraded = response.upgrade().await.map_err(unreachable)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
        Ok(Self(socket))
    }

    /// Writes a message.
    pub(super) async fn send(&mut self, text: String) -> Result<(), SocketError> {
        self.write(Message::text(text)).await
    }

    /// The next text. Not lost when it is dropped half-way.
    pub(super) async fn next(&mut self) -> Result<String, SocketError> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
                Some(Ok(Message::Close(frame))) => {
                    let (code, reason) = frame.map_or((1005, String::new()), |frame| {
                        (frame.code.into(), frame.reason.as_str().to_owned())
                    });
                    return Err(SocketError::Closed { code, reason });
                }
                // The library has written the answer; it must get out, too.
                Some(Ok(Message::Ping(_))) => self.write(Message::Pong(Bytes::new())).await?,
                Some(Ok(Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Err(SocketError::Broken(error.to_string())),
                None => {
                    return Err(SocketError::Closed {
                        code: 1006,
                        reason: String::new(),
                    });
                }
            }
        }
    }

    /// Says goodbye, without waiting long for the answer.
    pub(super) async fn close(mut self) {
        let closing = tokio::time::timeout(Duration::from_secs(1), self.0.close(None)).await;
        if !matches!(closing, Ok(Ok(()))) {
            tracing::debug!("the socket to OpenClaw was not closed in good order");
        }
    }

    async fn write(&mut self, message: Message) -> Result<(), SocketError> {
        let written = tokio::time::timeout(WRITING, self.0.send(message)).await;
        written
            .map_err(|_| SocketError::Broken("nothing could be written".to_owned()))?
            .map_err(|error| SocketError::Broken(error.to_string()))
    }
}
