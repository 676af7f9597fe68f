//! The words of the command line.

use std::path::Path;

use super::help::all;
use super::text::phrase;
use super::{Language, Phrase, Text};

/// What `--help` says about a command or an option: `gateway run`, `logs --lines`. `None` for what does not exist.
pub fn help(name: &str) -> Option<Text> {
    let found = all().find(|(key, _)| *key == name);
    found.map(|(_, text)| *text)
}

/// Every command and option that `--help` knows about.
pub fn helped() -> impl Iterator<Item = &'static str> {
    all().map(|(name, _)| *name)
}

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

/// The words of `usage`.
pub mod usage {
    use super::{Phrase, Text, phrase};

    /// No turn asked a model.
    pub const NOTHING: Text = Text::new(
        "这段时间没有调用过模型。",
        "No model was asked in this time.",
    );

    /// How much was used.
    pub fn amount(
        turns: u64,
        input: u64,
        cached: u64,
        output: u64,
        cost: Option<String>,
    ) -> Phrase {
        let (cost_zh, cost_en) = match cost {
            Some(cost) => (format!("，费用 {cost}"), format!(", cost {cost}")),
            None => (String::new(), String::new()),
        };
        phrase!(
            "{turns} 次，输入 {input}（缓存 {cached}），输出 {output}{cost_zh}",
            "{turns} turns, {input} tokens read ({cached} cached), {output} written{cost_en}",
        )
    }
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
    use chela_channels::dingtalk::quota::Gauge;

    use super::{Language, Phrase, Text, phrase};
    use crate::admin::{State, ToolServer};
    use crate::catalogue::Code;

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
            State::Incomplete => Text::new("未启动：缺少凭证", "not started: lacks credentials"),
        }
    }

    /// When the platform last showed life.
    pub fn last_frame(ago: &str) -> Phrase {
        phrase!("{ago}前有消息往来", "last sign of life {ago} ago")
    }

    /// What is left of the month for these bots.
    pub fn answers_left(bots: &str, answers: u64, until: &str) -> Phrase {
        phrase!(
            "本月额度（{bots}）：大约还能回答 {answers} 条，{until}后重置",
            "quota of the month ({bots}): about {answers} more answers, renewed in {until}",
        )
    }

    /// How much of a budget is used.
    pub fn used(name: Text, gauge: &Gauge) -> Phrase {
        let Gauge {
            limit,
            left,
            per_day,
            ..
        } = gauge;
        let used = limit.saturating_sub(*left);
        phrase!(
            "{zh}：已用 {used}/{limit}，近 7 天平均每天 {per_day}",
            "{en}: {used} of {limit} used, {per_day} a day lately",
            zh = name.zh,
            en = name.en,
        )
    }

    /// When a budget will be used up.
    pub fn exhausted_in(left: &str) -> Phrase {
        phrase!("，照此 {left}后用完", "; used up in {left} at this pace")
    }

    /// How a server of tools is.
    pub fn tool_server(server: &ToolServer) -> Phrase {
        let (name, tools) = (&server.name, server.tools);
        match &server.trouble {
            _ if server.is_running => phrase!(
                "工具服务 {name}：运行中，{tools} 个工具",
                "server of tools {name}: runs, {tools} tools",
            ),
            None => phrase!(
                "工具服务 {name}：正在启动",
                "server of tools {name}: is being started",
            ),
            Some(trouble) => phrase!(
                "工具服务 {name}：没有运行（{code}），会自动重试：{trouble}",
                "server of tools {name}: does not run ({code}) and is tried again: {trouble}",
                code = Code::ToolServerDown,
            ),
        }
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
        for (name, text) in all() {
            assert!(is_chinese(text.zh), "{name}");
            assert!(!text.en.is_empty() && !is_chinese(text.en), "{name}");
        }
    }
}
