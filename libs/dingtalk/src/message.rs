//! What people send to a robot: the `data` of topic `/v1.0/im/bot/messages/get` (protocol reference §3.2, §3.3).
//!
//! Read leniently: the platform adds fields, spells some in two ways and leaves others out. Only what nothing can be
//! done without is required.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::id::{ConversationId, MessageId, RobotCode, UserId};
use crate::secret::SessionWebhook;

/// A message to a robot.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The key against doubles, together with the robot.
    #[serde(deserialize_with = "not_empty")]
    pub msg_id: MessageId,
    /// The chat.
    #[serde(deserialize_with = "not_empty")]
    pub conversation_id: ConversationId,
    /// `"1"` alone, `"2"` in a group.
    #[serde(default)]
    pub conversation_type: String,
    /// The name of a group.
    #[serde(default)]
    pub conversation_title: Option<String>,
    /// The kind of content, such as `text`; see [`Message::content`].
    #[serde(default)]
    pub msgtype: String,
    /// Who wrote it, encrypted (`$:LWCP_v1:$…`); never usable as a user id.
    #[serde(default)]
    pub sender_id: String,
    /// The name that the sender shows.
    #[serde(default)]
    pub sender_nick: String,
    /// Who wrote it; missing for people outside the organisation.
    #[serde(default, deserialize_with = "empty_is_none")]
    pub sender_staff_id: Option<UserId>,
    /// The robot itself, encrypted.
    #[serde(default)]
    pub chatbot_user_id: String,
    /// The robot; nearly always there.
    #[serde(default)]
    pub robot_code: Option<RobotCode>,
    /// When it was written, in milliseconds since 1970.
    #[serde(default)]
    pub create_at: i64,
    /// The address to answer to.
    #[serde(default, deserialize_with = "webhook")]
    pub session_webhook: Option<SessionWebhook>,
    /// Until when it may be used, in milliseconds since 1970.
    #[serde(default)]
    pub session_webhook_expired_time: i64,
    /// Whether the robot was mentioned, in a group.
    #[serde(default)]
    pub is_in_at_list: bool,
    /// `20001` when the organisation's calls are used up; then there is no content.
    #[serde(default, alias = "errCode")]
    error_code: Option<Value>,
    #[serde(default)]
    text: Option<Value>,
    #[serde(default)]
    content: Option<Value>,
    #[serde(default)]
    rich_text: Option<Value>,
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Plain text, as it was typed; in groups it begins with the space that the mention left.
    Text(String),
    /// Text and pictures in their order.
    RichText(Vec<RichTextPart>),
    /// The organisation's calls are used up; the message itself was not delivered.
    QuotaExhausted,
    /// Any other kind, as it came. An object wherever the platform sent one, also inside a string.
    Other {
        /// The platform's name of the kind.
        kind: String,
        /// The content.
        content: Value,
    },
}

/// A piece of rich text.
#[derive(Clone, Debug, PartialEq)]
pub enum RichTextPart {
    /// Text.
    Text(String),
    /// A mention of somebody, by name.
    Mention(String),
    /// Anything else, such as a picture.
    Other {
        /// The platform's name of the kind.
        kind: String,
        /// The piece.
        content: Value,
    },
}

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// When the data is no JSON object or lacks `msgId` or `conversationId`. The error never quotes the data.
    pub fn parse(data: &str) -> Result<Self, MalformedMessage> {
        serde_json::from_str(data).map_err(|error| MalformedMessage {
            // The category and place; serde's own text may quote what somebody wrote.
            line: error.line(),
            column: error.column(),
            is_json: !matches!(
                error.classify(),
                serde_json::error::Category::Syntax | serde_json::error::Category::Eof
            ),
        })
    }

    /// Whether it was written in a group.
    pub fn is_group(&self) -> bool {
        self.conversation_type == "2"
    }

    /// Whether the robot wrote it itself.
    pub fn is_own(&self) -> bool {
        !self.sender_id.is_empty() && self.sender_id == self.chatbot_user_id
    }

    /// What it holds.
    pub fn content(&self) -> Content {
        let code = self.error_code.as_ref().map(|code| code.to_string());
        if code.is_some_and(|code| code.trim_matches('"') == "20001") {
            return Content::QuotaExhausted;
        }
        let content = self.content.clone().map(unwrapped).unwrap_or_default();
        match self.msgtype.as_str() {
            "text" => Content::Text(self.typed_text(&content)),
            "richText" => Content::RichText(rich_text(&content, self.rich_text.as_ref())),
            kind => Content::Other {
                kind: kind.to_owned(),
                content,
            },
        }
    }

    /// Text stands in `text.content`; quoting clients have been seen to use `content.content` (§3.4).
    fn typed_text(&self, content: &Value) -> String {
        let text = self.text.clone().map(unwrapped).unwrap_or_default();
        [
            &text["content"],
            &text,
            &content["content"],
            &content["text"],
        ]
        .into_iter()
        .find_map(Value::as_str)
        .unwrap_or_default()
        .to_owned()
    }
}

/// Why data is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at line {line}, column {column}", if *is_json { "a required field is missing or of the wrong type" } else { "the data is no JSON" })]
pub struct MalformedMessage {
    line: usize,
    column: usize,
    is_json: bool,
}

/// The parts of rich text: `content.richText`, or `richText.richTextList` of old clients.
fn rich_text(content: &Value, legacy: Option<&Value>) -> Vec<RichTextPart> {
    let legacy = legacy.cloned().map(unwrapped).unwrap_or_default();
    let lists = [
        &content["richText"],
        &content["richTextList"],
        &legacy["richTextList"],
        &legacy,
    ];
    let parts = lists.into_iter().find_map(Value::as_array);
    parts.into_iter().flatten().map(rich_text_part).collect()
}

