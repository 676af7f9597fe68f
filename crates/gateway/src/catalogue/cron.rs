//! The words of `cron`: help, what is listed, and why something is not done.

use super::text::phrase;
use super::{Code, Failure, Language, Phrase, Text};
use crate::schedule::{Refusal, RunState};

const JSON: Text = Text::new("输出 JSON，供程序使用", "Print JSON, for programs");
const AT: Text = Text::new(
    "只运行一次：2026-12-01T09:00，或 +20m（20 分钟后）",
    "Once: 2026-12-01T09:00, or +20m from now",
);
const EVERY: Text = Text::new(
    "每隔一段时间：30m、2h、1d（最短 1m）",
    "In intervals: 30m, 2h, 1d (1m at least)",
);
const CRON: Text = Text::new(
    "cron 表达式，五段：分 时 日 月 周，如 \"0 9 * * 1-5\"",
    "A cron expression of five fields, such as \"0 9 * * 1-5\"",
);
const TZ: Text = Text::new(
    "时区，如 Asia/Shanghai（默认 userTimezone，或本机时区）",
    "Time zone, such as Asia/Shanghai (default: userTimezone, else the machine's)",
);
const MESSAGE: Text = Text::new("到时间问智能体的话", "What the agent is asked then");
const NAME: Text = Text::new("任务的名字", "Name of the job");
const AGENT: Text = Text::new("由哪个智能体回答", "Which agent answers");
const SESSION: Text = Text::new(
    "isolated：每次新会话（默认）；main 或 current：目标聊天的会话",
    "isolated: a new session each time (default); main or current: that of the chat",
);
const CHANNEL: Text = Text::new("渠道，目前是 dingtalk", "The channel: dingtalk");
const TO: Text = Text::new(
    "发给谁：user:编号、group:编号、会话编号，或者写过消息的人和群的名字",
    "Where the answer goes: user:ID, group:ID, a conversation's id, or the name of who has written",
);
const ACCOUNT: Text = Text::new("用哪个机器人发", "Which bot speaks");
const DELIVER: Text = Text::new(
    "把回答发出去（总是如此，为兼容 OpenClaw）",
    "Deliver the answer (always so; as in OpenClaw)",
);
const ONCE: Text = Text::new(
    "送达后删除任务（--at 默认如此）",
    "Forget the job when its answer has arrived (usual with --at)",
);
const KEEP: Text = Text::new("运行后保留任务", "Keep the job after its run");
const ID: Text = Text::new(
    "任务编号，见 chela cron list",
    "Id of the job, as chela cron list shows it",
);

