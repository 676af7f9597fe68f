//! The session webhook: an answer into the conversation a message came from (protocol reference §4.2).

use http::Method;
use serde_json::{Map, Value, json};
use url::Url;

use super::content::require;
use super::mention::Mentions;
use super::request::{Authorization, Endpoint, Host, Request};
use crate::error::Error;
use crate::secret::SessionWebhook;
use crate::settings::{Credentials, Settings};

/// Answers by the webhook that came with a message, within its 90 minutes. Needs no token and returns no key.
///
/// After the 90 minutes the call fails with [`ErrorKind::NotFound`](crate::ErrorKind::NotFound), code `300001`; then use
/// [`SendToPeople`](super::SendToPeople) or [`SendToGroup`](super::SendToGroup).
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct SendToSession {
    /// The webhook.
    pub webhook: SessionWebhook,
    /// The message.
    pub content: SessionContent,
    /// Who is notified. Only useful in groups.
    pub mentions: Mentions,
}

/// A message by a session webhook.
///
/// The platform publishes no limit. Clients cut at 3,800 characters (protocol reference §4.9).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionContent {
    /// Plain text.
    Text {
        /// The text.
        content: String,
    },
    /// DingTalk's markdown dialect.
    Markdown {
        /// Shown in the list of conversations and in the notification. Must not be empty.
        title: String,
        /// The body.
        text: String,
    },
}

impl Request for SendToSession {
    type Response = ();

    const ENDPOINT: Endpoint = Endpoint {
        method: Method::POST,
        host: Host::Oapi,
        path: "/robot/sendBySession",
        authorization: Authorization::None,
    };

    fn url(&self, _settings: &Settings) -> Result<Url, Error> {
        // The parser's error is not attached, and neither is the address: the address is a secret.
        match Url::parse(self.webhook.expose()) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
            _ => Err(Error::invalid(
                Self::ENDPOINT.path,
                "the session webhook is not a web address",
            )),
        }
    }

    fn body(&self, _credentials: &Credentials) -> Result<Value, Error> {
        let operation = Self::ENDPOINT.path;
        let mut body = Map::new();
        match &self.content {
            SessionContent::Text { content } => {
                require(operation, "text", content)?;
                let content = self.mentions.write_into(content, " ");
                body.insert("msgtype".to_owned(), "text".into());
                body.insert("text".to_owned(), json!({ "content": content }));
            }
            SessionContent::Markdown { title, text } => {
                require(operation, "title", title)?;
                require(operation, "text", text)?;
                // A paragraph of its own: before a heading or a list it would spoil them.
                let text = self.mentions.write_into(text, "\n\n");
                body.insert("msgtype".to_owned(), "markdown".into());
                body.insert(
                    "markdown".to_owned(),
                    json!({ "title": title, "text": text }),
                );
            }
        }
        self.mentions.write(operation, &mut body)?;
        Ok(body.into())
    }

    fn read(&self, answer: Map<String, Value>) -> Result<(), Error> {
        // An `errcode` other than 0 has been dealt with. Without any, somebody else answered.
        if answer.contains_key("errcode") {
            return Ok(());
        }
        Err(Error::unreadable(
            Self::ENDPOINT.path,
            "the answer has no errcode",
        ))
    }
}

/// Never the content.
impl std::fmt::Debug for SessionContent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text { content } => write!(formatter, "Text({} bytes)", content.len()),
            Self::Markdown { text, .. } => write!(formatter, "Markdown({} bytes)", text.len()),
        }
    }
}
