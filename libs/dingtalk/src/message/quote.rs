//! What a message answers to (protocol reference §3.4). DingTalk has quotes and no threads.

use serde_json::Value;

use super::content::Content;
use super::envelope::Message;
use super::json;
use super::reader::{self, Fields};
use crate::id::{MessageId, ProcessQueryKey};

/// A message that another one quotes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quote {
    /// Which message.
    pub msg_id: Option<MessageId>,
    /// Who wrote it, encrypted (`$:LWCP_v1:$…`).
    pub sender_id: Option<String>,
    /// The name that the sender shows; only old clients tell it.
    pub sender_nick: Option<String>,
    /// Whether this robot wrote it. Its content is then mostly [`super::InteractiveCard::Bare`]: the robot must remember
    /// what it sent, by [`Self::process_query_key`] or by time.
    pub is_from_robot: bool,
    /// When it was written, in milliseconds since 1970. A file of a group that is [`Content::Withheld`] can be found in
    /// the group's space by it (protocol reference §5.4).
    pub created_at: Option<i64>,
    /// The key of a message that the robot has sent through the Open API, or the carrier of its card.
    pub process_query_key: Option<ProcessQueryKey>,
    /// What it holds; `None` when the platform told no more than which message it is.
    pub content: Option<Content>,
}

impl Message {
    /// What it quotes, if it quotes anything.
    pub fn quote(&self) -> Option<Quote> {
        let data = self.raw();
        let places = [json::object(&data["text"]), json::object(&data["content"])];
        let replied = places
            .iter()
            .map(|place| &place["repliedMsg"])
            .chain([&data["repliedMsg"], &data["quoteMessage"]])
            .map(json::object)
            .find(|quoted| quoted.is_object());
        let is_reply = places
            .iter()
            .map(|place| &place["isReplyMsg"])
            .chain([&data["isReplyMsg"]])
            .any(json::flag);
        let original = json::text(&data["originalMsgId"]);
        if replied.is_none() && !is_reply && original.is_none() {
            return None;
        }
        let mut quote = replied.map_or_else(Quote::default, |quoted| self.quoted(&quoted));
        quote.msg_id = quote.msg_id.or(original.map(MessageId::new));
        quote.process_query_key =
            json::text(&data["originalProcessQueryKey"]).map(ProcessQueryKey::new);
        Some(quote)
    }

    fn quoted(&self, quoted: &Value) -> Quote {
        let fields = Fields::of(quoted);
        let text = |name: &str| json::text(&quoted[name]);
        let kind = text("msgType").or_else(|| text("msgtype"));
        let sender_id = text("senderId");
        Quote {
            msg_id: text("msgId").map(MessageId::new),
            is_from_robot: sender_id
                .as_ref()
                .is_some_and(|sender| *sender == self.chatbot_user_id),
            sender_id,
            sender_nick: text("senderNick"),
            created_at: json::number(&quoted["createdAt"])
                .or_else(|| json::number(&quoted["createAt"])),
            process_query_key: None,
            content: match kind {
                Some(kind) => Some(reader::read(&kind, &fields, 0)),
                None => fields.typed().map(Content::Text),
            },
        }
    }
}
