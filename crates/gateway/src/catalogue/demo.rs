//! What the demo says in the terminal.

use super::text::phrase;
use super::{Phrase, Text};

/// The colleague who asks the first question; one of the local platform's invented people.
pub const PERSON: &str = "林小满";

/// The first question.
pub const QUESTION: Text = Text::new("你能做什么？", "What can you do?");

/// Who answers without a model.
pub const SCRIPTED: Text = Text::new(
    "本机钉钉和网关已启动，由内置的演示智能体回答（设置 OPENAI_API_KEY 或配置文件可换成真实模型）。先问一句：\n",
    "A local DingTalk and the gateway are running; a built-in demo agent answers (set OPENAI_API_KEY or a configuration for a real model). One question first:\n",
);

/// Who answers with one.
pub fn model(name: &str) -> Phrase {
    phrase!(
        "本机钉钉和网关已启动，由模型 {name} 回答。先问一句：\n",
        "A local DingTalk and the gateway are running; the model {name} answers. One question first:\n",
    )
}

/// The platform has written the message to the socket.
pub const PUSHED: Text = Text::new("钉钉推送了消息", "DingTalk pushed the message");
/// The gateway has read it.
pub const RECEIVED: Text = Text::new("网关收到消息", "the gateway received it");
/// The gateway has it on disk.
pub const STORED: Text = Text::new("网关已写入磁盘", "the gateway wrote it to disk");
/// The gateway has said so.
pub const ACKED: Text = Text::new("网关向钉钉确认收到", "the gateway acknowledged it");
/// The agent has answered.
pub const ANSWERED: Text = Text::new(
    "智能体答完，答案已写入磁盘",
    "the agent answered, the answer is on disk",
);
/// The answer is on the screen.
pub const DELIVERED: Text = Text::new("答案显示在钉钉里", "the answer is shown in DingTalk");

/// Where the page is.
pub fn open_page(address: &str) -> Phrase {
    phrase!("打开页面自己聊：{address}", "Chat yourself: {address}")
}

/// How to leave, and what to try.
pub const HINT: Text = Text::new(
    "在页面上可以换人、进群、断网、杀连接、重复投递。按 Ctrl+C 结束。",
    "On the page you can be another person, write in a group, cut the line, kill connections, deliver twice. Ctrl+C ends it.",
);

/// The page has no port.
pub fn no_page() -> Phrase {
    phrase!(
        "演示页面的端口不可用；用 --port 换一个（0 表示自动选择）。",
        "the port of the demo's page cannot be used; choose another with --port (0 for any free one).",
    )
}

/// Something broke.
pub fn broken() -> Phrase {
    phrase!(
        "演示没有走完一次问答。",
        "the demo did not get through one question."
    )
}
