//! The words of `route explain` and `sessions`.

use chela_engine::ports::{SessionRecord, TranscriptRole};
use chela_engine::router::{Access, Because};
use chela_engine::time::Timestamp;

use super::cli::status::span;
use super::text::phrase;
use super::{Language, Phrase, Text};

const JSON: Text = Text::new("输出 JSON，供程序使用", "Print JSON, for programs");
const SESSION: Text = Text::new(
    "会话编号或会话键（见 sessions list）",
    "Number or key of the session (see sessions list)",
);

/// What `--help` says.
pub(super) const HELP: &[(&str, Text)] = &[
    (
        "route",
        Text::new(
            "查看一条消息会由哪个智能体回答",
            "See which agent would answer a message",
        ),
    ),
    (
        "route explain",
        Text::new(
            "说明由谁回答、为什么、其次是谁、有没有权限",
            "Tell who answers, why, who is next, and whether the person may ask",
        ),
    ),
    (
        "route explain --user",
        Text::new("发消息的人的 ID", "Id of the person who writes"),
    ),
    (
        "route explain --group",
        Text::new(
            "群 ID（cid…）；不写就是单聊",
            "Id of the group (cid…); without it, alone with the bot",
        ),
    ),
    (
        "route explain --account",
        Text::new(
            "哪个机器人（默认第一个）",
            "Which bot (default: the first one)",
        ),
    ),
    (
        "route explain --text",
        Text::new(
            "消息内容，例如 \"@coder 你好\"",
            "The message, such as \"@coder hello\"",
        ),
    ),
    ("route explain --json", JSON),
    (
        "sessions",
        Text::new(
            "查看、重置和导出会话",
            "Look at sessions, reset and export them",
        ),
    ),
    ("sessions list", Text::new("列出会话", "List the sessions")),
    (
        "sessions list --all",
        Text::new("也列出已经结束的", "Ended ones, too"),
    ),
    ("sessions list --json", JSON),
    (
        "sessions show",
        Text::new("显示一个会话的内容", "Show what was said in a session"),
    ),
    ("sessions show [KEY]", SESSION),
    ("sessions show --json", JSON),
    (
        "sessions reset",
        Text::new(
            "结束一个会话，下一条消息重新开始",
            "End a session; the next message begins anew",
        ),
    ),
    ("sessions reset [KEY]", SESSION),
    ("sessions reset --json", JSON),
    (
        "sessions export",
        Text::new(
            "导出为 OpenClaw 的 JSONL（版本 3）",
            "Print a session as OpenClaw's JSONL (version 3)",
        ),
    ),
    ("sessions export [KEY]", SESSION),
];

/// Who answers.
pub fn answers(agent: &str, because: Because, binding: Option<usize>) -> Phrase {
    let (zh, en) = reason(because, binding);
    phrase!("由 {agent} 回答：{zh}", "{agent} answers: {en}")
}

/// Who would answer otherwise.
pub fn otherwise(agent: &str, because: Because, binding: Option<usize>) -> Phrase {
    let (zh, en) = reason(because, binding);
    phrase!("否则由 {agent} 回答：{zh}", "otherwise {agent}: {en}")
}

fn reason(because: Because, binding: Option<usize>) -> (String, String) {
    let text = match because {
        Because::Named => Text::new("消息里 @ 了它", "the message calls it by @"),
        Because::Group => Text::new("这个群指定了它", "the group has it as its own"),
        Because::Peer => Text::new("绑定指定了这个聊天", "a binding names the chat"),
        Because::EveryGroup => Text::new("所有群（*）指定了它", "all groups (*) have it"),
        Because::EveryPeer => Text::new(
            "绑定指定了这一类聊天",
            "a binding names all chats of the kind",
        ),
        Because::Account => Text::new("绑定指定了这个机器人", "a binding names the bot"),
        Because::Channel => Text::new("绑定指定了这个平台", "a binding names the platform"),
        Because::Default => Text::new("默认智能体", "it is the default agent"),
    };
    let place = binding.map_or_else(String::new, |index| format!(" (bindings[{index}])"));
    (format!("{}{place}", text.zh), format!("{}{place}", text.en))
}

