//! The comments of a configuration file that `onboard` writes.

use crate::catalogue::Text;

/// At the top.
pub const HEAD: Text = Text::new(
    "Chela 的配置。可以写注释，改完保存自动生效。\n检查：chela config validate    体检：chela doctor    重新设置：chela configure",
    "The configuration of Chela. Comments are welcome; what is saved holds at once.\nCheck it: chela config validate    Examine: chela doctor    Set up again: chela configure",
);

/// `clientId`.
pub const CLIENT_ID: Text = Text::new(
    "开放平台 → 应用 →“凭证与基础信息”里的 Client ID（原 AppKey）",
    "Client ID (AppKey) on the page Credentials of the app",
);

/// `clientSecret`.
pub const CLIENT_SECRET: Text = Text::new(
    "密钥不写在这里，只写在哪里能找到它",
    "Where the secret is; it does not stand here",
);

/// `dmPolicy`.
pub const DM_POLICY: Text = Text::new(
    "谁可以和机器人单聊：open 所有人 | allowlist 只有 allowFrom 里的人 | disabled 谁都不行",
    "Who may write to the bot alone: open (everybody) | allowlist (people in allowFrom) | disabled (nobody)",
);

/// `allowFrom`.
pub const ALLOW_FROM: Text = Text::new(
    "员工的 userId；对机器人说“我是谁”可以看到自己的",
    "Ids of people; the bot tells each her own when asked /whoami",
);

/// `groupPolicy`.
pub const GROUP_POLICY: Text = Text::new(
    "在哪些群里被 @ 时回答：open 所有群 | allowlist 只有 groups 里的群 | disabled 都不回答",
    "In which groups it answers when mentioned: open (all) | allowlist (those under groups) | disabled (none)",
);

/// `messageType`.
pub const MESSAGE_TYPE: Text = Text::new(
    "回答的样式：card 逐字更新的卡片 | markdown | text",
    "How answers look: card (types itself) | markdown | text",
);

/// `baseUrl`.
pub const BASE_URL: Text = Text::new("模型服务的地址", "Address of the model service");

/// `agents.defaults.model`.
pub const MODEL: Text = Text::new(
    "回答用的模型：服务/模型",
    "The model that answers: service/model",
);
