//! What `--help` says about commands and options.
// tidy: allow(length, a table of all commands and options reads best in one piece.)

use super::Text;

/// All commands and options with their descriptions.
pub(super) fn all() -> impl Iterator<Item = &'static (&'static str, Text)> {
    HELP.iter().chain(OPERATE)
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

/// Those with which a gateway is operated.
const OPERATE: &[(&str, Text)] = &[
    (
        "gateway start",
        Text::new(
            "在后台启动网关（装了服务就用服务）",
            "Start the gateway in the background, as a service where it is one",
        ),
    ),
    ("gateway start --json", JSON),
    (
        "gateway stop",
        Text::new(
            "停止网关，先把正在回答的答完",
            "Stop the gateway; it finishes its answers first",
        ),
    ),
    (
        "gateway stop --force",
        Text::new("强行结束，不等", "End it at once"),
    ),
    ("gateway stop --json", JSON),
    (
        "gateway restart",
        Text::new(
            "重启网关（配置有错就不重启）",
            "Restart the gateway, unless the configuration is wrong",
        ),
    ),
    ("gateway restart --json", JSON),
    (
        "gateway health",
        Text::new(
            "网关是否正常：ok、degraded、starting 或 stopped",
            "Whether the gateway is well: ok, degraded, starting or stopped",
        ),
    ),
    ("gateway health --json", JSON),
    (
        "gateway install",
        Text::new(
            "安装为系统服务，开机自动运行",
            "Install it as a service that starts with the machine",
        ),
    ),
    (
        "gateway install --user",
        Text::new("只为当前用户", "For this user only"),
    ),
    (
        "gateway install --system",
        Text::new("为整台机器（需要 root）", "For the whole machine, as root"),
    ),
    ("gateway install --dry-run", DRY_RUN),
    ("gateway install --json", JSON),
    (
        "gateway uninstall",
        Text::new("卸载系统服务", "Remove the service"),
    ),
    ("gateway uninstall --json", JSON),
    (
        "status",
        Text::new("同 gateway status", "The same as gateway status"),
    ),
    ("status --json", JSON),
    (
        "health",
        Text::new("同 gateway health", "The same as gateway health"),
    ),
    ("health --json", JSON),
    (
        "logs --grep",
        Text::new("只显示含有这段文字的行", "Only lines that hold this text"),
    ),
    (
        "trace",
        Text::new(
            "一条消息的全程：收到、路由、回答、发送，每步的时间和结果",
            "The way of one message from its arrival to its receipt, step by step",
        ),
    ),
    (
        "trace [ID]",
        Text::new(
            "消息编号，或回复的 processQueryKey",
            "Id of the message, or processQueryKey of its answer",
        ),
    ),
    ("trace --json", JSON),
    (
        "channels",
        Text::new("查看和管理机器人", "Look at the bots and manage them"),
    ),
    (
        "channels list",
        Text::new("列出配置里的机器人", "List the bots of the configuration"),
    ),
    ("channels list --json", JSON),
    (
        "channels status",
        Text::new("每个机器人是否连接", "Whether each bot is connected"),
    ),
    ("channels status --json", JSON),
    (
        "channels add",
        Text::new(
            "添加机器人；密钥从标准输入、变量或文件读",
            "Add a bot; its secret comes from the standard input, a variable or a file",
        ),
    ),
    (
        "channels add --account",
        Text::new(
            "机器人在配置里的名字（默认 default）",
            "Its name in the configuration (default: default)",
        ),
    ),
    (
        "channels add --name",
        Text::new("显示的名字", "The name that is shown"),
    ),
    (
        "channels add --client-id",
        Text::new("应用的 Client ID", "Client ID of the app"),
    ),
    (
        "channels add --client-secret-env",
        Text::new("密钥在哪个环境变量里", "The variable that holds the secret"),
    ),
    (
        "channels add --client-secret-file",
        Text::new("密钥在哪个文件里", "The file that holds the secret"),
    ),
    ("channels add --dry-run", DRY_RUN),
    ("channels add --json", JSON),
    (
        "channels remove",
        Text::new("停用机器人", "Switch a bot off"),
    ),
    (
        "channels remove --account",
        Text::new(
            "机器人的名字（默认 default）",
            "Its name (default: default)",
        ),
    ),
    (
        "channels remove --delete",
        Text::new("从配置里删掉", "Take it out of the configuration"),
    ),
    ("channels remove --dry-run", DRY_RUN),
    ("channels remove --json", JSON),
    (
        "channels logs",
        Text::new(
            "机器人和钉钉的日志",
            "What the log tells of the bots and of DingTalk",
        ),
    ),
    (
        "channels logs --follow",
        Text::new("持续显示新的日志", "Go on with new lines"),
    ),
    (
        "channels logs --lines",
        Text::new(
            "先显示最后多少行（默认 100）",
            "How many of the last lines to begin with (default 100)",
        ),
    ),
    (
        "channels logs --level",
        Text::new(
            "只显示这个级别及更重要的",
            "Only lines of this level and above",
        ),
    ),
    (
        "channels logs --grep",
        Text::new("只显示含有这段文字的行", "Only lines that hold this text"),
    ),
    (
        "channels logs --json",
        Text::new("按原样输出 JSON 行", "Print the JSON lines as they are"),
    ),
    (
        "agents",
        Text::new("查看和管理智能体", "Look at the agents and manage them"),
    ),
    (
        "agents list",
        Text::new(
            "列出智能体，* 是默认的",
            "List the agents; * marks the default",
        ),
    ),
    ("agents list --json", JSON),
    ("agents add", Text::new("添加智能体", "Add an agent")),
    ("agents add [NAME]", Text::new("名字", "Its name")),
    (
        "agents add --model",
        Text::new("用哪个模型", "The model that it asks"),
    ),
    (
        "agents add --workspace",
        Text::new("工作目录", "The folder that it works in"),
    ),
    ("agents add --dry-run", DRY_RUN),
    ("agents add --json", JSON),
    (
        "agents bind",
        Text::new(
            "让智能体回答某个机器人或会话",
            "Let an agent answer a bot or a chat",
        ),
    ),
    ("agents bind --agent", Text::new("智能体", "The agent")),
    (
        "agents bind --bind",
        Text::new(
            "哪个机器人：dingtalk 或 dingtalk:名字，dingtalk:* 是全部",
            "Which bot: dingtalk or dingtalk:NAME; dingtalk:* means all",
        ),
    ),
    (
        "agents bind --peer",
        Text::new(
            "只在这个会话：direct:工号 或 group:会话编号",
            "Only in this chat: direct:ID or group:ID",
        ),
    ),
    ("agents bind --dry-run", DRY_RUN),
    ("agents bind --json", JSON),
    ("agents unbind", Text::new("取消绑定", "Take a binding out")),
    ("agents unbind --agent", Text::new("智能体", "The agent")),
    (
        "agents unbind --bind",
        Text::new(
            "哪个机器人：dingtalk 或 dingtalk:名字，dingtalk:* 是全部",
            "Which bot: dingtalk or dingtalk:NAME; dingtalk:* means all",
        ),
    ),
    (
        "agents unbind --peer",
        Text::new(
            "只在这个会话：direct:工号 或 group:会话编号",
            "Only in this chat: direct:ID or group:ID",
        ),
    ),
    ("agents unbind --dry-run", DRY_RUN),
    ("agents unbind --json", JSON),
    (
        "agents unbind --all",
        Text::new("这个智能体的所有绑定", "All bindings of the agent"),
    ),
    (
        "agents bindings",
        Text::new(
            "列出绑定：谁在哪里回答",
            "List the bindings: who answers where",
        ),
    ),
    ("agents bindings --json", JSON),
    (
        "models",
        Text::new("查看和选择模型", "Look at the models and choose one"),
    ),
    (
        "models list",
        Text::new("列出配置里的模型", "List the models of the configuration"),
    ),
    ("models list --json", JSON),
    (
        "models status",
        Text::new(
            "每个智能体用哪个模型、有没有密钥",
            "Which agent asks which model, and whether there is a key",
        ),
    ),
    ("models status --json", JSON),
    (
        "models set",
        Text::new("选择默认模型", "Choose the default model"),
    ),
    (
        "models set [PROVIDER/MODEL]",
        Text::new("服务/模型", "Provider and model"),
    ),
    ("models set --dry-run", DRY_RUN),
    ("models set --json", JSON),
    (
        "models test",
        Text::new("问模型一句，看它答不答", "Ask a model one question"),
    ),
    (
        "models test [PROVIDER/MODEL]",
        Text::new(
            "服务/模型（默认：默认智能体的）",
            "Provider and model (default: that of the default agent)",
        ),
    ),
    ("models test --json", JSON),
    ("message", Text::new("用机器人发消息", "Let a bot write")),
    (
        "message send",
        Text::new(
            "发一条消息（会用掉一次接口调用）",
            "Send a message, which costs one call",
        ),
    ),
    (
        "message send --target",
        Text::new(
            "发给谁：user:工号 或 group:会话编号",
            "To whom: user:ID or group:ID",
        ),
    ),
    ("message send --message", Text::new("内容", "What it says")),
    (
        "message send --account",
        Text::new(
            "用哪个机器人（默认第一个）",
            "Which bot (default: the first)",
        ),
    ),
    ("message send --dry-run", DRY_RUN),
    ("message send --json", JSON),
    (
        "agent",
        Text::new(
            "在终端里问智能体一句",
            "Ask an agent one question in the terminal",
        ),
    ),
    ("agent --message", Text::new("问题", "The question")),
    (
        "agent --agent",
        Text::new(
            "问哪个智能体（默认：默认智能体）",
            "Which agent (default: the default one)",
        ),
    ),
    ("agent --json", JSON),
    (
        "bugreport",
        Text::new(
            "打包求助用的资料：版本、打码的配置、状态、日志",
            "Gather what helpers need: version, masked configuration, status, log",
        ),
    ),
    (
        "bugreport --output",
        Text::new(
            "写到哪个文件（默认 chela-bugreport.txt）",
            "The file to write (default chela-bugreport.txt)",
        ),
    ),
    ("bugreport --json", JSON),
    (
        "completion",
        Text::new(
            "输出 shell 的自动补全脚本",
            "Print the completion script of a shell",
        ),
    ),
    (
        "completion [SHELL]",
        Text::new(
            "bash、zsh、fish、powershell 或 elvish",
            "bash, zsh, fish, powershell or elvish",
        ),
    ),
];
