//! The agent: settings turned into a client, questions turned into runs.

use std::sync::Arc;

use bytes::Bytes;
use chela_engine::intake::briefing;
use chela_engine::ports::{Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::failure;
use super::pictures::Pictures;
use super::prompt::Body;
use super::run::{Caller, Run};
use super::settings::{Settings, SetupError};

/// Bytes of the shortest value that is kept out of errors.
const SHORTEST_SECRET: usize = 8;

/// An agent that asks one model.
///
/// Text, reasoning and usage are streamed. Failures before the first word are tried again as [`super::Retry`] says;
/// later ones end the stream. Dropping the stream, or cancelling the request, closes the connection.
///
/// Errors keep what the server said in their `detail`, at most 500 characters, without the key, the values of the
/// configured headers, and what people wrote.
#[derive(Debug)]
pub struct OpenAi {
    settings: Arc<Settings>,
    caller: Arc<Caller>,
}

impl OpenAi {
    /// An agent with an HTTP client of its own, as [`Self::client_builder`] makes it.
    ///
    /// # Errors
    ///
    /// When the settings cannot work, whatever the server does; nothing is sent yet.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let client = Self::client_builder(&settings).build();
        Self::with_client(settings, client.map_err(SetupError::Client)?)
    }

    /// The beginning of a client, to which proxies and certificates can be added: it keeps the time to connect and
    /// follows no redirects. Proxies come from the environment, root certificates from the system. The process must
    /// have installed a rustls crypto provider before it is built.
    pub fn client_builder(settings: &Settings) -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .connect_timeout(settings.connect_timeout)
            // A redirect would turn the question into a GET, or carry it to somebody else.
            .redirect(redirect::Policy::none())
    }

    /// An agent that uses this client, with its own proxies, certificates, redirects and time to connect.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn with_client(settings: Settings, client: reqwest::Client) -> Result<Self, SetupError> {
        let caller = Caller {
            client,
            endpoint: endpoint(&settings.base_url, ["chat", "completions"])?,
            headers: headers(&settings)?,
            model: settings.model.clone(),
            secrets: secrets(&settings),
            silence: settings.silence_timeout,
            retry: settings.retry,
        };
        Ok(Self {
            settings: Arc::new(settings),
            caller: Arc::new(caller),
        })
    }
}

impl Agent for OpenAi {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let (settings, caller) = (Arc::clone(&self.settings), Arc::clone(&self.caller));
        let beginning = async move {
            match body(&settings, &request).await {
                Ok(body) => {
                    // What no error of the server may repeat.
                    let history = request.history.iter().map(|entry| entry.text.clone());
                    let texts = [briefing(&request)].into_iter().chain(history).collect();
                    let run = Run::new(caller, body, request.message.id, texts);
                    events(run, request.cancel)
                }
                Err(error) => stream::iter([Err(error)]).boxed(),
            }
        };
        beginning.flatten_stream().boxed()
    }
}

async fn body(settings: &Settings, request: &AgentRequest) -> Result<Bytes, AgentError> {
    let pictures = if settings.sees {
        Pictures::read(request).await
    } else {
        Pictures::hidden(request)
    };
    let body = serde_json::to_vec(&Body::new(settings, request, &pictures));
    body.map(Bytes::from)
        .map_err(|error| failure::error(AgentErrorKind::InvalidRequest, error.to_string()))
}

fn events(
    run: Run,
    cancel: CancellationToken,
) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
    stream::unfold((run, cancel), |(mut run, cancel)| async move {
        let event = cancel.run_until_cancelled(run.next()).await??;
        Some((event, (run, cancel)))
    })
    .boxed()
}

/// The address of an interface below a base address, which may be that of the chat completions itself.
pub(super) fn endpoint(base_url: &str, interface: [&str; 2]) -> Result<Url, SetupError> {
    let mut url = Url::parse(base_url.trim()).map_err(|error| SetupError::BaseUrl(Some(error)))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SetupError::BaseUrl(None));
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let base = path.strip_suffix("/chat/completions").map(str::to_owned);
    if let Some(base) = base {
        url.set_path(&base);
    }
    let mut path = url
        .path_segments_mut()
        .map_err(|()| SetupError::BaseUrl(None))?;
    path.pop_if_empty().extend(interface);
    drop(path);
    Ok(url)
}

