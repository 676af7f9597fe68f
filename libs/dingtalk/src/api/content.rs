//! What a robot can send by the Open API: `msgKey` and `msgParam` (protocol reference §4.7).

use serde_json::{Map, Value, json};

use crate::error::Error;

/// `msgParam` may have this many bytes (protocol reference §4.9). Documented for groups, and kept for people, too,
/// where the platform publishes no number but has the error.
const PARAMETER_LIMIT: usize = 15_000;

/// A message of a robot by the Open API.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RobotContent {
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

impl RobotContent {
    /// The two fields in which the content is sent; `msgParam` is JSON inside a string.
    pub(super) fn write(
        &self,
        operation: &'static str,
        body: &mut Map<String, Value>,
    ) -> Result<(), Error> {
        let (key, parameters) = match self {
            Self::Text { content } => {
                require(operation, "text", content)?;
                ("sampleText", json!({ "content": content }))
            }
            Self::Markdown { title, text } => {
                require(operation, "title", title)?;
                require(operation, "text", text)?;
                ("sampleMarkdown", json!({ "title": title, "text": text }))
            }
        };
        let parameters = parameters.to_string();
        if parameters.len() > PARAMETER_LIMIT {
            let message = format!(
                "the message has {} bytes of at most {PARAMETER_LIMIT}",
                parameters.len()
            );
            return Err(Error::invalid(operation, message));
        }
        body.insert("msgKey".to_owned(), key.into());
        body.insert("msgParam".to_owned(), parameters.into());
        Ok(())
    }
}

/// Refuses an empty field before the platform does.
pub(super) fn require(operation: &'static str, name: &str, value: &str) -> Result<(), Error> {
    if value.trim().is_empty() {
        return Err(Error::invalid(operation, format!("{name} is empty")));
    }
    Ok(())
}

/// Never the content.
impl std::fmt::Debug for RobotContent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text { content } => write!(formatter, "Text({} bytes)", content.len()),
            Self::Markdown { text, .. } => write!(formatter, "Markdown({} bytes)", text.len()),
        }
    }
}
