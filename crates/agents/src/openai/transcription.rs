//! Speech into text, by the same services: `POST …/audio/transcriptions`.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use chela_engine::ports::{AgentError, AgentErrorKind};
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use tokio::time::timeout;

use crate::service::{Caller, Settings, SetupError, client_builder, failure};

/// The longest answer that is read, in bytes: an hour of speech is a tenth of it.
const LONGEST: usize = 1 << 20;

/// A recording in a form that services take.
#[derive(Clone)]
pub struct Recording {
    bytes: Bytes,
    name: String,
    media_type: String,
}

/// Speech is nobody's business.
impl std::fmt::Debug for Recording {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (media_type, length) = (&self.media_type, self.bytes.len());
        write!(formatter, "Recording({media_type}, {length} bytes)")
    }
}

impl Recording {
    /// A recording of a media type; services go by the ending, such as `wav`.
    pub fn new(bytes: Bytes, ending: &str, media_type: &str) -> Self {
        Self {
            bytes,
            name: format!("speech.{ending}"),
            media_type: media_type.to_owned(),
        }
    }
}

/// Asks a model to write speech down. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Transcriber {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    caller: Caller,
    model: String,
    language: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    text: String,
}

impl Transcriber {
    /// A transcriber with an HTTP client as [`client_builder`] makes it. Of the settings those count that say how
    /// to reach the model, and `silence_timeout`, which is what the whole may take.
    ///
    /// # Errors
    /// When the settings cannot work, whatever the server does; nothing is sent yet.
    pub fn new(settings: Settings, language: Option<String>) -> Result<Self, SetupError> {
        let client = client_builder(settings.connect_timeout).build();
        Self::with_client(settings, language, client.map_err(SetupError::Client)?)
    }

    /// A transcriber that uses this client.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_client(
        settings: Settings,
        language: Option<String>,
        client: reqwest::Client,
    ) -> Result<Self, SetupError> {
        Ok(Self {
            inner: Arc::new(Inner {
                caller: Caller::new(&settings, client, &["audio", "transcriptions"])?,
                model: settings.model,
                language,
            }),
        })
    }

    /// Writes a recording down.
    ///
    /// # Errors
    /// When the service does not; what it said is kept, without the key.
    pub async fn transcribe(&self, recording: Recording) -> Result<String, AgentError> {
        let limit = self.inner.caller.silence;
        let result = timeout(limit, self.inner.ask(recording)).await;
        let result = result.unwrap_or_else(|_| Err(failure::silence(limit)));
        result.map_err(|error| self.inner.caller.redacted(error, []))
    }
}

impl Inner {
    async fn ask(&self, recording: Recording) -> Result<String, AgentError> {
        let form = Form::new(&recording.bytes);
        let content_type = form.content_type();
        let body = form.body(&self.model, self.language.as_deref(), &recording);
        let mut headers = self.caller.headers.clone();
        headers.insert(CONTENT_TYPE, content_type);
        let request = self.caller.client.post(self.caller.endpoint.clone());
        let sent = request.headers(headers).body(body).send().await;
        let mut response = sent.map_err(failure::from_transport)?;
        let mut said = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(failure::from_transport)? {
            said.extend_from_slice(&piece);
            if said.len() > LONGEST {
                let detail = format!("the server answered more than {LONGEST} bytes");
                return Err(failure::error(AgentErrorKind::Protocol, detail));
            }
        }
        let status = response.status();
        if !status.is_success() {
            return Err(failure::from_status(status, response.headers(), &said));
        }
        let answer: Result<Answer, _> = serde_json::from_slice(&said);
        let answer = answer.map_err(|_| {
            let detail = format!("the answer of {} bytes is no transcript", said.len());
            failure::error(AgentErrorKind::Protocol, detail)
        })?;
        Ok(answer.text.trim().to_owned())
    }
}

/// A form of RFC 7578 with one file.
struct Form {
    boundary: String,
}

impl Form {
    /// A form whose boundary does not stand in the file.
    fn new(file: &[u8]) -> Self {
        let mut number = 0u32;
        loop {
            let boundary = format!("chela-speech-boundary-{number}");
            let stands_there = file
                .windows(boundary.len())
                .any(|window| window == boundary.as_bytes());
            if !stands_there {
                return Self { boundary };
            }
            number += 1;
        }
    }

    fn content_type(&self) -> HeaderValue {
        let value = format!("multipart/form-data; boundary={}", self.boundary);
        HeaderValue::from_str(&value).expect("letters, digits and hyphens are a header")
    }

    fn body(&self, model: &str, language: Option<&str>, recording: &Recording) -> Bytes {
        let mut body = BytesMut::with_capacity(recording.bytes.len() + 1_024);
        let fields = [
            ("model", Some(model)),
            ("language", language),
            ("response_format", Some("json")),
        ];
        for (name, value) in fields {
            let Some(value) = value else {
                continue;
            };
            // A value could only end its line, and both come from the administrator.
            let value = value.replace(['\r', '\n'], " ");
            let boundary = &self.boundary;
            body.put_slice(
                format!(
                    "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .as_bytes(),
            );
        }
        let (boundary, name, media_type) = (&self.boundary, &recording.name, &recording.media_type);
        body.put_slice(
            format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 content-type: {media_type}\r\n\r\n"
            )
            .as_bytes(),
        );
        body.put_slice(&recording.bytes);
        body.put_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        body.freeze()
    }
}