/// Whether the person may ask.
pub fn access(access: Access) -> Phrase {
    match access {
        Access::Allowed => phrase!("权限：可以使用", "access: allowed"),
        Access::Unpaired => phrase!(
            "权限：先要配对（direct_pairing）；已经批准的人见 chela pairing list",
            "access: by pairing (direct_pairing); chela pairing list shows who was let in",
        ),
        Access::Denied { rule, tell: true } => phrase!(
            "权限：不可以（{rule}），会告诉本人怎么开通",
            "access: denied ({rule}); the person is told how to be added",
        ),
        Access::Denied { rule, tell: false } => phrase!(
            "权限：不可以（{rule}），不会有任何回应",
            "access: denied ({rule}); nothing is said",
        ),
    }
}

/// Names that nobody bears.
pub fn unknown(names: &str) -> Phrase {
    phrase!(
        "没有叫「{names}」的智能体，只会回一条提示",
        "no agent is called “{names}”; only a notice is sent",
    )
}

/// The message is a command.
pub fn command(name: &str, allowed: bool) -> Phrase {
    if allowed {
        phrase!(
            "这是命令 /{name}，不交给智能体",
            "it is the command /{name}, not for the agent"
        )
    } else {
        phrase!(
            "这是命令 /{name}，此人无权使用，会被忽略",
            "it is the command /{name}, which the person may not give; it is ignored",
        )
    }
}

/// The key of the history.
pub fn session(key: &str) -> Phrase {
    phrase!("会话：{key}", "session: {key}")
}

/// There is no such bot.
pub fn no_account(name: &str, known: &str) -> Phrase {
    phrase!(
        "没有叫 \"{name}\" 的机器人。有：{known}",
        "there is no bot \"{name}\"; there are: {known}",
    )
}

/// There are none.
pub const NO_SESSIONS: Text = Text::new("还没有会话。", "There are no sessions yet.");

/// There is no session of that number or key.
pub fn no_session(name: &str) -> Phrase {
    phrase!("没有会话 \"{name}\"。", "there is no session \"{name}\".")
}

/// It was ended.
pub fn reset(key: &str) -> Phrase {
    phrase!(
        "已结束会话 {key}，下一条消息重新开始。",
        "ended the session {key}; the next message begins anew.",
    )
}

/// One line of the list.
pub fn line(record: &SessionRecord, now: Timestamp, language: Language) -> String {
    let used = span(now.since(record.used_at).as_secs(), language);
    let place = record.origin.as_ref().map(|origin| {
        let title = origin.conversation.title.as_deref();
        title.unwrap_or(&origin.person.name).to_owned()
    });
    let place = place.unwrap_or_default();
    let (id, key, entries) = (record.id, &record.key, record.entries);
    let ended = record.ended_at.is_some();
    let phrase = match ended {
        true => phrase!(
            "{id}  {key}  {place}  {entries} 条，已结束",
            "{id}  {key}  {place}  {entries} entries, ended",
        ),
        false => phrase!(
            "{id}  {key}  {place}  {entries} 条，{used}前使用",
            "{id}  {key}  {place}  {entries} entries, used {used} ago",
        ),
    };
    phrase.get(language).to_owned()
}

/// Who speaks.
pub fn speaker(role: TranscriptRole) -> Text {
    match role {
        TranscriptRole::User => Text::new("用户", "person"),
        TranscriptRole::Assistant => Text::new("智能体", "agent"),
    }
}

/// Above a summary.
pub fn summarised(entries: usize) -> Phrase {
    phrase!(
        "—— 以上 {entries} 条对智能体来说由这段摘要代替 ——",
        "—— for the agent, this summary stands for the {entries} entries above ——",
    )
}
