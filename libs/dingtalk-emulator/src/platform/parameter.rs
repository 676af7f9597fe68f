//! `msgKey` and `msgParam` of the Open API sends (protocol reference §4.7, O7).

use serde_json::Value;

use crate::platform::Platform;
use crate::platform::failure::ApiFailure;
use crate::platform::media_store::UploadKind;
use crate::platform::outbound::Content;
use crate::screen::{Attachment, AttachmentKind, Format};

/// Fields that each message template must be given, with the code of the refusal when one is missing.
const TEMPLATES: &[(&str, &[(&str, &str)])] = &[
    ("sampleText", &[("content", "miss.param.contentOfText")]),
    (
        "sampleMarkdown",
        &[
            ("title", "miss.param.markdownTotitle"),
            ("text", "miss.param.markdownTotext"),
        ],
    ),
    (
        "sampleImageMsg",
        &[("photoURL", "miss.param.photoTophotoUrl")],
    ),
    (
        "sampleLink",
        &[
            ("title", "miss.param.titleOfLink"),
            ("text", "miss.param.textOfLink"),
            ("messageUrl", "miss.param.messageUrlOfLink"),
        ],
    ),
    (
        "sampleActionCard",
        &[
            ("title", "miss.param.actionCard"),
            ("text", "miss.param.actionCard"),
            ("singleTitle", "miss.param.actionCard"),
            ("singleURL", "miss.param.actionCard"),
        ],
    ),
    ("sampleActionCard2", NUMBERED_BUTTONS),
    ("sampleActionCard3", NUMBERED_BUTTONS),
    ("sampleActionCard4", NUMBERED_BUTTONS),
    ("sampleActionCard5", NUMBERED_BUTTONS),
    (
        "sampleActionCard6",
        &[
            ("title", "miss.param.actionCard"),
            ("text", "miss.param.actionCard"),
            ("buttonTitle1", "miss.param.actionCard"),
            ("buttonUrl1", "miss.param.actionCard"),
        ],
    ),
    (
        "sampleAudio",
        &[
            ("mediaId", "miss.param.audio"),
            ("duration", "miss.param.audio"),
        ],
    ),
    (
        "sampleFile",
        &[
            ("mediaId", "miss.param.file"),
            ("fileName", "miss.param.file"),
            ("fileType", "miss.param.file"),
        ],
    ),
    (
        "sampleVideo",
        &[
            ("videoMediaId", "miss.param.video"),
            ("videoType", "miss.param.video"),
            ("duration", "miss.param.video"),
            ("picMediaId", "miss.param.video"),
        ],
    ),
];

const NUMBERED_BUTTONS: &[(&str, &str)] = &[
    ("title", "miss.param.actionCard"),
    ("text", "miss.param.actionCard"),
    ("actionTitle1", "miss.param.actionCard"),
    ("actionURL1", "miss.param.actionCard"),
];

impl Platform {
    /// What the message of a request body shows, or why it is refused.
    pub(crate) fn message_content(&self, body: &Value) -> Result<Content, ApiFailure> {
        let limit = self.settings.largest_message_parameter;
        let key = body["msgKey"]
            .as_str()
            .filter(|key| !key.is_empty())
            .ok_or_else(|| ApiFailure::bad("invalidParameter.msgKey.empty", "msgKey不能为空"))?;
        let (_, fields) = TEMPLATES
            .iter()
            .find(|(name, _)| *name == key)
            .ok_or_else(|| ApiFailure::bad("invalidParameter.msgKey.invalid", "msgKey不合法"))?;
        let parameter = body["msgParam"].as_str().ok_or_else(not_json)?;
        if parameter.len() > limit {
            return Err(ApiFailure::bad(
                "invalidParameter.msgParam.tooLong",
                format!("msgParam超过{limit}字节"),
            ));
        }
        let values: Value = serde_json::from_str(parameter)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(not_json)?;
        for (field, code) in *fields {
            if values[field].as_str().is_none_or(str::is_empty) {
                return Err(ApiFailure::bad(*code, format!("msgParam缺少参数{field}")));
            }
        }
        let text = |field: &str| values[field].as_str().unwrap_or_default();
        Ok(match key {
            "sampleText" => Content::plain(text("content")),
            "sampleMarkdown" => Content::markdown(text("title"), text("text")),
            "sampleImageMsg" => self.picture(text("photoURL"), &values)?,
            "sampleAudio" => {
                let length = number(text("duration"))?;
                let voice = self.media_of(text("mediaId"), &[UploadKind::Voice])?;
                Content::media(Format::Audio, &values, [lasting(voice, length)])
            }
            "sampleVideo" => {
                let length = number(text("duration"))?.saturating_mul(1000);
                if text("videoType") != "mp4" {
                    return Err(bad_body("videoType只支持mp4"));
                }
                let video = self.media_of(text("videoMediaId"), &[UploadKind::Video])?;
                let cover = self.media_of(text("picMediaId"), &[UploadKind::Image])?;
                let cover = Attachment {
                    kind: AttachmentKind::Cover,
                    ..cover
                };
                Content::media(Format::Video, &values, [lasting(video, length), cover])
            }
            "sampleFile" => {
                // Clients were seen to send any media as a file.
                let file = self.media_of(text("mediaId"), ANY_KIND)?;
                let file = Attachment {
                    kind: AttachmentKind::File,
                    file_name: text("fileName").to_owned(),
                    ..file
                };
                let mut content = Content::media(Format::File, &values, [file]);
                content.title = Some(text("fileName").to_owned());
                content
            }
            _ => Content::other(key, text("title"), &values),
        })
    }

    /// By media id, or by an address that only the receivers' devices look at.
    fn picture(&self, source: &str, values: &Value) -> Result<Content, ApiFailure> {
        if source.starts_with("http://") || source.starts_with("https://") {
            return Ok(Content::media(Format::Picture, values, []));
        }
        let picture = self.media_of(source, &[UploadKind::Image])?;
        Ok(Content::media(Format::Picture, values, [picture]))
    }

    /// Something that was uploaded under one of these types (O11; the code is a guess among the documented ones).
    pub(crate) fn media_of(
        &self,
        id: &str,
        kinds: &[UploadKind],
    ) -> Result<Attachment, ApiFailure> {
        let upload = self
            .media
            .uploaded(id)
            .filter(|upload| kinds.contains(&upload.kind))
            .ok_or_else(|| bad_body("mediaId不存在或类型不符"))?;
        let kind = match upload.kind {
            UploadKind::Image => AttachmentKind::Picture,
            UploadKind::Voice => AttachmentKind::Audio,
            UploadKind::Video => AttachmentKind::Video,
            UploadKind::File => AttachmentKind::File,
        };
        self.media
            .uploaded_attachment(id, kind)
            .ok_or_else(|| bad_body("mediaId不存在"))
    }
}

const ANY_KIND: &[UploadKind] = &[
    UploadKind::Image,
    UploadKind::Voice,
    UploadKind::Video,
    UploadKind::File,
];

fn lasting(attachment: Attachment, milliseconds: u64) -> Attachment {
    Attachment {
        duration_ms: Some(milliseconds),
        ..attachment
    }
}

fn number(text: &str) -> Result<u64, ApiFailure> {
    text.parse().map_err(|_| bad_body("duration不是数字"))
}

fn bad_body(message: &str) -> ApiFailure {
    ApiFailure::bad("invalidParameter.msgBody.invalid", message)
}

fn not_json() -> ApiFailure {
    ApiFailure::bad(
        "invalidParameter.msgParam.invalid",
        "msgParam不是合法的JSON字符串",
    )
}
