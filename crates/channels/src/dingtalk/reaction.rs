//! The sign below a person's message: which one, and how it gets there (protocol reference §7.1). Each change of it is one
//! of the month's calls, so that it is off unless somebody asks for it, and while calls are scarce.

use chela_engine::message::InboundMessage;
use chela_engine::ports::{Change, DeliveryError, Phase};
use dingtalk::api::{AddReaction, Reaction, RemoveReaction};
use dingtalk::id::{ConversationId, MessageId};

use super::account::Account;
use super::outbound::judge;
use super::route::Route;
use super::words::{Phrase, Words};

/// What is shown below messages that are being answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AckReaction {
    /// A thinking face, and a sign for each kind of tool.
    Emoji,
    /// A face made of characters, by what the message sounds like.
    Kaomoji,
    /// Always this.
    Text(String),
}

impl AckReaction {
    /// The sign of a message; `None`: the one that it has.
    pub(super) fn sign(&self, text: &str, phase: &Phase, words: &dyn Words) -> Option<String> {
        match (self, phase) {
            (Self::Text(text), _) => Some(text.clone()),
            // It lasts a few seconds, and a change costs two calls.
            (_, Phase::Answering) => None,
            (Self::Emoji, Phase::Waiting | Phase::Thinking) => {
                Some(format!("🤔{}", words.phrase(&Phrase::Thinking)))
            }
            (Self::Emoji, Phase::Tool { name }) => Some(tool_sign(name).to_owned()),
            (Self::Emoji, Phase::Silent) => Some("⏳".to_owned()),
            (Self::Kaomoji, Phase::Waiting | Phase::Thinking) => Some(face(text).to_owned()),
            (Self::Kaomoji, Phase::Tool { .. }) => Some("(๑•̀ㅂ•́)و✧".to_owned()),
            (Self::Kaomoji, Phase::Silent) => Some("(－ω－) zzZ".to_owned()),
        }
    }
}

/// By what tools are usually called, in the words of the systems that give them.
const TOOLS: &[(&str, &[&str])] = &[
    ("📦", &["install", "package", "npm", "pip", "cargo", "安装"]),
    (
        "🌐",
        &["web", "http", "fetch", "browser", "url", "网页", "浏览"],
    ),
    (
        "🔍",
        &["search", "grep", "find", "glob", "搜索", "查找", "查询"],
    ),
    (
        "✍️",
        &["write", "edit", "patch", "create", "写", "编辑", "修改"],
    ),
    ("📂", &["read", "list", "ls", "file", "读", "文件"]),
    ("🔗", &["mcp", "api", "link", "connect", "接口"]),
];

fn tool_sign(name: &str) -> &'static str {
    let name = name.to_lowercase();
    let named = |words: &&[&str]| words.iter().any(|word| name.contains(word));
    let known = TOOLS.iter().find(|(_, words)| named(words));
    known.map_or("🛠️", |(sign, _)| sign)
}

/// By what the message sounds like.
const FACES: &[(&str, &[&str])] = &[
    ("(´▽`)ﾉ", &["你好", "您好", "早上好", "晚上好", "hello"]),
    (
        "(๑´ㅂ`๑)",
        &["谢谢", "感谢", "辛苦", "多谢", "thanks", "thank you"],
    ),
    ("Σ(ﾟдﾟ;)", &["紧急", "尽快", "马上", "赶紧", "urgent", "asap"]),
    (
        "(；′⌒`)",
        &[
            "报错", "错误", "失败", "崩溃", "bug", "error", "不行", "坏了",
        ],
    ),
    (
        "(・・?)",
        &[
            "?",
            "？",
            "吗",
            "为什么",
            "怎么",
            "如何",
            "what",
            "how",
            "why",
        ],
    ),
];

fn face(text: &str) -> &'static str {
    let text = text.to_lowercase();
    let sounds = |words: &&[&str]| words.iter().any(|word| text.contains(word));
    let known = FACES.iter().find(|(_, words)| sounds(words));
    known.map_or("(｀・ω・´)ゞ", |(face, _)| face)
}

/// Shows a reaction or takes it away.
pub(super) async fn react(
    account: Account,
    message: InboundMessage,
    text: String,
    change: Change,
) -> Result<(), DeliveryError> {
    let robot = Route::unpack(&message.reply_route).robot();
    let reaction = Reaction {
        robot: robot.unwrap_or_else(|| account.robot.clone()),
        conversation: ConversationId::new(message.conversation.id.as_str()),
        message: MessageId::new(message.id.as_str()),
        text,
    };
    let sent = match change {
        Change::Show => account.client.send(AddReaction(reaction)).await,
        Change::Remove => account.client.send(RemoveReaction(reaction)).await,
    };
    sent.map_err(judge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::words::chinese::Chinese;

    fn sign(reaction: &AckReaction, text: &str, phase: &Phase) -> Option<String> {
        reaction.sign(text, phase, &Chinese)
    }

    #[test]
    fn a50_signs_follow_what_happens() {
        let tool = |name: &str| Phase::Tool {
            name: name.to_owned(),
        };
        let emoji = |phase: &Phase| sign(&AckReaction::Emoji, "", phase);
        assert_eq!(emoji(&Phase::Waiting).as_deref(), Some("🤔思考中"));
        assert_eq!(emoji(&tool("web_fetch")).as_deref(), Some("🌐"));
        assert_eq!(emoji(&tool("文件搜索")).as_deref(), Some("🔍"));
        assert_eq!(emoji(&tool("")).as_deref(), Some("🛠️"));
        assert_eq!(emoji(&Phase::Silent).as_deref(), Some("⏳"));
        assert_eq!(emoji(&Phase::Answering), None);
        let own = AckReaction::Text("收到".to_owned());
        assert_eq!(sign(&own, "", &tool("x")).as_deref(), Some("收到"));
    }

    #[test]
    fn faces_go_with_what_is_said() {
        let face = |text: &str| sign(&AckReaction::Kaomoji, text, &Phase::Thinking);
        assert_eq!(face("谢谢你").as_deref(), Some("(๑´ㅂ`๑)"));
        assert_eq!(face("部署报错了").as_deref(), Some("(；′⌒`)"));
        assert_eq!(face("HELLO").as_deref(), Some("(´▽`)ﾉ"));
        assert_eq!(face("为什么？").as_deref(), Some("(・・?)"));
        assert_eq!(face("").as_deref(), Some("(｀・ω・´)ゞ"));
    }
}
