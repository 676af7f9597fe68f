//! What is said when the gateway starts.

use std::net::SocketAddr;

use super::text::phrase;
use super::{Code, Phrase, Text};

/// The administration interface has no address.
pub fn not_listening(address: SocketAddr) -> Phrase {
    phrase!(
        "管理接口无法监听 {address}（配置项 gateway.port；命令行 --port 可临时换一个，0 表示自动选择）。",
        "the administration interface cannot listen on {address} (setting gateway.port; --port chooses another for once, 0 any free one).",
    )
}

/// What has gone wrong, in a line of the log.
pub fn told(code: Code) -> Phrase {
    let explanation = code.explanation();
    let (title, fix) = (explanation.title, explanation.fix);
    Phrase::new(
        format!("{}。{}", title.zh, fix.zh),
        format!("{}. {}", title.en, fix.en),
    )
}

/// The store does again what it should.
pub const STORE_RECOVERED: Text = Text::new("数据库恢复正常", "the store works again");

/// A bot is connected after it could not be.
pub const CONNECTED_AGAIN: Text = Text::new("已重新连上钉钉", "connected to DingTalk again");

/// A bot was not started because another has its client id.
pub fn not_started(winner: &str) -> Phrase {
    phrase!(
        "和机器人 {winner} 用了同一个 clientId，没有启动。",
        "not started: the bot {winner} has the same clientId.",
    )
}

/// A bot was not started because something is missing.
pub fn lacks(missing: &str) -> Phrase {
    phrase!(
        "缺少 {missing}，没有启动。",
        "not started: {missing} is missing.",
    )
}

/// The configuration has changed, and the change holds.
pub const RELOADED: Text = Text::new(
    "配置已更新并生效",
    "the configuration has changed, and the change holds",
);
/// The configuration has changed, and the change cannot hold.
pub const NOT_RELOADED: Text = Text::new(
    "新的配置用不了，继续按原来的运行",
    "the changed configuration cannot be used; the one before still holds",
);
