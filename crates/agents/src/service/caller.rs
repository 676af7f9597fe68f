//! How a service is reached: its address, its headers, and what must stay secret.

use std::time::Duration;

use chela_engine::ports::AgentError;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::prices::Prices;
use super::quoted;
use super::retry::Retry;
use super::settings::{KeyHeader, Settings, SetupError};

/// Bytes of the shortest value that is kept out of errors.
const SHORTEST_SECRET: usize = 8;

/// What all calls of one model share.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) client: reqwest::Client,
    pub(crate) endpoint: Url,
    pub(crate) headers: HeaderMap,
    /// What must not appear in an error, even if the server repeats it.
    secrets: Vec<SecretString>,
    /// What the model is called in logs.
    pub(crate) name: String,
    pub(crate) silence: Duration,
    pub(crate) retry: Retry,
    pub(crate) prices: Prices,
}

impl Caller {
    /// Checks the settings; nothing is sent.
    pub(crate) fn new(
        settings: &Settings,
        client: reqwest::Client,
        interface: &[&str],
    ) -> Result<Self, SetupError> {
        Ok(Self {
            client,
            endpoint: endpoint(&settings.base_url, interface)?,
            headers: headers(settings)?,
            secrets: secrets(settings),
            name: settings.name.clone(),
            silence: settings.silence_timeout,
            retry: settings.retry,
            prices: settings.prices,
        })
    }

    /// An error without secrets, and without what stands in these texts.
    pub(crate) fn redacted<'a>(
        &self,
        mut error: AgentError,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> AgentError {
        for secret in &self.secrets {
            error.detail = error.detail.replace(secret.expose_secret(), "<redacted>");
        }
        let texts: Vec<&str> = texts.into_iter().collect();
        error.detail = quoted::without(&error.detail, &texts);
        error
    }
}

/// The beginning of a client, to which proxies and certificates can be added: it keeps the time to connect and
/// follows no redirects. Without more, proxies come from the environment and root certificates from the system. The
/// process must have installed a rustls crypto provider before it is built.
pub fn client_builder(connect_timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(connect_timeout)
        // A redirect would turn the question into a GET, or carry it to somebody else.
        .redirect(redirect::Policy::none())
}

/// The address of an interface below a base address, which may be that of the chat completions itself.
fn endpoint(base_url: &str, interface: &[&str]) -> Result<Url, SetupError> {
    let mut url = Url::parse(base_url.trim()).map_err(|error| SetupError::BaseUrl(Some(error)))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SetupError::BaseUrl(None));
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let known = ["/chat/completions", "/messages"];
    let base = known.iter().find_map(|known| path.strip_suffix(known));
    let base = base.unwrap_or(path);
    // Whoever wrote the version down means no other one.
    let base = match interface.first() {
        Some(first) => base.strip_suffix(&format!("/{first}")).unwrap_or(base),
        None => base,
    };
    let base = base.to_owned();
    url.set_path(&base);
    let mut path = url
        .path_segments_mut()
        .map_err(|()| SetupError::BaseUrl(None))?;
    path.pop_if_empty().extend(interface);
    drop(path);
    Ok(url)
}

fn headers(settings: &Settings) -> Result<HeaderMap, SetupError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(key) = key(settings) {
        // A header could carry Chinese quotation marks; no server would find its key between them.
        if !key.is_ascii() {
            return Err(SetupError::ApiKey(None));
        }
        let (name, value) = match settings.key_header {
            KeyHeader::Bearer => (AUTHORIZATION, secret_value(&format!("Bearer {key}"))),
            KeyHeader::ApiKey => (HeaderName::from_static("x-api-key"), secret_value(key)),
        };
        let value = value.map_err(|error| SetupError::ApiKey(Some(error)))?;
        headers.insert(name, value);
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
fn secrets(settings: &Settings) -> Vec<SecretString> {
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
            let chat = endpoint(base, &["chat", "completions"]).unwrap();
            assert_eq!(chat.as_str(), expected, "{base}");
            let speech = endpoint(base, &["audio", "transcriptions"]).unwrap();
            let expected = expected.replace("chat/completions", "audio/transcriptions");
            assert_eq!(speech.as_str(), expected, "{base}");
        }
        for (base, expected) in [
            (
                "https://api.anthropic.com",
                "https://api.anthropic.com/v1/messages",
            ),
            (
                "https://api.anthropic.com/v1/",
                "https://api.anthropic.com/v1/messages",
            ),
            (
                "https://open.example.cn/api/anthropic",
                "https://open.example.cn/api/anthropic/v1/messages",
            ),
            (
                "https://x.example/anthropic/v1/messages",
                "https://x.example/anthropic/v1/messages",
            ),
        ] {
            assert_eq!(
                endpoint(base, &["v1", "messages"]).unwrap().as_str(),
                expected
            );
        }
        for base in [
            "",
            "api.example.com/v1",
            "ftp://api.example.com",
            "mailto:a@example.com",
        ] {
            assert!(
                matches!(
                    endpoint(base, &["chat", "completions"]),
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
