//! What a robot says through the Open API: `msgKey` and `msgParam` (protocol reference §4.7).

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::Error;
use crate::id::MediaId;

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
    /// Markdown with one to five buttons below it, each with its title and where it leads.
    ActionCard {
        /// What lists and notifications show; not empty.
        title: String,
        /// The text; not empty.
        text: String,
        /// The buttons. `dtmd://dingtalkclient/sendMessage?content=…` lets the person say the content (seed-plugins §5).
        buttons: Vec<(String, String)>,
    },
    /// A picture. Not by session webhook, like all that follow.
    Image {
        /// An address that everybody can reach, or the id of an uploaded picture.
        photo_url: String,
    },
    /// A file.
    File {
        /// What was uploaded.
        media: MediaId,
        /// As people see it, with its ending.
        name: String,
        /// Its ending without the point. Documented are xlsx, pdf, zip, rar, doc and docx; most others work.
        file_type: String,
    },
    /// A voice message: ogg or amr.
    Audio {
        /// What was uploaded.
        media: MediaId,
        /// How long it is; told in milliseconds.
        duration: Duration,
    },
    /// A video.
    Video(Video),
}

/// A video: mp4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// What was uploaded.
    pub media: MediaId,
    /// The picture that is shown before it plays; the platform insists on one.
    pub cover: MediaId,
    /// How long it is; told in seconds, rounded up, at least one.
    pub duration: Duration,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
}

/// Bytes that `msgParam` may have: documented for groups (protocol reference §4.9), and nobody knows of more elsewhere.
pub const LONGEST_PARAMETER: usize = 15_000;

impl Content {
    /// Whether the platform would refuse it as missing.
    pub(super) fn check_filled(&self) -> Result<(), Error> {
        let fields: &[&str] = match self {
            Self::Text { text } => &[text],
            Self::Markdown { title, text } | Self::ActionCard { title, text, .. } => &[title, text],
            Self::Image { photo_url } => &[photo_url],
            Self::File {
                media,
                name,
                file_type,
            } => &[media.as_str(), name, file_type],
            Self::Audio { media, .. } => &[media.as_str()],
            Self::Video(video) => &[video.media.as_str(), video.cover.as_str()],
        };
        if fields.iter().all(|field| !field.trim().is_empty()) {
            Ok(())
        } else {
            let message = "texts, titles, names and ids must not be empty";
            Err(Error::invalid("empty", message))
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
            Self::ActionCard {
                title,
                text,
                buttons,
            } => action_card(title, text, buttons)?,
            Self::Image { photo_url } => ("sampleImageMsg", json!({"photoURL": photo_url})),
            Self::File {
                media,
                name,
                file_type,
            } => (
                "sampleFile",
                json!({"mediaId": media, "fileName": name, "fileType": file_type}),
            ),
            Self::Audio { media, duration } => (
                "sampleAudio",
                json!({"mediaId": media, "duration": duration.as_millis().to_string()}),
            ),
            Self::Video(video) => ("sampleVideo", video.parameters()),
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

/// Most buttons that a card has a template for.
const MOST_BUTTONS: usize = 5;

/// The templates of the Open API for one button and for several (protocol reference §4.7).
fn action_card(
    title: &str,
    text: &str,
    buttons: &[(String, String)],
) -> Result<(&'static str, Value), Error> {
    let mut parameters = json!({"title": title, "text": text});
    let key = match buttons {
        [(button, url)] => {
            parameters["singleTitle"] = json!(button);
            parameters["singleURL"] = json!(url);
            "sampleActionCard"
        }
        [_, _] => {
            for (number, (button, url)) in (1..).zip(buttons) {
                parameters[format!("buttonTitle{number}")] = json!(button);
                parameters[format!("buttonUrl{number}")] = json!(url);
            }
            "sampleActionCard6"
        }
        several if (3..=MOST_BUTTONS).contains(&several.len()) => {
            for (number, (button, url)) in (1..).zip(several) {
                parameters[format!("actionTitle{number}")] = json!(button);
                parameters[format!("actionURL{number}")] = json!(url);
            }
            match several.len() {
                3 => "sampleActionCard3",
                4 => "sampleActionCard4",
                _ => "sampleActionCard5",
            }
        }
        _ => {
            let message = format!("a card has one to {MOST_BUTTONS} buttons");
            return Err(Error::invalid("miss.param.actionCard", message));
        }
    };
    Ok((key, parameters))
}

impl Video {
    fn parameters(&self) -> Value {
        let seconds = self.duration.as_millis().div_ceil(1_000).max(1);
        let mut parameters = json!({
            "duration": seconds.to_string(), "videoMediaId": self.media, "videoType": "mp4", "picMediaId": self.cover,
        });
        if let Some((width, height)) = self.size {
            parameters["width"] = width.to_string().into();
            parameters["height"] = height.to_string().into();
        }
        parameters
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
    fn all_values_are_strings() {
        let media = || MediaId::new("@lADP");
        let video = Video {
            media: media(),
            cover: MediaId::new("@pic"),
            duration: Duration::from_millis(4_001),
            size: Some((358, 350)),
        };
        let cases = [
            (
                Content::Image {
                    photo_url: "@lADP".to_owned(),
                },
                ("sampleImageMsg", json!({"photoURL": "@lADP"})),
            ),
            (
                Content::ActionCard {
                    title: "题".to_owned(),
                    text: "文".to_owned(),
                    buttons: vec![("好".to_owned(), "dtmd://a".to_owned())],
                },
                (
                    "sampleActionCard",
                    json!({"title": "题", "text": "文", "singleTitle": "好", "singleURL": "dtmd://a"}),
                ),
            ),
            (
                Content::ActionCard {
                    title: "题".to_owned(),
                    text: "文".to_owned(),
                    buttons: ["一", "二"]
                        .map(|one| (one.to_owned(), format!("dtmd://{one}")))
                        .into(),
                },
                (
                    "sampleActionCard6",
                    json!({"title": "题", "text": "文", "buttonTitle1": "一", "buttonUrl1": "dtmd://一",
                        "buttonTitle2": "二", "buttonUrl2": "dtmd://二"}),
                ),
            ),
            (
                Content::File {
                    media: media(),
                    name: "总结.docx".to_owned(),
                    file_type: "docx".to_owned(),
                },
                (
                    "sampleFile",
                    json!({"mediaId": "@lADP", "fileName": "总结.docx", "fileType": "docx"}),
                ),
            ),
            (
                Content::Audio {
                    media: media(),
                    duration: Duration::from_secs(4),
                },
                (
                    "sampleAudio",
                    json!({"mediaId": "@lADP", "duration": "4000"}),
                ),
            ),
            (
                Content::Video(video),
                (
                    "sampleVideo",
                    json!({"duration": "5", "videoMediaId": "@lADP", "videoType": "mp4", "picMediaId": "@pic",
                        "width": "358", "height": "350"}),
                ),
            ),
        ];
        for (content, (key, parameters)) in cases {
            let found = content.parameters().expect("it is valid");
            assert_eq!(found, (key, parameters.to_string()));
        }
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