/// What `--help` says.
pub(super) const HELP: &[(&str, Text)] = &[
    (
        "cron",
        Text::new(
            "定时任务：到时间让智能体做一件事，把回答发到聊天里",
            "Jobs: what agents are asked at set times, and answer to a chat",
        ),
    ),
    (
        "cron list",
        Text::new(
            "列出任务、下次时间和上次结果",
            "List jobs with their next time and what became of the last",
        ),
    ),
    (
        "cron list --all",
        Text::new("连停用的也列出", "Those that are off, too"),
    ),
    ("cron list --json", JSON),
    ("cron add", Text::new("新建任务", "Make a job")),
    ("cron add --name", NAME),
    ("cron add --at", AT),
    ("cron add --every", EVERY),
    ("cron add --cron", CRON),
    ("cron add --tz", TZ),
    ("cron add --message", MESSAGE),
    ("cron add --agent", AGENT),
    ("cron add --session", SESSION),
    ("cron add --channel", CHANNEL),
    ("cron add --to", TO),
    ("cron add --account", ACCOUNT),
    ("cron add --announce", DELIVER),
    ("cron add --deliver", DELIVER),
    ("cron add --delete-after-run", ONCE),
    ("cron add --keep-after-run", KEEP),
    (
        "cron add --disabled",
        Text::new("先不启用", "Switched off at first"),
    ),
    ("cron add --json", JSON),
    (
        "cron edit",
        Text::new(
            "修改任务，没写的保持不变",
            "Change a job; what is not given stays",
        ),
    ),
    ("cron edit [ID]", ID),
    ("cron edit --name", NAME),
    ("cron edit --at", AT),
    ("cron edit --every", EVERY),
    ("cron edit --cron", CRON),
    ("cron edit --tz", TZ),
    ("cron edit --message", MESSAGE),
    ("cron edit --agent", AGENT),
    ("cron edit --session", SESSION),
    ("cron edit --channel", CHANNEL),
    ("cron edit --to", TO),
    ("cron edit --account", ACCOUNT),
    ("cron edit --announce", DELIVER),
    ("cron edit --deliver", DELIVER),
    ("cron edit --delete-after-run", ONCE),
    ("cron edit --keep-after-run", KEEP),
    ("cron edit --enable", Text::new("启用", "Switch it on")),
    ("cron edit --disable", Text::new("停用", "Switch it off")),
    ("cron edit --json", JSON),
    ("cron enable", Text::new("启用任务", "Switch a job on")),
    ("cron enable [ID]", ID),
    ("cron enable --json", JSON),
    ("cron disable", Text::new("停用任务", "Switch a job off")),
    ("cron disable [ID]", ID),
    ("cron disable --json", JSON),
    ("cron rm", Text::new("删除任务", "Remove a job")),
    ("cron rm [ID]", ID),
    ("cron rm --json", JSON),
    (
        "cron run",
        Text::new("现在就运行一次", "Run a job now, once"),
    ),
    ("cron run [ID]", ID),
    ("cron run --json", JSON),
    (
        "cron runs",
        Text::new(
            "运行记录：结果、用时、是否送达",
            "Runs: what came of them, how long they took, whether the answer arrived",
        ),
    ),
    ("cron runs [ID]", ID),
    ("cron runs --id", ID),
    (
        "cron runs --limit",
        Text::new("最多几条（默认 20）", "At most so many (default: 20)"),
    ),
    ("cron runs --json", JSON),
];

/// There are no jobs.
pub const NONE: Text = Text::new(
    "还没有定时任务。新建：chela cron add --cron \"0 9 * * 1-5\" --message … --to …",
    "there are no jobs. Make one: chela cron add --cron \"0 9 * * 1-5\" --message … --to …",
);
/// There are no runs.
pub const NO_RUNS: Text = Text::new("还没有运行记录。", "nothing has run yet.");
/// A job that is not due.
pub const OFF: Text = Text::new("停用", "off");
/// In front of the next time.
pub const NEXT: Text = Text::new("下次", "next");
/// In front of what became of the last run.
pub const LAST: Text = Text::new("上次", "last");

/// What became of a run.
pub fn state(state: RunState) -> Text {
    match state {
        RunState::Running => Text::new("运行中", "running"),
        RunState::Delivering => Text::new("发送中", "being delivered"),
        RunState::Delivered => Text::new("已送达", "delivered"),
        RunState::DeliveryFailed => Text::new("没有送达", "not delivered"),
        RunState::Failed => Text::new("没有得到回答", "no answer"),
        RunState::Missed => Text::new("错过", "missed"),
        RunState::Denied => Text::new("没有权限", "not allowed"),
    }
}

/// A job was made or changed.
pub fn kept(id: &str, next: Option<&str>) -> Phrase {
    match next {
        Some(next) => phrase!("任务 {id}：下次 {next}", "job {id}: next {next}"),
        None => phrase!("任务 {id}：停用", "job {id}: off"),
    }
}

/// A job is gone.
pub fn removed(id: &str) -> Phrase {
    phrase!("任务 {id} 已删除。", "job {id} is removed.")
}

/// A run was begun.
pub fn begun(run: &str) -> Phrase {
    phrase!(
        "已开始运行：{run}。结果见 chela cron runs。",
        "begun: {run}. chela cron runs tells what comes of it."
    )
}

/// How long a turn took.
pub fn seconds(milliseconds: u64, language: Language) -> String {
    let seconds = format!("{}.{}", milliseconds / 1_000, milliseconds % 1_000 / 100);
    let took = phrase!("{seconds} 秒", "{seconds} s");
    took.get(language).to_owned()
}

/// Why something is not done.
pub fn refused(refusal: &Refusal) -> Failure {
    let (code, message) = explain(refusal);
    Failure::new(code).message(message)
}