pub(super) fn headers(settings: &Settings) -> Result<HeaderMap, SetupError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(key) = key(settings) {
        // A header could carry Chinese quotation marks; no server would find its key between them.
        if !key.is_ascii() {
            return Err(SetupError::ApiKey(None));
        }
        let value = secret_value(&format!("Bearer {key}"))
            .map_err(|error| SetupError::ApiKey(Some(error)))?;
        headers.insert(AUTHORIZATION, value);
    }
    for (name, value) in &settings.headers {
        let name_of_header =
            HeaderName::from_bytes(name.as_bytes()).map_err(|source| SetupError::HeaderName {
                name: name.clone(),
                source,
            })?;
        let value =
            secret_value(value.expose_secret()).map_err(|source| SetupError::HeaderValue {
                name: name.clone(),
                source,
            })?;
        headers.insert(name_of_header, value);
    }
    Ok(headers)
}

fn secret_value(value: &str) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The key without the line break that a file ends with; none when nothing is left.
fn key(settings: &Settings) -> Option<&str> {
    let key = settings.api_key.as_ref()?.expose_secret().trim();
    (!key.is_empty()).then_some(key)
}

/// What is searched for in errors. A short value would be found everywhere, and is no secret.
pub(super) fn secrets(settings: &Settings) -> Vec<SecretString> {
    let headers = settings
        .headers
        .iter()
        .map(|(_, value)| value.expose_secret());
    key(settings)
        .into_iter()
        .chain(headers)
        .filter(|secret| secret.len() >= SHORTEST_SECRET)
        .map(SecretString::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_as_people_write_them() {
        for (base, expected) in [
            (
                "https://api.example.com/v1",
                "https://api.example.com/v1/chat/completions",
            ),
            (
                " https://api.example.com/v1/ ",
                "https://api.example.com/v1/chat/completions",
            ),
            (
                "https://api.example.com",
                "https://api.example.com/chat/completions",
            ),
            (
                "http://127.0.0.1:8000/a/v3?key=1",
                "http://127.0.0.1:8000/a/v3/chat/completions?key=1",
            ),
            (
                "https://api.example.com/v1/chat/completions",
                "https://api.example.com/v1/chat/completions",
            ),
            (
                "https://api.example.com/v1/chat/completions/",
                "https://api.example.com/v1/chat/completions",
            ),
        ] {
            let chat = endpoint(base, ["chat", "completions"]).unwrap();
            assert_eq!(chat.as_str(), expected, "{base}");
            let speech = endpoint(base, ["audio", "transcriptions"]).unwrap();
            let expected = expected.replace("chat/completions", "audio/transcriptions");
            assert_eq!(speech.as_str(), expected, "{base}");
        }
        for base in [
            "",
            "api.example.com/v1",
            "ftp://api.example.com",
            "mailto:a@example.com",
        ] {
            assert!(
                matches!(
                    endpoint(base, ["chat", "completions"]),
                    Err(SetupError::BaseUrl(_))
                ),
                "{base}"
            );
        }
    }

    #[test]
    fn secrets_stay_secret_when_settings_are_wrong() {
        let mut settings = Settings::new("http://localhost/v1", "m");
        for key in ["“sk-secret”", "sk-secret\nsk-secret"] {
            settings.api_key = Some(key.into());
            let error = headers(&settings).unwrap_err();
            assert!(matches!(error, SetupError::ApiKey(_)));
            assert!(!format!("{error:?} {error} {settings:?}").contains("sk-secret"));
        }
        settings.api_key = Some(" sk-secret\n".into());
        assert_eq!(
            headers(&settings).unwrap()[AUTHORIZATION],
            "Bearer sk-secret"
        );
        settings.api_key = Some("\n".into());
        assert!(!headers(&settings).unwrap().contains_key(AUTHORIZATION));
        settings.headers = vec![("X-Tenant".to_owned(), "tenant\0-secret".into())];
        let error = headers(&settings).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the value of header `X-Tenant` has characters that cannot be sent"
        );
        assert!(!format!("{error:?} {settings:?}").contains("-secret"));
        settings.headers = vec![("X Tenant".to_owned(), "1".into())];
        assert!(matches!(
            headers(&settings),
            Err(SetupError::HeaderName { .. })
        ));
    }
}
