//! What a robot says through the Open API: `msgKey` and `msgParam` (protocol reference §4.7).

use serde_json::json;

use crate::error::Error;

/// What a robot says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Plain text.
    Text {
        /// The text; not empty.
        text: String,
    },
    /// DingTalk's markdown (protocol reference §4.8).
    Markdown {
        /// What lists and notifications show; not empty.
        title: String,
        /// The text; not empty.
        text: String,
    },
}

/// Bytes that `msgParam` may have: documented for groups (protocol reference §4.9), and nobody knows of more elsewhere.
pub const LONGEST_PARAMETER: usize = 15_000;

impl Content {
    /// Whether the platform would refuse it as missing.
    pub(super) fn check_filled(&self) -> Result<(), Error> {
        let filled = match self {
            Self::Text { text } => !text.trim().is_empty(),
            Self::Markdown { title, text } => !title.trim().is_empty() && !text.trim().is_empty(),
        };
        if filled {
            Ok(())
        } else {
            Err(Error::invalid("empty", "text and title must not be empty"))
        }
    }

    /// `msgKey` and `msgParam`; the latter is a string that holds JSON.
    pub(super) fn parameters(&self) -> Result<(&'static str, String), Error> {
        self.check_filled()?;
        let (key, parameters) = match self {
            Self::Text { text } => ("sampleText", json!({"content": text})),
            Self::Markdown { title, text } => {
                ("sampleMarkdown", json!({"title": title, "text": text}))
            }
        };
        let parameters = parameters.to_string();
        if parameters.len() > LONGEST_PARAMETER {
            let message = format!(
                "msgParam has {} bytes, {LONGEST_PARAMETER} are allowed",
                parameters.len()
            );
            return Err(Error::invalid("invalidParameter.msgParam.tooLong", message));
        }
        Ok((key, parameters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_is_a_string_of_json() {
        let content = Content::Markdown {
            title: "标题".to_owned(),
            text: "一\n\"二\"".to_owned(),
        };
        let (key, parameters) = content.parameters().expect("it is valid");
        assert_eq!(key, "sampleMarkdown");
        assert_eq!(parameters, r#"{"title":"标题","text":"一\n\"二\""}"#);
    }

    #[test]
    fn what_the_platform_would_refuse_is_not_sent() {
        let code = |content: Content| content.parameters().expect_err("it is invalid").code;
        assert_eq!(
            code(Content::Text {
                text: " ".to_owned()
            }),
            "empty"
        );
        let long = Content::Text {
            text: "长".repeat(5_000),
        };
        assert_eq!(code(long), "invalidParameter.msgParam.tooLong");
    }
}
