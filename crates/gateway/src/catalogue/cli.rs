//! The words of the command line.

use std::path::Path;

use super::text::phrase;
use super::{Language, Phrase, Text};

/// What `--help` says about a command or an option: `gateway run`, `logs --lines`. `None` for what does not exist.
pub fn help(name: &str) -> Option<Text> {
    let found = HELP.iter().find(|(key, _)| *key == name);
    found.map(|(_, text)| *text)
}

/// Every command and option that `--help` knows about.
pub fn helped() -> impl Iterator<Item = &'static str> {
    HELP.iter().map(|(name, _)| *name)
}

const HELP: &[(&str, Text)] = &[
    (
        "",
        Text::new(
            "Chela：钉钉上的 AI 智能体网关。第一次使用？运行 chela demo，不需要账号。",
            "Chela: an AI-agent gateway for DingTalk. New here? Run chela demo; it needs no account.",
        ),
    ),
    (
        "--config",
        Text::new(
            "配置文件（默认 ~/.chela/chela.json，其次 ~/.openclaw/openclaw.json）",
            "Configuration file (default ~/.chela/chela.json, then ~/.openclaw/openclaw.json)",
        ),
    ),
    (
        "--lang",
        Text::new("界面语言：zh 或 en", "Language: zh or en"),
    ),
    ("--help", Text::new("显示帮助", "Show this help")),
    ("--version", Text::new("显示版本", "Show the version")),
    (
        "demo",
        Text::new(
            "在本机试用：自带一个模拟的钉钉，不需要账号和网络",
            "Try it on this machine, with a simulated DingTalk; needs no account and no network",
        ),
    ),
    (
        "demo --once",
        Text::new(
            "只问一句，打印回答后退出",
            "Ask one question, print the answer and leave",
        ),
    ),
    (
        "demo --port",
        Text::new(
            "页面的端口（默认任选一个空闲的）",
            "Port of the page (default: any that is free)",
        ),
    ),
    (
        "demo --no-open",
        Text::new("不自动打开浏览器", "Do not open a browser"),
    ),
    (
        "gateway",
        Text::new("运行和查看网关", "Run the gateway and look at it"),
    ),
    (
        "gateway run",
        Text::new(
            "在前台运行网关，按 Ctrl+C 停止",
            "Run the gateway in the foreground; Ctrl+C stops it",
        ),
    ),
    (
        "gateway run --port",
        Text::new(
            "管理接口的端口（默认 18789）",
            "Port of the administration interface (default 18789)",
        ),
    ),
    (
        "gateway status",
        Text::new(
            "查看网关是否在运行、每个机器人是否连接",
            "Show whether the gateway runs and each bot is connected",
        ),
    ),
    ("gateway status --json", JSON),
    (
        "config",
        Text::new("查看和检查配置", "Look at the configuration and check it"),
    ),
    (
        "config validate",
        Text::new(
            "检查配置文件，指出每处错误的位置和改法",
            "Check the configuration and show where each fault is and how to mend it",
        ),
    ),
    ("config validate --json", JSON),
    (
        "config file",
        Text::new(
            "显示使用的是哪个配置文件",
            "Show which configuration file is used",
        ),
    ),
    ("config file --json", JSON),
    (
        "config schema",
        Text::new(
            "输出配置的 JSON Schema（编辑器可用它自动补全）",
            "Print the JSON schema of the configuration, for editors",
        ),
    ),
    ("config schema --json", JSON),
    (
        "doctor",
        Text::new(
            "逐项体检：配置、磁盘、网络、钉钉凭证、模型",
            "Check everything: configuration, disk, network, DingTalk credentials, models",
        ),
    ),
    ("doctor --json", JSON),
    (
        "plugins",
        Text::new(
            "查看插件（钉钉渠道是内置的）",
            "Look at plugins (the DingTalk channel is built in)",
        ),
    ),
    ("plugins list", Text::new("列出插件", "List plugins")),
    ("plugins list --json", JSON),
    (
        "plugins inspect",
        Text::new("查看一个插件", "Show one plugin"),
    ),
    ("plugins inspect --json", JSON),
    ("plugins inspect [PLUGIN]", PLUGIN),
    (
        "plugins install",
        Text::new(
            "安装插件；钉钉渠道不需要安装",
            "Install a plugin; the DingTalk channel needs none",
        ),
    ),
    ("plugins install --json", JSON),
    ("plugins install [PLUGIN]", PLUGIN),
    (
        "plugins update",
        Text::new(
            "更新插件；内置的随程序更新",
            "Update a plugin; what is built in comes with the program",
        ),
    ),
    ("plugins update --json", JSON),
    ("plugins update [PLUGIN]", PLUGIN),
    (
        "plugins enable",
        Text::new("启用插件", "Switch a plugin on"),
    ),
    ("plugins enable --json", JSON),
    ("plugins enable [PLUGIN]", PLUGIN),
    (
        "plugins disable",
        Text::new("停用插件", "Switch a plugin off"),
    ),
    ("plugins disable --json", JSON),
    ("plugins disable [PLUGIN]", PLUGIN),
    ("plugins remove", Text::new("移除插件", "Remove a plugin")),
    ("plugins remove --json", JSON),
    ("plugins remove [PLUGIN]", PLUGIN),
    (
        "import",
        Text::new(
            "把 OpenClaw 钉钉插件的配置转成这里的配置，列出每一处变化",
            "Make a configuration from that of OpenClaw's DingTalk plugins, and list every change",
        ),
    ),
    ("import --json", JSON),
    (
        "import [FILE]",
        Text::new(
            "OpenClaw 的配置文件（默认 ~/.openclaw/openclaw.json）",
            "Configuration of OpenClaw (default ~/.openclaw/openclaw.json)",
        ),
    ),
    (
        "import --output",
        Text::new(
            "写到哪个文件（默认 ~/.chela/chela.json）",
            "Where to write it (default ~/.chela/chela.json)",
        ),
    ),
    (
        "import --force",
        Text::new("覆盖已有的文件", "Overwrite an existing file"),
    ),
    (
        "doctor --fix",
        Text::new(
            "收紧文件权限等可以安全修复的问题",
            "Mend what can be mended safely, such as modes of files",
        ),
    ),
    (
        "doctor --only",
        Text::new(
            "只做这些检查，可以写一类，例如 network,scope",
            "Make only these checks; a family will do, as in network,scope",
        ),
    ),
    (
        "doctor --lint",
        Text::new(
            "只检查配置，不联网，每个问题一行，有警告也算失败（用于 CI）",
            "Look at the configuration only, one line per fault, warnings fail (for continuous integration)",
        ),
    ),
    ("logs", Text::new("查看日志", "Show the log")),
    (
        "logs --follow",
        Text::new(
            "持续显示新的日志，按 Ctrl+C 结束",
            "Go on with new lines until Ctrl+C",
        ),
    ),
    (
        "logs --lines",
        Text::new(
            "先显示最后多少行（默认 100）",
            "How many of the last lines to begin with (default 100)",
        ),
    ),
    (
        "logs --level",
        Text::new(
            "只显示这个级别及更重要的：error、warn、info、debug、trace",
            "Only lines of this level and above: error, warn, info, debug, trace",
        ),
    ),
    (
        "logs --json",
        Text::new("按原样输出 JSON 行", "Print the JSON lines as they are"),
    ),
];