fn rich_text_part(part: &Value) -> RichTextPart {
    let text = |name: &str| part[name].as_str().map(str::to_owned);
    let kind = text("type").or_else(|| text("msgType")).unwrap_or_default();
    match kind.as_str() {
        "" | "text" => match text("text").or_else(|| text("content")) {
            Some(text) => RichTextPart::Text(text),
            None => RichTextPart::Other {
                kind: "unknown".to_owned(),
                content: part.clone(),
            },
        },
        "at" => RichTextPart::Mention(text("atName").unwrap_or_default()),
        _ => RichTextPart::Other {
            kind,
            content: part.clone(),
        },
    }
}

/// The platform sends objects also as strings that hold JSON (§3.2).
fn unwrapped(value: Value) -> Value {
    match &value {
        Value::String(text) => match serde_json::from_str(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => inner,
            _ => value,
        },
        _ => value,
    }
}

fn not_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + AsText>(
    deserializer: D,
) -> Result<T, D::Error> {
    let id = T::deserialize(deserializer)?;
    if id.as_text().is_empty() {
        Err(serde::de::Error::custom("an id is empty"))
    } else {
        Ok(id)
    }
}

trait AsText {
    fn as_text(&self) -> &str;
}

impl AsText for MessageId {
    fn as_text(&self) -> &str {
        self.as_str()
    }
}

impl AsText for ConversationId {
    fn as_text(&self) -> &str {
        self.as_str()
    }
}

fn empty_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UserId>, D::Error> {
    let id = Option::<String>::deserialize(deserializer)?;
    Ok(id.filter(|id| !id.is_empty()).map(UserId::new))
}

fn webhook<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SessionWebhook>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SessionWebhook::new))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(extra: Value) -> Message {
        let mut data =
            json!({"msgId": "msg1==", "conversationId": "cid/+=", "conversationType": "1"});
        for (key, value) in extra.as_object().expect("an object") {
            data[key] = value.clone();
        }
        Message::parse(&data.to_string()).expect("it is a message")
    }

    #[test]
    fn the_documented_sample() {
        let message = Message::parse(
            r#"{"conversationId":"cide****4g=","chatbotCorpId":"ding****6741","chatbotUserId":"$:LWCP_v1:$ihY/",
            "msgId":"msgY****Pw==","senderNick":"张三","isAdmin":true,"senderStaffId":"042***297",
            "sessionWebhookExpiredTime":1695289035996,"createAt":1695283635765,"senderCorpId":"ding****6741",
            "conversationType":"1","senderId":"$:LWCP_v1:$PA==",
            "sessionWebhook":"https://oapi.dingtalk.com/robot/sendBySession?session=79b48****4d4b",
            "robotCode":"ding****c6gk","msgtype":"text","text":{"content":"hello DingTalk!"}}"#,
        )
        .expect("the sample is a message");
        assert_eq!(
            message.content(),
            Content::Text("hello DingTalk!".to_owned())
        );
        assert!(!message.is_group() && !message.is_own());
        assert_eq!(message.sender_staff_id, Some(UserId::new("042***297")));
        assert!(!format!("{message:?}").contains("79b48"));
    }

    #[test]
    fn text_in_all_its_shapes() {
        for shape in [
            json!({"msgtype": "text", "text": {"content": " 你好"}}),
            json!({"msgtype": "text", "text": "{\"content\":\" 你好\"}"}),
            json!({"msgtype": "text", "content": {"content": " 你好"}}),
            json!({"msgtype": "text", "content": "{\"text\":\" 你好\"}"}),
        ] {
            assert_eq!(message(shape).content(), Content::Text(" 你好".to_owned()));
        }
        assert_eq!(
            message(json!({"msgtype": "text"})).content(),
            Content::Text(String::new())
        );
    }

    #[test]
    fn rich_text_in_all_its_shapes() {
        let parts = json!([{"text": "看"}, {"type": "at", "atName": "林小满"}, {"type": "picture", "downloadCode": "c"}]);
        for shape in [
            json!({"msgtype": "richText", "content": {"richText": parts}}),
            json!({"msgtype": "richText", "content": json!({"richText": parts}).to_string()}),
            json!({"msgtype": "richText", "richText": {"richTextList": parts}}),
        ] {
            let Content::RichText(found) = message(shape).content() else {
                panic!("it is rich text")
            };
            assert_eq!(
                found[..2],
                [
                    RichTextPart::Text("看".to_owned()),
                    RichTextPart::Mention("林小满".to_owned())
                ]
            );
            assert!(matches!(&found[2], RichTextPart::Other { kind, .. } if kind == "picture"));
        }
    }

    #[test]
    fn other_kinds_and_the_quota_push() {
        let Content::Other { kind, content } =
            message(json!({"msgtype": "audio", "content": "{\"recognition\":\"你好\"}"})).content()
        else {
            panic!("it is of another kind")
        };
        assert_eq!(
            (kind.as_str(), &content["recognition"]),
            ("audio", &json!("你好"))
        );
        for exhausted in [
            json!({"errorCode": "20001"}),
            json!({"errCode": 20001}),
            json!({"errorCode": "20001", "msgtype": "text"}),
        ] {
            assert_eq!(message(exhausted).content(), Content::QuotaExhausted);
        }
    }

    #[test]
    fn what_is_no_message_is_said_without_quoting_it() {
        for data in [
            "",
            "null",
            "[]",
            "{\"msgId\":\"私密\"}",
            "{\"msgId\":\"\",\"conversationId\":\"c\"}",
            "私密",
        ] {
            let error = Message::parse(data)
                .expect_err("it is no message")
                .to_string();
            assert!(!error.contains("私密"), "{error}");
        }
    }
}
