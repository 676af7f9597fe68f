//! What `--help` says about commands and options.

mod operate;
mod setup;

use self::operate::OPERATE;
use self::setup::SETUP;
use super::Text;

/// All commands and options with their descriptions.
pub(super) fn all() -> impl Iterator<Item = &'static (&'static str, Text)> {
    HELP.iter()
        .chain(SETUP)
        .chain(OPERATE)
        .chain(super::conversations::HELP)
        .chain(super::cron::HELP)
        .chain(super::pairing::HELP)
}

const DRY_RUN: Text = Text::new("只检查，不写入", "Check only; write nothing");
const JSON: Text = Text::new("输出 JSON，供程序使用", "Print JSON, for programs");
const PLUGIN: Text = Text::new(
    "插件的名字，或者 npm 包名",
    "Name of the plugin, or of its npm package",
);

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
    (
        "usage",
        Text::new(
            "查看模型用量和费用：按天、智能体、人和模型",
            "Show what was used of models, by day, agent, person and model",
        ),
    ),
    (
        "usage --days",
        Text::new(
            "最近多少天，含今天（默认 1）",
            "How many days, today included (default 1)",
        ),
    ),
    (
        "usage --agent",
        Text::new("只看一个智能体", "Only those of one agent"),
    ),
    ("usage --json", JSON),
    (
        "gateway usage-cost",
        Text::new("同 chela usage", "The same as chela usage"),
    ),
    (
        "gateway usage-cost --days",
        Text::new(
            "最近多少天，含今天（默认 1）",
            "How many days, today included (default 1)",
        ),
    ),
    (
        "gateway usage-cost --agent",
        Text::new("只看一个智能体", "Only those of one agent"),
    ),
    ("gateway usage-cost --json", JSON),
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