const PLUGIN: Text = Text::new(
    "插件的名字，或者 npm 包名",
    "Name of the plugin, or of its npm package",
);
const JSON: Text = Text::new("输出 JSON，供程序使用", "Print JSON, for programs");

/// The frame of the help.
pub const USAGE: Text = Text::new("用法：", "Usage: ");
/// Above the list of commands.
pub const COMMANDS: Text = Text::new("命令", "Commands");
/// Stands for the options in the usage.
pub const ANY_OPTIONS: Text = Text::new("[选项]", "[options]");
/// Stands for the command in the usage.
pub const ANY_COMMAND: Text = Text::new("<命令>", "<command>");
/// Above the list of options.
pub const OPTIONS: Text = Text::new("选项", "Options");

/// How a command line is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageFault {
    /// A command that does not exist.
    UnknownCommand(String),
    /// An option that does not exist.
    UnknownOption(String),
    /// A value that an option does not take.
    BadValue {
        /// The option.
        option: String,
        /// The value.
        value: String,
        /// What it takes, if that is a list of words.
        allowed: Vec<String>,
    },
    /// An option without its value.
    MissingValue(String),
    /// What must be given and is not.
    MissingArgument(String),
    /// Options that exclude each other, or one given twice.
    Conflict(String),
    /// A command that needs another behind it.
    MissingCommand,
    /// Anything else.
    Other,
}

