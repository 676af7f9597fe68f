//! The words of the command line.

use std::path::Path;

use super::help::OPERATE;
use super::text::phrase;
use super::{Language, Phrase, Text};

/// What `--help` says about a command or an option: `gateway run`, `logs --lines`. `None` for what does not exist.
pub fn help(name: &str) -> Option<Text> {
    let mut table = HELP.iter().chain(OPERATE);
    let found = table.find(|(key, _)| *key == name);
    found.map(|(_, text)| *text)
}

/// Every command and option that `--help` knows about.
pub fn helped() -> impl Iterator<Item = &'static str> {
    HELP.iter().chain(OPERATE).map(|(name, _)| *name)
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
        Text::new(
            "查看、修改和检查配置",
            "Look at the configuration, change it and check it",
        ),
    ),
    (
        "config get",
        Text::new(
            "显示配置文件里的一项（不写路径则显示全部），密钥打码",
            "Show what the file says about a setting, or all of it; secrets are masked",
        ),
    ),
    (
        "config get [PATH]",
        Text::new(
            "路径，例如 channels.dingtalk.dmPolicy",
            "The path, such as channels.dingtalk.dmPolicy",
        ),
    ),
    ("config get --json", JSON),
    (
        "config set",
        Text::new(
            "修改配置项，保留注释和顺序；改坏配置的修改不会写入",
            "Change settings; comments and order stay, and what would break the file is not written",
        ),
    ),
    (
        "config set [PATH VALUE]",
        Text::new(
            "路径和值，可以写几对；值是 JSON5 或文本，写 - 从标准输入读",
            "Path and value, or several pairs; a value is JSON5 or text, - reads the standard input",
        ),
    ),
    ("config set --dry-run", DRY_RUN),
    ("config set --json", JSON),
    ("config unset", Text::new("删除配置项", "Take settings out")),
    (
        "config unset [PATH]",
        Text::new("路径，可以写几个", "The path, or several"),
    ),
    ("config unset --dry-run", DRY_RUN),
    ("config unset --json", JSON),
    (
        "config patch",
        Text::new(
            "合并一段 JSON5：null 表示删除",
            "Join a piece of JSON5 with the file; null takes a setting out",
        ),
    ),
    (
        "config patch --file",
        Text::new("从文件读", "Read it from a file"),
    ),
    (
        "config patch --stdin",
        Text::new("从标准输入读", "Read it from the standard input"),
    ),
    ("config patch --dry-run", DRY_RUN),
    ("config patch --json", JSON),
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
        "outbox",
        Text::new(
            "查看和处理没有送达的回复",
            "Look at replies that were not delivered, and deal with them",
        ),
    ),
    (
        "outbox list",
        Text::new(
            "列出待发送和发送失败的回复及原因",
            "List replies that wait or failed, and why",
        ),
    ),
    ("outbox list --json", JSON),
    (
        "outbox retry",
        Text::new(
            "重新发送失败的回复（按编号，或 --all）",
            "Send failed replies again, by id or --all",
        ),
    ),
    (
        "outbox retry [ID]",
        Text::new(
            "chela outbox list 列出的编号",
            "Ids as chela outbox list shows them",
        ),
    ),
    (
        "outbox retry --all",
        Text::new("所有发送失败的回复", "All replies that failed"),
    ),
    (
        "outbox retry --force",
        Text::new(
            "连可能已经送达的也重发（对方可能看到两次）",
            "Also those that may have arrived, which people may then see twice",
        ),
    ),
    ("outbox retry --json", JSON),
    (
        "outbox drop",
        Text::new(
            "放弃回复，不再发送（按编号，或 --all）",
            "Give replies up for good, by id or --all",
        ),
    ),
    (
        "outbox drop [ID]",
        Text::new(
            "chela outbox list 列出的编号",
            "Ids as chela outbox list shows them",
        ),
    ),
    (
        "outbox drop --all",
        Text::new(
            "所有发送失败的回复（待发送的只能按编号放弃）",
            "All replies that failed; those that wait only by id",
        ),
    ),
    ("outbox drop --json", JSON),
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

pub(super) const DRY_RUN: Text = Text::new("只检查，不写入", "Check only; write nothing");
pub(super) const JSON: Text = Text::new("输出 JSON，供程序使用", "Print JSON, for programs");

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

/// The sentences of `config get`, `set`, `unset` and `patch`.
pub mod config {
    use super::{Phrase, phrase};

    /// It does not stand in the file.
    pub fn absent(key: &str) -> Phrase {
        phrase!(
            "配置文件里没有 {key}。",
            "{key} does not stand in the file."
        )
    }

    /// It is no path.
    pub fn no_path(text: &str) -> Phrase {
        phrase!(
            "看不懂路径 \"{text}\"。",
            "the path \"{text}\" cannot be understood."
        )
    }

    /// The path leads nowhere.
    pub fn no_way(key: &str) -> Phrase {
        phrase!(
            "走不到 {key}：路上的某一项不是对象或列表，或者列表没有这么长。",
            "{key} cannot be reached: something on the way is neither object nor list, or a list is shorter.",
        )
    }

    /// A path without a value.
    pub fn no_value(path: &str) -> Phrase {
        phrase!(
            "{path} 后面少了值。可以一次写几对：chela config set 路径 值 路径 值；值写 - 从标准输入读。",
            "{path} lacks its value. Several pairs may follow each other; - reads the value from the standard input.",
        )
    }

    /// Nothing to lay over the file.
    pub fn no_patch() -> Phrase {
        phrase!(
            "用 --file 文件 或 --stdin 给出要合并的内容。",
            "give what to join with --file FILE or --stdin.",
        )
    }

