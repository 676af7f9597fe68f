//! `msgKey` and `msgParam` of the Open API sends (protocol reference §4.7, O7).

use serde_json::Value;

use crate::platform::call::ApiFailure;
use crate::platform::webhook::Content;

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

/// What the message of a request body shows, or why it is refused.
pub(crate) fn content(body: &Value, limit: usize) -> Result<Content, ApiFailure> {
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
        _ => Content::other(key, text("title"), &values),
    })
}

fn not_json() -> ApiFailure {
    ApiFailure::bad(
        "invalidParameter.msgParam.invalid",
        "msgParam不是合法的JSON字符串",
    )
}
