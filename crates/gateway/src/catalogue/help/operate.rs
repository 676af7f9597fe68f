//! What `--help` says about the commands with which a gateway is operated.

use super::{DRY_RUN, JSON};
use crate::catalogue::Text;

/// Those with which a gateway is operated.
pub(super) const OPERATE: &[(&str, Text)] = &[
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