    /// What is to be laid over the file is no object.
    pub fn no_object() -> Phrase {
        phrase!(
            "要合并的内容应该是一个 JSON5 对象 {{…}}。",
            "what is joined is a JSON5 object {{…}}.",
        )
    }

    /// The file must be mended by hand.
    pub fn mend_first() -> Phrase {
        phrase!(
            "先按 chela config validate 的提示改好文件。",
            "mend the file first, as chela config validate says.",
        )
    }

    /// Somebody else has written it.
    pub fn changed_meanwhile() -> Phrase {
        phrase!(
            "文件刚刚被别人改过，没有写入；再运行一次。",
            "somebody else has just changed the file, and nothing was written; try again.",
        )
    }

    /// It is written.
    pub fn changed(path: &str, keys: &str) -> Phrase {
        phrase!(
            "已更新 {path}：{keys}。运行中的网关会自动应用，结果见 chela gateway status。",
            "{path} is updated: {keys}. A running gateway follows by itself; see chela gateway status.",
        )
    }

    /// It would be written.
    pub fn would_change(path: &str, keys: &str) -> Phrase {
        phrase!(
            "试运行，没有写入。会更新 {path}：{keys}",
            "nothing was written; this would update {path}: {keys}",
        )
    }

    /// It says so already.
    pub fn unchanged(path: &str) -> Phrase {
        phrase!("{path} 已经是这样，没有改动。", "{path} says so already.")
    }
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

    /// The cards of a bot pause.
    pub fn cards_paused(code: &str, left: &str, reason: &str) -> Phrase {
        phrase!(
            "{code}：卡片暂停，{left}后再试，期间答案改为普通消息。{reason}",
            "{code}: cards pause and are tried again in {left}; answers come as messages meanwhile. {reason}",
        )
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

    /// The configuration has changed, and the change holds.
    pub fn reloaded(ago: &str, changed: &str) -> Phrase {
        phrase!(
            "{ago}前更新了配置：{changed}",
            "the configuration changed {ago} ago: {changed}",
        )
    }

    /// The configuration has changed, and the change cannot hold.
    pub fn not_reloaded(ago: &str) -> Phrase {
        phrase!(
            "{ago}前改过的配置用不了，仍按原来的运行。检查：chela config validate",
            "the configuration that was changed {ago} ago cannot be used; the one before still holds. Run chela config validate",
        )
    }

    /// Settings that hold only after a restart.
    pub fn after_restart(keys: &str) -> Phrase {
        phrase!(
            "重启网关后才生效：{keys}",
            "these hold after a restart: {keys}",
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

/// The sentences of `outbox`.
pub mod outbox {
    use super::{Language, Phrase, Text, phrase};
    use crate::outbox::{Fate, Handled, Row, RowState};

    /// There are no rows.
    pub const EMPTY: Text = Text::new(
        "没有待发送或发送失败的回复。",
        "no reply waits, and none has failed.",
    );
    /// `--all` found none.
    pub const NOTHING: Text = Text::new("没有发送失败的回复。", "no reply has failed.");
    /// Neither ids nor `--all`.
    pub const WHICH: Text = Text::new(
        "请写出编号（见 chela outbox list），或用 --all。",
        "give ids (see chela outbox list), or --all.",
    );
    /// What the journal says of dropped rows.
    pub const DROPPED_BY_OPERATOR: Text =
        Text::new("管理员放弃了这条回复", "dropped by an operator");

    /// The state of a row.
    pub fn state(row: &Row) -> Text {
        match (row.state, row.uncertain) {
            (RowState::Waiting, _) => Text::new("待发送", "waiting"),
            (RowState::Failed, false) => Text::new("发送失败", "failed"),
            (RowState::Failed, true) => Text::new("结果不明", "uncertain"),
        }
    }

    /// Why a row is still there.
    pub fn reason(row: &Row, language: Language) -> String {
        let waits = Text::new("排在前一条之后，或马上发送", "it is its turn next, or soon");
        let unsure = Text::new("可能已经送达：", "perhaps delivered: ");
        match &row.reason {
            None => waits.get(language).to_owned(),
            Some(reason) if row.uncertain => format!("{}{reason}", unsure.get(language)),
            Some(reason) => reason.clone(),
        }
    }

    /// How often it was tried.
    pub fn tries(count: &str) -> Phrase {
        phrase!("失败过 {count} 次", "{count} tries failed")
    }

    /// What became of a row.
    pub fn handled(handled: &Handled) -> Phrase {
        let id = handled.id;
        match handled.result {
            Fate::Queued => {
                let new = handled.new_id.unwrap_or(id);
                phrase!(
                    "{id}：将重新发送，新编号 {new}",
                    "{id}: will be sent again as {new}"
                )
            }
            Fate::Dropped => phrase!("{id}：已放弃", "{id}: dropped"),
            Fate::Uncertain => phrase!(
                "{id}：可能已经送达，没有重发；确认对方没有收到，再加 --force",
                "{id}: may have arrived and was not sent again; if nobody has seen it, add --force",
            ),
            Fate::Waiting => phrase!(
                "{id}：还在排队，会自动发送",
                "{id}: is on its way and tried again by itself",
            ),
            Fate::Unknown => phrase!(
                "{id}：没有这一条，或者已经送达",
                "{id}: there is no such row, or it was delivered",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::is_chinese;
    use super::*;

    #[test]
    fn help_is_there_in_both_languages() {
        for (name, text) in HELP.iter().chain(OPERATE) {
            assert!(is_chinese(text.zh), "{name}");
            assert!(!text.en.is_empty() && !is_chinese(text.en), "{name}");
        }
    }
}
