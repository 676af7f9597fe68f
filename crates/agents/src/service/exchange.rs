//! One request and its response, read piece by piece.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use chela_engine::ports::{AgentError, AgentErrorKind};
use http::header::CONTENT_TYPE;
use reqwest::Response;
use tokio::time::timeout;

use super::failure;
use super::reader::Reader;
use super::sse::{Decoder, LARGEST_EVENT};
use crate::model::Part;

/// Bytes that are read of a body which is no answer.
const ERROR_BODY: usize = 64 << 10;

/// A response that has begun. Dropping it closes the connection.
#[derive(Debug)]
pub(super) struct Exchange {
    body: Incoming,
    decoder: Decoder,
    reader: Box<dyn Reader>,
}

#[derive(Debug)]
struct Incoming {
    response: Response,
    silence: Duration,
}

/// Whether a response has more to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// Read again.
    Yes,
    /// The answer is complete.
    No,
}

impl Exchange {
    /// Sends the request and waits for the beginning of the response, each no longer than `silence` allows.
    pub(super) async fn begin(
        request: reqwest::RequestBuilder,
        silence: Duration,
        reader: Box<dyn Reader>,
    ) -> Result<Self, AgentError> {
        let sent = timeout(silence, request.send()).await;
        let response = sent
            .map_err(|_| failure::silence(silence))?
            .map_err(failure::from_transport)?;
        let mut body = Incoming { response, silence };
        let status = body.response.status();
        if !status.is_success() {
            // What can be read of the explanation is better than the reason why not all of it could.
            let said = body.up_to(ERROR_BODY).await;
            return Err(failure::from_status(status, body.response.headers(), &said));
        }
        if let Some(wrong) = body.wrong_content_type() {
            let said = body.up_to(ERROR_BODY).await;
            return Err(failure::wrong_content_type(&wrong, &said));
        }
        Ok(Self {
            body,
            decoder: Decoder::default(),
            reader,
        })
    }

    /// Waits for the next piece and appends what it means.
    pub(super) async fn read(&mut self, parts: &mut VecDeque<Part>) -> Result<More, AgentError> {
        if self.body.is_json() {
            return self.read_whole(parts).await;
        }
        let Some(piece) = self.body.next().await? else {
            self.reader.end(parts)?;
            return Ok(More::No);
        };
        let reader = &mut self.reader;
        let mut result = Ok(());
        let fits = self.decoder.push(&piece, |data| {
            if result.is_ok() {
                result = reader.take(data, parts);
            }
        });
        result?;
        fits.map_err(|_| too_large())?;
        if !self.reader.is_done() {
            return Ok(More::Yes);
        }
        self.reader.end(parts)?;
        Ok(More::No)
    }

    /// A server that does not stream answers with one JSON document, which reads like one large event.
    async fn read_whole(&mut self, parts: &mut VecDeque<Part>) -> Result<More, AgentError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.body.next().await? {
            whole.extend_from_slice(&piece);
            if whole.len() > LARGEST_EVENT {
                return Err(too_large());
            }
        }
        let whole = String::from_utf8_lossy(&whole);
        self.reader.take(&whole, parts)?;
        self.reader.end(parts)?;
        Ok(More::No)
    }
}

impl Incoming {
    async fn next(&mut self) -> Result<Option<Bytes>, AgentError> {
        timeout(self.silence, self.response.chunk())
            .await
            .map_err(|_| failure::silence(self.silence))?
            .map_err(failure::from_transport)
    }

    /// The beginning of the body, as far as it comes.
    async fn up_to(&mut self, limit: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(piece)) = self.next().await {
            body.extend(piece.iter().take(limit - body.len()));
            if body.len() == limit {
                break;
            }
        }
        body
    }

    fn is_json(&self) -> bool {
        self.media_type() == "application/json"
    }

    /// The content type of what is clearly no answer. A missing or odd one may still head events.
    fn wrong_content_type(&self) -> Option<String> {
        let media_type = self.media_type();
        matches!(
            media_type,
            "text/html" | "application/xhtml+xml" | "text/xml"
        )
        .then(|| media_type.to_owned())
    }

    fn media_type(&self) -> &str {
        let headers = self.response.headers();
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next());
        media_type.unwrap_or_default().trim()
    }
}

fn too_large() -> AgentError {
    failure::error(
        AgentErrorKind::Protocol,
        format!("the server sent an event of more than {LARGEST_EVENT} bytes"),
    )
}
