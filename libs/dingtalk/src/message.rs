//! What people send to a robot: the `data` of topic `/v1.0/im/bot/messages/get` (protocol reference §3.2, §3.3).
//!
//! Read leniently: the platform adds fields, spells some in two ways and leaves others out. Only what nothing can be
//! done without is required.

use std::fmt;

use serde_json::Value;

use crate::id::{ConversationId, MessageId, RobotCode, UserId};
use crate::secret::SessionWebhook;

/// A message to a robot.
#[derive(Clone)]
pub struct Message {
    /// The key against doubles, together with the robot.
    pub msg_id: MessageId,
    /// The chat.
    pub conversation_id: ConversationId,
    /// `"1"` alone, `"2"` in a group.
    pub conversation_type: String,
    /// The name of a group.
    pub conversation_title: Option<String>,
    /// The kind of content, such as `text`; see [`Message::content`].
    pub msgtype: String,
    /// Who wrote it, encrypted (`$:LWCP_v1:$…`); never usable as a user id.
    pub sender_id: String,
    /// The name that the sender shows.
    pub sender_nick: String,
    /// Who wrote it; missing for people outside the organisation.
    pub sender_staff_id: Option<UserId>,
    /// The robot itself, encrypted.
    pub chatbot_user_id: String,
    /// The robot; nearly always there.
    pub robot_code: Option<RobotCode>,
    /// When it was written, in milliseconds since 1970.
    pub create_at: i64,
    /// The address to answer to.
    pub session_webhook: Option<SessionWebhook>,
    /// Until when it may be used, in milliseconds since 1970.
    pub session_webhook_expired_time: i64,
    /// Whether the robot was mentioned, in a group.
    pub is_in_at_list: bool,
    /// Everything as it came.
    data: Value,
}

/// Ids and kind only: the rest is what somebody wrote, or an address that answers for us.
impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Message");
        shown
            .field("msg_id", &self.msg_id)
            .field("conversation_id", &self.conversation_id);
        shown
            .field("msgtype", &self.msgtype)
            .finish_non_exhaustive()
    }
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
    /// Reads a message. A field that is missing, `null` or of another type than documented is empty; half of an emoji
    /// is replaced.
    ///
    /// # Errors
    /// When the data is no JSON object or lacks `msgId` or `conversationId`. The error never quotes the data.
    pub fn parse(data: &str) -> Result<Self, MalformedMessage> {
        let data: Value = serde_json::from_str(data)
            .or_else(|_| serde_json::from_str(&without_half_characters(data)))
            .map_err(|_| MalformedMessage::NotJson)?;
        let text = |name: &str| {
            data[name]
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let number = |name: &str| match &data[name] {
            Value::String(text) => text.parse().unwrap_or_default(),
            other => other.as_i64().unwrap_or_default(),
        };
        Ok(Self {
            msg_id: text("msgId")
                .map(MessageId::new)
                .ok_or(MalformedMessage::Missing("msgId"))?,
            conversation_id: text("conversationId")
                .map(ConversationId::new)
                .ok_or(MalformedMessage::Missing("conversationId"))?,
            conversation_type: data["conversationType"].as_i64().map_or_else(
                || text("conversationType").unwrap_or_default(),
                |number| number.to_string(),
            ),
            conversation_title: text("conversationTitle"),
            msgtype: text("msgtype").unwrap_or_default(),
            sender_id: text("senderId").unwrap_or_default(),
            sender_nick: text("senderNick").unwrap_or_default(),
            sender_staff_id: text("senderStaffId").map(UserId::new),
            chatbot_user_id: text("chatbotUserId").unwrap_or_default(),
            robot_code: text("robotCode").map(RobotCode::new),
            create_at: number("createAt"),
            session_webhook: text("sessionWebhook").map(SessionWebhook::new),
            session_webhook_expired_time: number("sessionWebhookExpiredTime"),
            is_in_at_list: data["isInAtList"].as_bool().unwrap_or_default(),
            data,
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
        // Both spellings stand in official pages, as numbers and as strings.
        let codes = [&self.data["errorCode"], &self.data["errCode"]];
        if codes
            .into_iter()
            .any(|code| *code == "20001" || *code == 20_001)
        {
            return Content::QuotaExhausted;
        }
        let content = unwrapped(self.data["content"].clone());
        match self.msgtype.as_str() {
            "text" => Content::Text(self.typed_text(&content)),
            "richText" => Content::RichText(rich_text(&content, &self.data["richText"])),
            kind => Content::Other {
                kind: kind.to_owned(),
                content,
            },
        }
    }

    /// Text stands in `text.content`; quoting clients have been seen to use `content.content` (§3.4).
    fn typed_text(&self, content: &Value) -> String {
        let text = unwrapped(self.data["text"].clone());
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
#[non_exhaustive]
pub enum MalformedMessage {
    /// It is no JSON.
    #[error("the data is no JSON")]
    NotJson,
    /// A field without which nothing can be done is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
}

/// JSON writes an emoji as two escapes. Where one of them was cut off, a mark stands in its place, so that the rest can be
/// read.
fn without_half_characters(data: &str) -> String {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let is_high = |unit: u16| (0xd800..0xdc00).contains(&unit);
    let is_low = |unit: u16| (0xdc00..0xe000).contains(&unit);
    let mut mended = String::with_capacity(data.len());
    let mut rest = data;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        // An escape has two characters, one with a code point six, a pair of them twelve.
        let length = match unit(escape) {
            Some(first) if is_high(first) && escape.get(6..).and_then(unit).is_some_and(is_low) => {
                12
            }
            Some(first) if is_high(first) || is_low(first) => {
                mended.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            Some(_) => 6,
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (whole, behind) = escape.split_at(length);
        mended.push_str(whole);
        rest = behind;
    }
    mended.push_str(rest);
    mended
}

/// The parts of rich text: `content.richText`, or `richText.richTextList` of old clients.
fn rich_text(content: &Value, legacy: &Value) -> Vec<RichTextPart> {
    let legacy = unwrapped(legacy.clone());
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
    fn odd_fields_do_not_cost_the_message() {
        let odd = message(json!({
            "senderNick": null, "createAt": "1790000000000", "senderStaffId": 7, "conversationType": 2, "isInAtList": "yes",
            "sessionWebhook": {}, "errorCode": "0", "errCode": 0, "msgtype": "text", "text": {"content": "在"},
        }));
        assert_eq!(odd.content(), Content::Text("在".to_owned()));
        assert_eq!(odd.create_at, 1_790_000_000_000);
        assert!(odd.is_group() && odd.sender_staff_id.is_none());
    }

    #[test]
    fn half_of_an_emoji_is_replaced() {
        let data = r#"{"msgId":"m","conversationId":"c","msgtype":"text","text":{"content":"a\\ud83d\ud83d b\uD83D\uDE00\udc00\n"}}"#;
        let found = Message::parse(data).expect("it is a message");
        assert_eq!(
            found.content(),
            Content::Text("a\\ud83d\u{fffd} b😀\u{fffd}\n".to_owned())
        );
        assert!(!format!("{found:?}").contains("😀"));
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