fn explain(refusal: &Refusal) -> (Code, Phrase) {
    let code = match refusal {
        Refusal::Agent { .. }
        | Refusal::Account { .. }
        | Refusal::Target { .. }
        | Refusal::Elsewhere => Code::CronTarget,
        Refusal::Full { .. } => Code::CronFull,
        Refusal::Unknown { .. } => Code::CronUnknown,
        Refusal::NotRunning => Code::NotRunning,
        Refusal::Store => Code::StoreFailed,
        _ => Code::CronSchedule,
    };
    let message = match refusal {
        Refusal::Target { reason } => phrase!(
            "找不到发送目标，或者名字不止一个：{reason}",
            "the target cannot be found, or is not the only one: {reason}"
        ),
        Refusal::Agent {
            given,
            nearest,
            known,
        } => unknown_agent(given, nearest.as_deref(), &known.join(", ")),
        Refusal::Account { given, known } => {
            let known = known.join(", ");
            phrase!(
                "没有机器人 \"{given}\"。已配置：{known}。",
                "there is no bot \"{given}\". Configured: {known}."
            )
        }
        Refusal::Elsewhere => phrase!(
            "只有管理员（commands.ownerAllowFrom）可以把任务发到别的聊天。",
            "only owners (commands.ownerAllowFrom) may have jobs answer to another chat."
        ),
        Refusal::Full { each, all } => phrase!(
            "任务太多：每人最多 {each} 个，一共最多 {all} 个。先删除不用的。",
            "there are too many jobs: {each} for each person, {all} in all. Remove some first."
        ),
        Refusal::Unknown { id } => phrase!(
            "没有编号为 \"{id}\" 的任务。用 chela cron list --all 查看。",
            "there is no job \"{id}\". See chela cron list --all."
        ),
        Refusal::NotRunning => phrase!(
            "网关没有运行，不能立即运行任务。先运行 chela gateway start。",
            "the gateway does not run, so nothing can be run now. Start it first: chela gateway start."
        ),
        Refusal::Store => phrase!(
            "数据库出错，没有完成；原因在网关的日志里。",
            "the store failed; the log of the gateway says why."
        ),
        Refusal::Missing { what } => {
            phrase!("还要给出 {what}。", "{what} must be given, too.")
        }
        Refusal::TooLong { most } => phrase!(
            "文字太长，最多 {most} 个字。",
            "the text is too long; {most} characters at most."
        ),
        _ => schedule(refusal),
    };
    (code, message)
}

fn unknown_agent(given: &str, nearest: Option<&str>, known: &str) -> Phrase {
    match nearest {
        Some(nearest) => phrase!(
            "没有智能体 \"{given}\"，是不是 \"{nearest}\"？",
            "there is no agent \"{given}\"; perhaps \"{nearest}\"?"
        ),
        None => phrase!(
            "没有智能体 \"{given}\"。可以用：{known}。",
            "there is no agent \"{given}\". There are: {known}."
        ),
    }
}

