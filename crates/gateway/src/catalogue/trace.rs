//! The sentences of `trace`.

use chela_engine::message::ConversationKind;

use super::text::phrase;
use super::{Phrase, Text};
use crate::admin::{Decision, Traced, TracedReply};

/// It is on disk.
pub const STORED: Text = Text::new("收到并写盘", "received and written to disk");

/// There is nothing of this id.
pub fn unknown(id: &str) -> Phrase {
    phrase!("没有找到消息 {id}。", "the message {id} is not known.")
}

/// Which message it is.
pub fn headline(entry: &Traced) -> Phrase {
    let Traced {
        message,
        account,
        conversation,
        sender,
        ..
    } = entry;
    match entry.kind {
        ConversationKind::Direct => phrase!(
            "消息 {message}：{sender} 写给机器人 {account}（单聊）",
            "message {message}: {sender} to the bot {account}, alone",
        ),
        ConversationKind::Group => phrase!(
            "消息 {message}：{sender} 在群 {conversation} 里写给机器人 {account}",
            "message {message}: {sender} to the bot {account} in the group {conversation}",
        ),
    }
}

/// Why it is answered by whom, or not at all.
pub fn decision(decision: &Decision) -> Phrase {
    let agent = &decision.agent;
    match (&decision.denied_by, decision.binding) {
        (Some(rule), _) => phrase!(
            "按现在的配置：不回答，规则 {rule} 拒绝了发送人",
            "as configured now: not answered, the rule {rule} denies the sender",
        ),
        (None, Some(number)) => phrase!(
            "按现在的配置：允许，由智能体 {agent} 回答（第 {number} 条绑定 bindings[{number}]）",
            "as configured now: allowed, and the agent {agent} answers (bindings[{number}])",
        ),
        (None, None) => phrase!(
            "按现在的配置：允许，由默认智能体 {agent} 回答（没有匹配的绑定）",
            "as configured now: allowed, and the default agent {agent} answers (no binding matches)",
        ),
    }
}

/// One message of the answer.
pub fn reply(reply: &TracedReply) -> Phrase {
    let TracedReply { part, parts, .. } = reply;
    let tries = reply.failed_tries;
    let key = reply.key.as_deref().unwrap_or("-");
    let reason = reply.reason.as_deref().unwrap_or("-");
    match (&reply.transport, reply.ended) {
        (Some(transport), _) => phrase!(
            "回复 {part}/{parts}：经 {transport} 送达，凭据 {key}，之前失败 {tries} 次",
            "reply {part}/{parts}: delivered by {transport}, receipt {key}, {tries} failed tries before",
        ),
        (None, true) => phrase!(
            "回复 {part}/{parts}：放弃，失败 {tries} 次，原因 {reason}",
            "reply {part}/{parts}: given up after {tries} failed tries: {reason}",
        ),
        (None, false) => phrase!(
            "回复 {part}/{parts}：还在发送，失败 {tries} 次，最近的原因 {reason}",
            "reply {part}/{parts}: on its way, {tries} failed tries, lately: {reason}",
        ),
    }
}

/// How it ended.
pub fn outcome(entry: &Traced) -> Phrase {
    let tries = entry.attempts;
    match &entry.outcome {
        Some(outcome) => phrase!(
            "结果：{outcome}（处理 {tries} 次）",
            "outcome: {outcome} ({tries} turns)"
        ),
        None => phrase!(
            "结果：还没有答完（处理 {tries} 次）",
            "outcome: not ended yet ({tries} turns)",
        ),
    }
}