/// What is wrong with a command line.
pub fn usage_fault(fault: &UsageFault) -> Phrase {
    match fault {
        UsageFault::UnknownCommand(name) => {
            phrase!("没有 {name} 这个命令。", "there is no command {name}.")
        }
        UsageFault::UnknownOption(name) => {
            phrase!("没有 {name} 这个参数。", "there is no option {name}.")
        }
        UsageFault::BadValue {
            option,
            value,
            allowed,
        } if allowed.is_empty() => phrase!(
            "{option} 不接受 \"{value}\"。",
            "{option} does not take \"{value}\".",
        ),
        UsageFault::BadValue {
            option,
            value,
            allowed,
        } => {
            let allowed = allowed.join(" | ");
            phrase!(
                "{option} 不接受 \"{value}\"，可以是：{allowed}。",
                "{option} does not take \"{value}\"; it is one of: {allowed}.",
            )
        }
        UsageFault::MissingValue(option) => {
            phrase!("{option} 后面少了值。", "{option} lacks its value.")
        }
        UsageFault::MissingArgument(names) => {
            phrase!("还要给出：{names}。", "this must be given, too: {names}.")
        }
        UsageFault::Conflict(option) => phrase!(
            "{option} 写了两次，或者和别的参数冲突。",
            "{option} is given twice, or does not go with another option.",
        ),
        UsageFault::MissingCommand => phrase!(
            "这个命令后面还要再写一个命令。",
            "another command must follow."
        ),
        UsageFault::Other => phrase!("这个命令看不懂。", "the command line cannot be understood."),
    }
}

/// The word that was probably meant.
pub fn did_you_mean(word: &str) -> Phrase {
    phrase!("是不是想写 {word}？", "did you mean {word}?")
}

/// A panic happened at a place of the source.
pub fn panicked(place: &str) -> Phrase {
    phrase!(
        "程序在 {place} 处意外中断。",
        "the program broke off at {place}."
    )
}

/// The configuration has no faults.
pub fn valid(origin: &str, bots: usize, agents: usize) -> Phrase {
    phrase!(
        "配置有效：{origin}（机器人 {bots} 个，智能体 {agents} 个）",
        "valid: {origin} (bots: {bots}, agents: {agents})",
    )
}

/// Where the configuration was read when there is no file.
pub const FROM_ENVIRONMENT: Text =
    Text::new("环境变量，没有配置文件", "environment variables, no file");

/// A port cannot be listened on.
pub fn port_taken(address: &str) -> Phrase {
    phrase!("{address} 已被占用。", "{address} is taken.")
}

/// Names the log file that is shown.
pub fn log_file(path: &Path) -> Phrase {
    let path = path.display();
    phrase!("日志文件：{path}", "log file: {path}")
}

/// There is no log in a directory.
pub fn no_logs(directory: &Path) -> Phrase {
    let directory = directory.display();
    phrase!(
        "{directory} 里没有日志文件。",
        "there is no log file in {directory}."
    )
}