/// What is wrong with a time.
fn schedule(refusal: &Refusal) -> Phrase {
    match refusal {
        Refusal::At { given, nearest } => phrase!(
            "看不懂时间 \"{given}\"。可以写 \"{nearest}\" 这样的日期时间（不带时区名），或者 +20m。",
            "the time \"{given}\" cannot be read. Write a date and time like \"{nearest}\" without the zone, or +20m."
        ),
        Refusal::Past { given, nearest } => phrase!(
            "{given} 已经过去。最近的同一时刻是 {nearest}。",
            "{given} has passed. The same time of day comes next on {nearest}."
        ),
        Refusal::Every { given } => phrase!(
            "间隔 \"{given}\" 不行：写成 30m、2h、1d，最短 1m。",
            "the interval \"{given}\" cannot be: write 30m, 2h, 1d; 1m at least."
        ),
        Refusal::Fields { given, count } => phrase!(
            "cron 表达式 \"{given}\" 有 {count} 段，要有五段：分 时 日 月 周，例如 \"0 9 * * 1-5\"。",
            "the cron expression \"{given}\" has {count} fields; it needs five: minute hour day month weekday, such as \"0 9 * * 1-5\"."
        ),
        Refusal::Field {
            place,
            given,
            least,
            most,
            nearest,
        } => {
            let names = ["分钟", "小时", "日", "月", "星期"];
            let english = ["minute", "hour", "day", "month", "weekday"];
            let (zh, en) = (
                names.get(*place).copied().unwrap_or_default(),
                english.get(*place).copied().unwrap_or_default(),
            );
            match nearest {
                Some(nearest) => phrase!(
                    "cron 表达式的{zh}不能是 {given}，范围是 {least}–{most}。最接近的是 \"{nearest}\"。",
                    "the {en} of a cron expression cannot be {given}, only {least}–{most}. The nearest is \"{nearest}\"."
                ),
                None => phrase!(
                    "看不懂 cron 表达式的{zh} \"{given}\"：写 {least}–{most} 的数字，或 *、1-5、*/10。",
                    "the {en} \"{given}\" of the cron expression cannot be read: a number from {least} to {most}, or *, 1-5, */10."
                ),
            }
        }
        Refusal::Never { given, nearest } => phrase!(
            "cron 表达式 \"{given}\" 的日期永远不会到来。最接近的是 \"{nearest}\"。",
            "the dates of the cron expression \"{given}\" never come. The nearest is \"{nearest}\"."
        ),
        Refusal::Zone {
            given,
            nearest: Some(nearest),
        } => phrase!(
            "没有时区 \"{given}\"，是不是 \"{nearest}\"？",
            "there is no time zone \"{given}\"; perhaps \"{nearest}\"?"
        ),
        Refusal::Zone { given, .. } => phrase!(
            "没有时区 \"{given}\"。写成 Asia/Shanghai 这样的名字。",
            "there is no time zone \"{given}\". Write a name such as Asia/Shanghai."
        ),
        _ => phrase!(
            "请给出 --at、--every、--cron 中的一个，且只给一个。",
            "give exactly one of --at, --every and --cron."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::is_chinese;
    use super::*;

    #[test]
    fn every_refusal_is_said_in_both_languages_and_names_the_nearest() {
        let text = |text: &str| text.to_owned();
        let refusals = [
            Refusal::Missing { what: text("to") },
            Refusal::OneSchedule,
            Refusal::At {
                given: text("soon"),
                nearest: text("nearest"),
            },
            Refusal::Past {
                given: text("2020-01-01 09:00"),
                nearest: text("nearest"),
            },
            Refusal::Every { given: text("5") },
            Refusal::Fields {
                given: text("0 9"),
                count: 2,
            },
            Refusal::Field {
                place: 4,
                given: text("8"),
                least: 0,
                most: 7,
                nearest: Some(text("nearest")),
            },
            Refusal::Field {
                place: 0,
                given: text("x"),
                least: 0,
                most: 59,
                nearest: None,
            },
            Refusal::Never {
                given: text("0 9 31 2 *"),
                nearest: text("nearest"),
            },
            Refusal::Zone {
                given: text("Asia/Shangai"),
                nearest: Some(text("nearest")),
            },
            Refusal::Zone {
                given: text("Mars"),
                nearest: None,
            },
            Refusal::Agent {
                given: text("mian"),
                nearest: Some(text("nearest")),
                known: vec![text("main")],
            },
            Refusal::Agent {
                given: text("x"),
                nearest: None,
                known: vec![text("main")],
            },
            Refusal::Account {
                given: text("x"),
                known: vec![text("default")],
            },
            Refusal::Target { reason: text("x") },
            Refusal::Elsewhere,
            Refusal::TooLong { most: 5 },
            Refusal::Full { each: 1, all: 2 },
            Refusal::Unknown { id: text("x") },
            Refusal::NotRunning,
            Refusal::Store,
        ];
        for refusal in refusals {
            let (_, phrase) = explain(&refusal);
            let (zh, en) = (phrase.get(Language::Chinese), phrase.get(Language::English));
            assert!(is_chinese(zh), "{refusal:?}: {zh}");
            assert!(!is_chinese(en), "{refusal:?}: {en}");
            let nearest = format!("{refusal:?}").contains("\"nearest\"");
            assert_eq!(nearest, zh.contains("nearest"), "{zh}");
        }
    }
}
