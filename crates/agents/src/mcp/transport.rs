//! The way to a server.

use std::collections::HashMap;

use http::{HeaderName, HeaderValue};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{RoleClient, ServiceExt};
use secrecy::{ExposeSecret, SecretString};
use tokio::process::{ChildStdin, ChildStdout};
use url::Url;

use super::keeper::{Listener, Session};

/// Bytes of one message from a server; a longer one is thrown away while it arrives.
const LARGEST: usize = 8 * 1024 * 1024;

/// Talks over pipes.
pub(super) async fn pipes(
    listener: Listener,
    output: ChildStdout,
    input: ChildStdin,
) -> Result<Session, String> {
    let transport = AsyncRwTransport::<RoleClient, _, _>::new(output, input);
    let transport = transport.with_max_line_length(LARGEST);
    let session = listener.serve(transport).await;
    session.map_err(|error| short(&error.to_string()))
}

/// The client for a server. Redirects are not followed: they would carry the headers to somebody else.
pub(super) fn client(beginning: reqwest::ClientBuilder) -> Result<reqwest::Client, String> {
    let client = beginning.redirect(reqwest::redirect::Policy::none());
    client.build().map_err(|error| short(&error.to_string()))
}

/// Talks over HTTP.
pub(super) async fn http(
    listener: Listener,
    client: reqwest::Client,
    url: &Url,
    headers: &[(String, SecretString)],
) -> Result<Session, String> {
    let mut config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
    config.custom_headers = named(headers)?;
    config.max_sse_event_size = LARGEST;
    config.max_json_response_size = LARGEST;
    let transport = StreamableHttpClientTransport::with_client(client, config);
    let session = listener.serve(transport).await;
    session.map_err(|error| short(&without(&error.to_string(), headers)))
}

fn named(headers: &[(String, SecretString)]) -> Result<HashMap<HeaderName, HeaderValue>, String> {
    let header = |(name, value): &(String, SecretString)| {
        let wrong = || format!("header `{name}` cannot be sent");
        let parsed = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        Ok((parsed, value))
    };
    headers.iter().map(header).collect()
}

fn without(text: &str, headers: &[(String, SecretString)]) -> String {
    headers
        .iter()
        .map(|(_, value)| value.expose_secret())
        .filter(|value| value.len() >= 8)
        .fold(text.to_owned(), |text, value| {
            text.replace(value, "<redacted>")
        })
}

fn short(text: &str) -> String {
    text.chars().take(300).collect()
}
