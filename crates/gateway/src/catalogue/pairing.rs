//! The words of pairing: help, what the command says, and what people are told in a chat.

use std::time::Duration;

use super::text::phrase;
use super::{Phrase, Text};

const JSON: Text = Text::new("输出 JSON，供程序使用", "Print JSON, for programs");
const CHANNEL: Text = Text::new("渠道，目前是 dingtalk", "The channel: dingtalk");
const ACCOUNT: Text = Text::new("只看这个机器人", "Of this bot alone");
const CODE: Text = Text::new(
    "机器人告诉对方的配对码；前面可以写 dingtalk",
    "The code that the bot has told; dingtalk may stand before it",
);
const NOTIFY: Text = Text::new(
    "告诉对方（网关运行时总是如此，为兼容 OpenClaw）",
    "Tell the person (always so while a gateway runs; as in OpenClaw)",
);

/// What `--help` says.
pub(super) const HELP: &[(&str, Text)] = &[
    (
        "pairing",
        Text::new(
            "配对：谁在申请单聊，批准、拒绝或收回",
            "Pairing: who asks to be let in; approve, reject, revoke",
        ),
    ),
    (
        "pairing list",
        Text::new(
            "列出等待的人和已获准的人",
            "List who waits and who was let in",
        ),
    ),
    ("pairing list [CHANNEL]", CHANNEL),
    ("pairing list --channel", CHANNEL),
    ("pairing list --account", ACCOUNT),
    ("pairing list --json", JSON),
    (
        "pairing approve",
        Text::new("批准一个配对码", "Let in whoever has a code"),
    ),
    ("pairing approve [CODE]", CODE),
    ("pairing approve --notify", NOTIFY),
    ("pairing approve --channel", CHANNEL),
    ("pairing approve --account", ACCOUNT),
    ("pairing approve --json", JSON),
    (
        "pairing reject",
        Text::new(
            "拒绝一个配对码，一天内不再受理",
            "Refuse whoever has a code, for a day",
        ),
    ),
    ("pairing reject [CODE]", CODE),
    ("pairing reject --notify", NOTIFY),
    ("pairing reject --channel", CHANNEL),
    ("pairing reject --account", ACCOUNT),
    ("pairing reject --json", JSON),
    (
        "pairing revoke",
        Text::new("收回一个人的使用权", "Let a person in no longer"),
    ),
    (
        "pairing revoke [PERSON]",
        Text::new("员工的 userId", "The person's id"),
    ),
    ("pairing revoke --channel", CHANNEL),
    ("pairing revoke --account", ACCOUNT),
    ("pairing revoke --json", JSON),
];

/// Too many words, or another channel.
pub const USAGE: Text = Text::new(
    "用法：chela pairing approve [dingtalk] 配对码",
    "use: chela pairing approve [dingtalk] CODE",
);
/// Nobody.
pub const NONE: Text = Text::new(
    "没有人在等待，也没有人通过配对获准。",
    "Nobody waits, and nobody was let in by pairing.",
);
/// Somebody waits.
pub const WAITS: Text = Text::new("等待", "waits");
/// Somebody was let in.
pub const GUEST: Text = Text::new("已获准", "let in");
/// Done.
pub const REVOKED: Text = Text::new("已收回。", "Revoked.");
/// `/pairing` with something else behind it.
pub const CHAT_USAGE: Text = Text::new(
    "用法：/配对（查看等待的人）、/配对 批准 配对码、/配对 拒绝 配对码",
    "Use /pairing to see who waits, /pairing approve CODE, or /pairing reject CODE",
);

/// It was decided.
pub fn decided(name: &str, granted: bool) -> Phrase {
    match granted {
        true => phrase!("已批准：{name}", "Let in: {name}"),
        false => phrase!("已拒绝：{name}", "Refused: {name}"),
    }
}

/// What an unknown person is told.
pub(super) fn code(code: &str, holds: Duration, person: &str) -> Phrase {
    let minutes = holds.as_secs().div_ceil(60);
    phrase!(
        "你暂时不能使用我。请把配对码发给管理员：{code}（{minutes} 分钟内有效）\n你的 ID：{person}",
        "You cannot use me yet. Please send this pairing code to an administrator: {code} (valid for {minutes} minutes)\nYour id: {person}",
    )
}

/// Too many people wait.
pub(super) const FULL: Text = Text::new(
    "你暂时不能使用我，而且等待批准的人已满。请过一会儿再试，或直接联系管理员。",
    "You cannot use me yet, and too many people wait to be let in. Please try again later, or ask an administrator.",
);

/// What a person is told who was let in.
pub(super) const PAIRED: Text = Text::new(
    "你现在可以使用了，直接发消息就行。",
    "You can use me now: just send a message.",
);

/// There is no such code.
pub(super) fn no_code(expired: bool) -> Phrase {
    match expired {
        true => phrase!(
            "这个配对码过期了，请对方再发一条消息。（CHELA-4071）",
            "This code has expired; the person may write again. (CHELA-4071)"
        ),
        false => phrase!(
            "没有这个配对码，或者已经用过。（CHELA-4070）",
            "There is no such code, or it was used. (CHELA-4070)"
        ),
    }
}

/// Who waits, for an owner in a chat: name, bot, code, minutes.
pub(super) fn waiting(people: &[(String, String, String, u64)]) -> Phrase {
    if people.is_empty() {
        return phrase!("没有人在等待配对。", "Nobody waits to be let in.");
    }
    let mut list = String::new();
    for (name, account, code, minutes) in people {
        let name = name.replace(['\n', '\r'], " ");
        list.push_str(&format!("\n- {name} · {account} · {code} · {minutes} min"));
    }
    phrase!(
        "等待配对：{list}\n批准：/配对 批准 配对码",
        "Waiting to be let in:{list}\nLet one in: /pairing approve CODE",
    )
}

/// The line of `gateway status`.
pub fn pending(count: usize) -> Phrase {
    phrase!(
        "配对：{count} 人等待批准（chela pairing list）",
        "pairing: {count} waiting to be let in (chela pairing list)",
    )
}
