//! Messages of DingTalk as the engine's. Stored first, acknowledged then.

use chela_engine::Handle;
use chela_engine::id::{AccountId, ChannelId, ConversationId, MessageId, PersonId};
use chela_engine::message::{Conversation, ConversationKind, InboundMessage, Part, Sender};
use chela_engine::time::Timestamp;
use dingtalk::message::{InteractiveCard, RichTextPart};
use dingtalk::stream::{Ack, Handler, Push, Topic};
use dingtalk::{Content, Message};
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};

use super::CHANNEL;
use super::route::Route;

/// Takes what one bot is sent.
pub struct Inbound {
    account: AccountId,
    engine: Handle,
}

impl Inbound {
    /// Takes what `account` is sent, and hands it to the engine.
    pub fn new(account: AccountId, engine: Handle) -> Self {
        Self { account, engine }
    }

    fn message(&self, push: &Push) -> BoxFuture<'static, Ack> {
        let message = match Message::parse(&push.data) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(account = %self.account, push = %push.id, %error, "malformed message refused");
                return future::ready(Ack::Malformed).boxed();
            }
        };
        // A bot that answers itself never stops.
        if message.is_own() {
            return future::ready(Ack::Taken).boxed();
        }
        if message.content() == Content::QuotaExhausted {
            // There is nothing to answer, and every attempt would be refused too.
            tracing::error!(account = %self.account, "the organisation's monthly calls are used up; a message was withheld");
            return future::ready(Ack::Taken).boxed();
        }
        let account = self.account.clone();
        let accepted = self.engine.accept(translate(self.account.clone(), message));
        accepted
            .map(move |accepted| match accepted {
                Ok(_) => Ack::Taken,
                Err(error) => {
                    // Unacknowledged, it is pushed again; acknowledged, it would be lost.
                    tracing::error!(%account, kind = ?error.kind, error = error.source, "message not stored and not acknowledged");
                    Ack::Later
                }
            })
            .boxed()
    }
}

impl Handler for Inbound {
    fn push(&self, push: Push) -> BoxFuture<'static, Ack> {
        match push.topic {
            Topic::RobotMessage => self.message(&push),
            // Nothing that we send has buttons yet, and no event changes what we do.
            Topic::CardCallback | Topic::Event(_) => future::ready(Ack::Taken).boxed(),
        }
    }
}

fn translate(account: AccountId, message: Message) -> InboundMessage {
    let route = Route::of(&message);
    let kind = if message.is_group() {
        ConversationKind::Group
    } else {
        ConversationKind::Direct
    };
    InboundMessage {
        channel: ChannelId::new(CHANNEL),
        account,
        id: MessageId::new(message.msg_id.as_str()),
        conversation: Conversation {
            id: ConversationId::new(message.conversation_id.as_str()),
            kind,
            title: message.conversation_title.clone(),
        },
        sender: Sender {
            // People outside the organisation have only the encrypted id: good to tell them apart, not to write to.
            id: PersonId::new(
                message
                    .sender_staff_id
                    .as_ref()
                    .map_or(message.sender_id.as_str(), |id| id.as_str()),
            ),
            name: message.sender_nick.clone(),
        },
        parts: parts(message.content()),
        quote: None,
        sent_at: Timestamp(message.create_at),
        reply_route: route.pack(),
    }
}

fn parts(content: Content) -> Vec<Part> {
    let kind = match content {
        Content::Text(text) => return vec![text_part(&text)],
        Content::RichText(parts) => return merge(parts.into_iter().map(rich_part)),
        Content::InteractiveCard(InteractiveCard::Text(text)) => return vec![text_part(&text)],
        Content::QuotaExhausted => {
            let text = "[钉钉本月调用量已用尽，这条消息的内容没有送达]";
            return vec![placeholder("quota", text)];
        }
        Content::Picture(_) => "picture",
        Content::Audio(_) => "audio",
        Content::Video(_) => "video",
        Content::File(_) => "file",
        Content::Markdown(_) => "markdown",
        Content::ActionCard(_) => "actionCard",
        Content::InteractiveCard(_) => "interactiveCard",
        Content::ChatRecord(_) => "chatRecord",
        Content::Withheld { .. } => "unknownMsgType",
        Content::Other { ref kind, .. } => kind,
    };
    vec![placeholder(kind, &describe(kind))]
}

fn rich_part(part: RichTextPart) -> Part {
    let kind = match part {
        RichTextPart::Text(text) => return text_part(&text),
        RichTextPart::Mention { name, .. } => return text_part(&format!("@{name} ")),
        RichTextPart::Picture(_) => "picture",
        RichTextPart::Skill { .. } => "skill",
        RichTextPart::Other { ref kind, .. } => kind,
    };
    placeholder(kind, &describe(kind))
}

/// Neighbouring pieces of text are one text: a mention does not begin a new line.
fn merge(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut merged: Vec<Part> = Vec::new();
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(Part::Text { text }), Part::Text { text: more }) => text.push_str(&more),
            (_, part) => merged.push(part),
        }
    }
    merged
}

fn text_part(text: &str) -> Part {
    Part::Text {
        text: text.to_owned(),
    }
}

fn placeholder(kind: &str, text: &str) -> Part {
    Part::Placeholder {
        kind: kind.to_owned(),
        text: text.to_owned(),
    }
}

/// What stands in the place of something that cannot be read yet.
fn describe(kind: &str) -> String {
    let name = match kind {
        "picture" => "图片",
        "audio" => "语音",
        "video" => "视频",
        "file" => "文件",
        "chatRecord" => "聊天记录",
        "markdown" => "Markdown 消息",
        "actionCard" | "interactiveCard" => "卡片",
        "skill" => "技能",
        "unknownMsgType" => "钉钉不支持转发给机器人的消息",
        _ => {
            return format!(
                "[暂不支持的消息类型：{}]",
                chela_engine::text::truncate(kind, 40)
            );
        }
    };
    format!("[{name}：暂时无法读取内容]")
}

#[cfg(test)]
mod tests;
