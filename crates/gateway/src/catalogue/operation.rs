//! The sentences of the commands that look at bots, agents and models and change them.

use super::text::phrase;
use super::{Phrase, Text};

/// No bot is configured.
pub const NO_BOTS: Text = Text::new(
    "还没有配置机器人。添加：chela channels add --client-id …",
    "no bot is configured; add one with chela channels add --client-id …",
);

/// There is no such bot.
pub fn no_bot(name: &str) -> Phrase {
    phrase!(
        "没有名为 {name} 的机器人；chela channels list 列出所有机器人。",
        "there is no bot {name}; chela channels list lists them.",
    )
}

/// There is no such agent.
pub fn no_agent(name: &str) -> Phrase {
    phrase!(
        "没有名为 {name} 的智能体；chela agents list 列出所有智能体。",
        "there is no agent {name}; chela agents list lists them.",
    )
}

/// There is one of this name.
pub fn agent_exists(name: &str) -> Phrase {
    phrase!(
        "已经有名为 {name} 的智能体。",
        "there is an agent {name} already."
    )
}

/// The standard input held no secret.
pub fn no_secret() -> Phrase {
    phrase!(
        "没有读到密钥。从标准输入给出，或者用 --client-secret-env 变量名、--client-secret-file 文件。",
        "there is no secret on the standard input; give it there, or by --client-secret-env or --client-secret-file.",
    )
}

/// The binding is there.
pub fn bound_already() -> Phrase {
    phrase!("已经有一样的绑定。", "there is such a binding already.")
}

/// The binding is not there.
pub fn not_bound() -> Phrase {
    phrase!(
        "没有这样的绑定；chela agents bindings 列出所有绑定。",
        "there is no such binding; chela agents bindings lists them.",
    )
}

/// It is no chat.
pub fn no_peer(text: &str) -> Phrase {
    phrase!(
        "\"{text}\" 看不懂，写成 direct:工号 或 group:会话编号。",
        "\"{text}\" cannot be understood; write direct:ID or group:ID.",
    )
}

/// It is no target.
pub fn no_target(text: &str) -> Phrase {
    phrase!(
        "\"{text}\" 看不懂，写成 user:工号 或 group:会话编号。",
        "\"{text}\" cannot be understood; write user:ID or group:ID.",
    )
}

/// There is no such model service.
pub fn no_model(name: &str, known: &str) -> Phrase {
    phrase!(
        "不认识模型 {name}，写成 服务/模型；已配置的服务：{known}。",
        "the model {name} is not known; write PROVIDER/MODEL, with a provider of: {known}.",
    )
}

/// A model answers.
pub fn model_answers(model: &str, millis: u64) -> Phrase {
    phrase!(
        "{model} 可用，{millis} 毫秒内答完。",
        "{model} answers, within {millis} ms."
    )
}

/// A message is sent.
pub fn sent(key: &str) -> Phrase {
    phrase!("已发送，凭据 {key}。", "sent; its receipt is {key}.")
}

/// A message would be sent.
pub fn would_send(account: &str, target: &str) -> Phrase {
    phrase!(
        "试运行，没有发送。会由 {account} 发给 {target}。",
        "nothing was sent; {account} would write to {target}.",
    )
}

/// The bundle is written.
pub fn bundled(path: &str) -> Phrase {
    phrase!(
        "已写好 {path}，密钥已打码、没有聊天内容；发出前请自己再看一遍。",
        "{path} is written, without secrets and without what anybody wrote; look through it before you pass it on.",
    )
}
