//! What is said about gateways, applications and coding agents that answer in the place of a model.

use std::path::Path;

use super::text::phrase;
use super::{Phrase, Text};

/// A coding agent was told to work where nothing is.
pub fn no_directory(path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "acp.directory 指定的目录 {path} 不存在。",
        "the folder {path} of acp.directory does not exist.",
    )
}

/// Nobody said where a coding agent works.
pub const UNNAMED_DIRECTORY: Text = Text::new(
    "没有指定编程智能体的工作目录：设置 acp.directory 或 workspace。",
    "the coding agent has no folder to work in: set acp.directory or workspace.",
);

/// A coding agent asked for something that it may not do.
pub fn refused(titles: &[String]) -> Phrase {
    let titles: Vec<String> = titles.iter().map(|title| format!("`{title}`")).collect();
    let (zh, en) = (titles.join("、"), titles.join(", "));
    phrase!(
        "> 编程智能体请求了未被允许的操作，已拒绝：{zh}。目前不能在聊天中批准；管理员可以用 acp.permissions 放行（allow-read 或 allow-all）。",
        "> The coding agent asked to do what it may not, and was refused: {en}. It cannot be approved in the chat yet; an administrator can allow it by acp.permissions (allow-read or allow-all).",
    )
}

/// A backend is there.
pub fn there(what: &str) -> Phrase {
    phrase!("{what} 可以连上。", "{what} can be reached.")
}

/// A program will be started when it is needed.
pub fn starts(command: &Path) -> Phrase {
    let command = command.display();
    phrase!(
        "收到第一个问题时启动 {command}。",
        "{command} is started by the first question.",
    )
}

/// What answers there is something else.
pub fn something_else(what: &str, status: u16) -> Phrase {
    phrase!(
        "{what} 的健康检查返回 HTTP {status}，可能不是 OpenClaw 网关。",
        "{what} answers its health check with HTTP {status}; it may be no gateway of OpenClaw.",
    )
}