/// The sentences of `gateway status`.
pub mod status {
    use super::{Language, Phrase, Text, phrase};
    use crate::admin::State;

    /// It does not run.
    pub const STOPPED: Text = Text::new(
        "网关没有运行。启动：chela gateway run",
        "the gateway is not running; start it with chela gateway run",
    );
    /// It holds the lock and has not said more yet.
    pub const STARTING: Text = Text::new("网关正在启动。", "the gateway is starting.");

    /// It runs.
    pub fn running(pid: u32, version: &str, since: &str) -> Phrase {
        phrase!(
            "网关在运行：进程 {pid}，版本 {version}，已运行 {since}",
            "the gateway runs: process {pid}, version {version}, for {since}",
        )
    }

    /// It runs, and not all is well.
    pub fn degraded(pid: u32, version: &str, since: &str) -> Phrase {
        phrase!(
            "网关在运行，但不完全正常：进程 {pid}，版本 {version}，已运行 {since}",
            "the gateway runs, but not all is well: process {pid}, version {version}, for {since}",
        )
    }

    /// It holds the lock and does not answer.
    pub fn unresponsive(pid: u32, address: &str) -> Phrase {
        phrase!(
            "进程 {pid} 在运行，但 {address} 没有回应。",
            "the process {pid} lives, but {address} does not answer.",
        )
    }

    /// It refuses the token.
    pub fn refused(pid: u32) -> Phrase {
        phrase!(
            "进程 {pid} 在运行，但不接受管理令牌（gateway.auth.token 改过吗？改后要重启网关）。",
            "the process {pid} lives, but refuses the token; did gateway.auth.token change without a restart?",
        )
    }

    /// The state of a bot.
    pub fn state(state: State) -> Text {
        match state {
            State::Connecting => Text::new("正在连接", "connecting"),
            State::Connected => Text::new("已连接", "connected"),
            State::Reconnecting => Text::new("正在重连", "reconnecting"),
            State::Parked => Text::new("已停用：凭证被拒绝", "parked: credentials refused"),
            State::Conflict => Text::new("未启动：clientId 重复", "not started: shared clientId"),
        }
    }

    /// When the platform last showed life.
    pub fn last_frame(ago: &str) -> Phrase {
        phrase!("{ago}前有消息往来", "last sign of life {ago} ago")
    }

    /// What is in work.
    pub fn work(running: usize, waiting: usize) -> Phrase {
        phrase!(
            "正在回答 {running} 条，排队 {waiting} 条",
            "answering {running}, waiting {waiting}"
        )
    }

    /// What the store holds.
    pub fn store(messages: u64, unfinished: u64, undelivered: u64, failed: u64) -> Phrase {
        phrase!(
            "消息 {messages} 条：未答完 {unfinished}，待发送 {undelivered}，发送失败 {failed}",
            "messages {messages}: unanswered {unfinished}, undelivered {undelivered}, failed {failed}",
        )
    }

    /// The store does not answer.
    pub const STORE_DOWN: Text = Text::new("数据库没有回应", "the store does not answer");

    /// A length of time in short.
    pub fn span(seconds: u64, language: Language) -> String {
        let (count, unit) = match seconds {
            0..=59 => (seconds, Text::new("秒", "s")),
            60..=3_599 => (seconds / 60, Text::new("分钟", "min")),
            3_600..=86_399 => (seconds / 3_600, Text::new("小时", "h")),
            _ => (seconds / 86_400, Text::new("天", "d")),
        };
        format!("{count} {}", unit.get(language))
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::is_chinese;
    use super::*;

    #[test]
    fn help_is_there_in_both_languages() {
        for (name, text) in HELP {
            assert!(is_chinese(text.zh), "{name}");
            assert!(!text.en.is_empty() && !is_chinese(text.en), "{name}");
        }
    }
}
