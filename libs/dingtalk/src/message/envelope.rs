//! What is common to all messages (protocol reference §3.2).

use std::fmt;

use serde_json::Value;

use super::content::Content;
use super::json;
use super::reader::{self, Fields};
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

/// Somebody who is mentioned in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtUser {
    /// Encrypted; equals [`Message::chatbot_user_id`] for the robot itself.
    pub dingtalk_id: String,
    /// Only for members of the organisation.
    pub staff_id: Option<UserId>,
}

/// A person in whose name the robot answers (topic `…/delegate`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosting {
    /// Who it is.
    pub user_id: UserId,
    /// The name that the person shows.
    pub nick: String,
}

impl Message {
    /// Reads a message. A field that is missing, `null` or of another type than documented is empty; half of an emoji
    /// is replaced.
    ///
    /// # Errors
    /// When the data is no JSON object or lacks `msgId` or `conversationId`. The error never quotes the data.
    pub fn parse(data: &str) -> Result<Self, MalformedMessage> {
        let data = json::parse(data).ok_or(MalformedMessage::NotJson)?;
        let text = |name: &str| json::text(&data[name]);
        let number = |name: &str| json::number(&data[name]).unwrap_or_default();
        Ok(Self {
            msg_id: text("msgId")
                .map(MessageId::new)
                .ok_or(MalformedMessage::Missing("msgId"))?,
            conversation_id: text("conversationId")
                .map(ConversationId::new)
                .ok_or(MalformedMessage::Missing("conversationId"))?,
            conversation_type: json::id(&data["conversationType"]).unwrap_or_default(),
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
            is_in_at_list: json::flag(&data["isInAtList"]),
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
            .any(|code| json::number(code) == Some(20_001))
        {
            return Content::QuotaExhausted;
        }
        reader::read(&self.msgtype, &Fields::of(&self.data), 0)
    }

    /// Who is mentioned, in a group; the robot included.
    pub fn at_users(&self) -> Vec<AtUser> {
        let list = json::list(&self.data["atUsers"]);
        let users = list.as_array().into_iter().flatten();
        users
            .map(|user| AtUser {
                dingtalk_id: json::text(&user["dingtalkId"]).unwrap_or_default(),
                staff_id: json::text(&user["staffId"]).map(UserId::new),
            })
            .collect()
    }

    /// In whose name the robot is to answer, if it is.
    pub fn hosting(&self) -> Option<Hosting> {
        let context = json::object(&self.data["hostingContext"]);
        Some(Hosting {
            user_id: UserId::new(json::text(&context["userId"])?),
            nick: json::text(&context["nick"]).unwrap_or_default(),
        })
    }

    /// Everything as it came. Holds what people wrote, codes, and an address that answers for us: not for logs.
    pub fn raw(&self) -> &Value {
        &self.data
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
