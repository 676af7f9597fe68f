//! What `--help` says about the commands that set a bot up.

use super::{DRY_RUN, JSON};
use crate::catalogue::Text;

const ACCOUNT: Text = Text::new(
    "机器人在配置里的名字（默认 default）",
    "Name of the bot in the configuration (default: default)",
);
const NAME: Text = Text::new("显示的名字", "The name that is shown");
const CLIENT_ID: Text = Text::new("应用的 Client ID", "Client ID of the app");
const CLIENT_SECRET: Text = Text::new(
    "只能写 -：从标准输入读密钥",
    "Must be -: the secret is read from the standard input",
);
const CLIENT_SECRET_ENV: Text =
    Text::new("密钥在哪个环境变量里", "The variable that holds the secret");
const CLIENT_SECRET_FILE: Text = Text::new("密钥在哪个文件里", "The file that holds the secret");
const ENDPOINT: Text = Text::new(
    "新版接口的地址，专属部署用（默认 https://api.dingtalk.com）",
    "Address of the Open API, for private deployments (default https://api.dingtalk.com)",
);
const OAPI_ENDPOINT: Text = Text::new(
    "旧版接口的地址（默认同 --endpoint）",
    "Address of the old Open API (default: that of --endpoint)",
);
const REGISTRATION_SOURCE: Text = Text::new(
    "扫码创建应用时报给钉钉的来源（默认 openClaw）",
    "The source that DingTalk is told when an app is made by QR code (default openClaw)",
);

/// Those that set a bot up.
pub(super) const SETUP: &[(&str, Text)] = &[
    (
        "onboard",
        Text::new(
            "从零接好一个机器人：扫码、测试、写配置、启动，直到第一次回答",
            "Set a bot up from nothing: scan, test, write the configuration, start, to the first answer",
        ),
    ),
    (
        "onboard --non-interactive",
        Text::new(
            "不提问，只看参数和环境变量",
            "Ask nothing; use options and variables only",
        ),
    ),
    (
        "onboard --accept-risk",
        Text::new(
            "OpenClaw 要写，这里不需要",
            "OpenClaw wants it; nothing depends on it here",
        ),
    ),
    ("onboard --account", ACCOUNT),
    ("onboard --name", NAME),
    ("onboard --client-id", CLIENT_ID),
    ("onboard --client-secret", CLIENT_SECRET),
    ("onboard --client-secret-env", CLIENT_SECRET_ENV),
    ("onboard --client-secret-file", CLIENT_SECRET_FILE),
    ("onboard --endpoint", ENDPOINT),
    ("onboard --oapi-endpoint", OAPI_ENDPOINT),
    ("onboard --registration-source", REGISTRATION_SOURCE),
    (
        "onboard --dm-policy",
        Text::new(
            "谁可以单聊：only-me（默认，第一个发消息的人）| open | allowlist | disabled",
            "Who may write to the bot alone: only-me (default: the first person who writes) | open | allowlist | disabled",
        ),
    ),
    (
        "onboard --allow-from",
        Text::new(
            "名单里的员工 userId，用逗号分开",
            "Ids of people on the list, with commas between",
        ),
    ),
    (
        "onboard --message-type",
        Text::new(
            "回答的样式：card | markdown（默认）| text",
            "How answers look: card | markdown (default) | text",
        ),
    ),
    (
        "onboard --model",
        Text::new(
            "模型，写成 服务/模型，例如 deepseek/deepseek-chat；later 表示以后再说（默认用环境里找到的第一个）",
            "The model, as in deepseek/deepseek-chat; later for none yet (default: the first of the environment)",
        ),
    ),
    (
        "onboard --custom-base-url",
        Text::new("其他模型服务的地址", "Address of another model service"),
    ),
    (
        "onboard --custom-model-id",
        Text::new("其他模型服务的模型名", "Its model"),
    ),
    (
        "onboard --custom-provider-id",
        Text::new(
            "它在配置里的名字（默认 custom）",
            "Its name in the configuration (default custom)",
        ),
    ),
    (
        "onboard --custom-compatibility",
        Text::new(
            "它的接口：openai（默认）或 anthropic",
            "Its interface: openai (default) or anthropic",
        ),
    ),
    (
        "onboard --model-key-env",
        Text::new(
            "模型密钥在哪个环境变量里",
            "The variable that holds the key of the model",
        ),
    ),
    (
        "onboard --model-key-file",
        Text::new(
            "模型密钥在哪个文件里",
            "The file that holds the key of the model",
        ),
    ),
    (
        "onboard --install-daemon",
        Text::new(
            "装成系统服务（也可写 --install-service）",
            "Install the service (also --install-service)",
        ),
    ),
    (
        "onboard --no-install-daemon",
        Text::new(
            "不装系统服务，也不问",
            "Neither install the service nor ask",
        ),
    ),
    (
        "onboard --gateway-port",
        Text::new(
            "写进配置的管理端口（默认 18789，0 表示自动选择）",
            "The port of the administration interface that is written (default 18789; 0: any free one)",
        ),
    ),
    (
        "onboard --no-start",
        Text::new(
            "只写配置，不启动网关",
            "Write the configuration only; start nothing",
        ),
    ),
    (
        "onboard --skip-health",
        Text::new("不测试凭证和模型", "Try neither credentials nor model"),
    ),
    (
        "onboard --wait",
        Text::new(
            "等第一条消息多少秒（默认：有人时一直等，--non-interactive 时不等）",
            "Seconds to wait for the first message (default: as long as a person waits; none with --non-interactive)",
        ),
    ),
    ("onboard --json", JSON),
    (
        "configure",
        Text::new("逐项修改已有的设置", "Change settings, part by part"),
    ),
    ("configure --account", ACCOUNT),
    (
        "configure --section",
        Text::new(
            "哪一部分：channels | access | replies | model | daemon，可写几次",
            "Which part: channels | access | replies | model | daemon; may be repeated",
        ),
    ),
    (
        "channels add",
        Text::new(
            "再加一个机器人；不写 --client-id 就逐步提问（可扫码）",
            "Add a bot; without --client-id it asks step by step (QR code included)",
        ),
    ),
    (
        "channels add [CHANNEL]",
        Text::new("平台：dingtalk", "The platform: dingtalk"),
    ),
    (
        "channels add --channel",
        Text::new("平台：dingtalk", "The platform: dingtalk"),
    ),
    (
        "channels add --agent",
        Text::new("由哪个智能体回答", "The agent that answers"),
    ),
    ("channels add --account", ACCOUNT),
    ("channels add --name", NAME),
    ("channels add --client-id", CLIENT_ID),
    ("channels add --client-secret", CLIENT_SECRET),
    ("channels add --client-secret-env", CLIENT_SECRET_ENV),
    ("channels add --client-secret-file", CLIENT_SECRET_FILE),
    ("channels add --endpoint", ENDPOINT),
    ("channels add --oapi-endpoint", OAPI_ENDPOINT),
    ("channels add --registration-source", REGISTRATION_SOURCE),
    ("channels add --dry-run", DRY_RUN),
    ("channels add --json", JSON),
];
