//! The words of `onboard`, `configure` and `channels add`.

pub mod comment;

use super::text::phrase;
use super::{Phrase, Text};

/// The file of secrets holds something else.
pub fn strange_vault(path: &str) -> Phrase {
    phrase!(
        "{path} 不是 chela 写的密钥文件，没有改动它。把它移开再试。",
        "{path} is no file of secrets as chela writes it, and was left alone; move it away and try again.",
    )
}

/// The beginning.
pub const GREETING: Text = Text::new(
    "我们来接好一个钉钉机器人：几个问题，大约三分钟。随时可以按 Ctrl+C 停下，下次接着来。\n（想先看看效果？chela demo 不需要账号。）",
    "Let us set up a DingTalk bot: a few questions, about three minutes. Ctrl+C stops at any time; the next time goes on from there.\n(To look first: chela demo needs no account.)",
);

/// OpenClaw has a configuration.
pub fn openclaw(path: &str) -> Phrase {
    phrase!(
        "发现 OpenClaw 的配置 {path}，这里不会改动它，写好自己的配置之后也不再使用它。想把其中的机器人和模型搬过来，先按 Ctrl+C，运行 chela import。",
        "There is OpenClaw's configuration {path}; it is not changed here, and not used any more once there is one of our own. To take its bots and models over, press Ctrl+C and run chela import first.",
    )
}

/// How one of several is chosen.
pub const HOW_TO_CHOOSE: Text = Text::new("↑↓ 选择，回车确定", "↑↓ to move, Enter to choose");
/// Below a question for a secret.
pub const NOT_SHOWN: Text = Text::new("输入的内容不会显示", "What you type is not shown");
/// Neither yes nor no.
pub const YES_OR_NO: Text = Text::new("输入 y 或 n", "type y or n");

/// Answers are there from another time.
pub fn resume(bot: Option<&str>) -> Phrase {
    match bot {
        Some(bot) => phrase!(
            "上次的设置没有做完（机器人 {bot}）。接着做吗？",
            "The last setup is not finished (bot {bot}). Go on with it?",
        ),
        None => phrase!(
            "上次的设置没有做完。接着做吗？",
            "The last setup is not finished. Go on with it?",
        ),
    }
}

/// What was answered is not lost.
pub fn come_back() -> Phrase {
    phrase!(
        "已回答的都记住了，配置文件还没有改动；再次运行 chela onboard 接着来。",
        "Your answers are remembered and the configuration is as it was; run chela onboard again to go on.",
    )
}

/// Nobody is there to be asked for a bot.
pub fn no_bot() -> Phrase {
    phrase!(
        "还缺机器人：用 --client-id 加上 --client-secret-env、--client-secret-file 或 --client-secret -（标准输入）给出，或设置环境变量 DINGTALK_CLIENT_ID 和 DINGTALK_CLIENT_SECRET。",
        "there is no bot: give --client-id with --client-secret-env, --client-secret-file or --client-secret - (standard input), or set DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET.",
    )
}

/// A secret stands on the command line.
pub fn secret_typed() -> Phrase {
    phrase!(
        "密钥不要写在命令行里（会留在命令历史和进程列表中）。写 --client-secret -，从标准输入给出。",
        "a secret on the command line stays in the history of the shell and in the list of processes; write --client-secret - and give it on the standard input.",
    )
}

/// How a bot is added without a terminal.
pub fn add_without_terminal() -> Phrase {
    phrase!(
        "把答案写成参数：chela channels add --account bot2 --client-id dingXXX --client-secret-env 变量名。",
        "Give the answers as options: chela channels add --account bot2 --client-id dingXXX --client-secret-env VARIABLE.",
    )
}

/// It is no platform of ours.
pub fn no_channel(name: &str) -> Phrase {
    phrase!(
        "不支持 {name}，目前只有 dingtalk。",
        "there is no channel {name}; the only one so far is dingtalk.",
    )
}

/// It is no address.
pub fn no_address(text: &str) -> Phrase {
    phrase!(
        "\"{text}\" 不是可用的地址，应该以 https:// 或 http:// 开头。",
        "\"{text}\" is no address that can be used; it begins with https:// or http://.",
    )
}

/// There is a bot of this name with another app.
pub fn other_bot(name: &str, client_id: &str) -> Phrase {
    phrase!(
        "机器人 {name} 已经是应用 {client_id}。",
        "the bot {name} has the app {client_id}.",
    )
}

/// Whether a bot that is there is meant.
pub fn keep_bot(name: &str, client_id: &str) -> Phrase {
    phrase!(
        "已经有机器人 {name}（{client_id}）。继续用它吗？选否就再加一个。",
        "There is a bot {name} ({client_id}). Go on with it? No adds another one.",
    )
}

/// What another bot is called.
pub const BOT_NAME: Text = Text::new(
    "新机器人在配置里的名字",
    "Name of the new bot in the configuration",
);

/// The name is taken.
pub fn name_taken(name: &str) -> Phrase {
    phrase!(
        "{name} 已经有了，换一个。",
        "{name} is taken; choose another."
    )
}

/// Which of several bots.
pub const WHICH_BOT: Text = Text::new("哪个机器人？", "Which bot?");
/// Where a bot comes from.
pub const WHICH_WAY: Text = Text::new("机器人从哪里来？", "Where does the bot come from?");
/// By QR code.
pub const WAY_SCAN: Text = Text::new(
    "用钉钉扫码，自动创建应用和机器人（推荐）",
    "Scan a code with DingTalk, which makes app and bot (recommended)",
);
/// By hand.
pub const WAY_PASTE: Text = Text::new(
    "我已有应用，粘贴 Client ID 和 Client Secret",
    "I have an app: paste Client ID and Client Secret",
);

/// From the environment.
pub fn way_environment(client_id: &str) -> Phrase {
    phrase!(
        "用环境变量里的 {client_id}（DINGTALK_CLIENT_ID、DINGTALK_CLIENT_SECRET）",
        "Use {client_id} of the environment (DINGTALK_CLIENT_ID, DINGTALK_CLIENT_SECRET)",
    )
}

/// Where credentials are shown.
pub const WHERE_CREDENTIALS: Text = Text::new(
    "在 open-dev.dingtalk.com → 应用 →“凭证与基础信息”复制；并确认已添加“机器人”能力、消息接收模式是 Stream 模式、应用已发布。",
    "Copy them at open-dev.dingtalk.com → your app → Credentials; the app has the Bot capability, its message receiving mode is Stream mode, and it is published.",
);
/// Asks for the client id.
pub const CLIENT_ID: Text = Text::new("Client ID（原 AppKey）", "Client ID (AppKey)");
/// Asks for the client secret.
pub const CLIENT_SECRET: Text =
    Text::new("Client Secret（原 AppSecret）", "Client Secret (AppSecret)");
/// The bot is tested.
pub const TESTING_BOT: Text = Text::new(
    "正在向钉钉验证凭证和 Stream 模式……",
    "asking DingTalk about the credentials and Stream mode…",
);
/// The bot works.
pub const BOT_WORKS: Text = Text::new(
    "✓ 凭证有效，Stream 模式可用。",
    "✓ The credentials are good, and Stream mode is open.",
);
/// After a failure.
pub const WHAT_NOW: Text = Text::new("接下来？", "What now?");
/// The same again.
pub const NOW_AGAIN: Text = Text::new("再试一次", "Try again");
/// Another bot.
pub const NOW_OTHERWISE: Text =
    Text::new("重新填写，或换一种方式", "Enter it again, or another way");
/// Another model.
pub const NOW_ANOTHER: Text = Text::new("重新选模型", "Choose another model");
/// In spite of it.
pub const NOW_ANYWAY: Text = Text::new("先不管，继续", "Go on all the same");

/// Above the code.
pub const SCAN: Text = Text::new(
    "打开手机钉钉，扫描下面的二维码：",
    "Open DingTalk on your phone and scan this code:",
);
/// The code is not painted.
pub const INVERTED: Text = Text::new(
    "（浅色背景的终端里颜色是反的；扫不出来就打开下面的链接。）",
    "(On a light terminal the code is inverted; if it is not read, open the address below.)",
);
/// The code does not fit.
pub const TOO_NARROW: Text = Text::new(
    "（终端太窄，二维码放不下；把窗口拉宽再试，或打开下面的链接。）",
    "(The terminal is too narrow for the code; widen it, or open the address below.)",
);

/// Below the code.
pub fn address(address: &str, user_code: &str) -> Phrase {
    phrase!(
        "或者在浏览器里打开：{address}\n页面上的校验码应该是：{user_code}",
        "Or open in a browser: {address}\nThe page shows this code: {user_code}",
    )
}

/// Nobody has scanned it yet.
pub fn waiting_for_scan(minutes: u64) -> Phrase {
    phrase!(
        "等待扫码确认……（{minutes} 分钟内有效，Ctrl+C 停止）",
        "waiting for the scan… (good for {minutes} minutes; Ctrl+C stops)",
    )
}

/// Somebody declined.
pub fn declined(reason: &str) -> Phrase {
    phrase!("钉钉回答：{reason}。", "DingTalk says: {reason}.")
}

/// The app is there.
pub fn granted(client_id: &str) -> Phrase {
    phrase!(
        "✓ 应用已创建：{client_id}",
        "✓ The app is made: {client_id}"
    )
}

/// Who may write.
pub const WHICH_ACCESS: Text = Text::new("谁可以和机器人单聊？", "Who may write to the bot alone?");
/// The first person.
pub const ACCESS_ONLY_ME: Text = Text::new(
    "只有我：第一个给它发消息的人（推荐）",
    "Only me: the first person who writes (recommended)",
);
/// A list.
pub const ACCESS_ALLOWLIST: Text = Text::new(
    "名单里的人：填员工 userId",
    "People on a list: enter their ids",
);
/// Everybody.
pub const ACCESS_OPEN: Text = Text::new(
    "组织里能看到应用的所有人",
    "Everybody in the organisation who sees the app",
);
/// Nobody.
pub const ACCESS_DISABLED: Text = Text::new("谁都不行，只在群里用", "Nobody; it is for groups");
/// Asks for people.
pub const PEOPLE: Text = Text::new(
    "员工 userId，用逗号分开",
    "Ids of people, with commas between",
);
/// How answers look.
pub const WHICH_STYLE: Text = Text::new("回答用什么样式？", "How should answers look?");
/// A card.
pub const STYLE_CARD: Text = Text::new(
    "AI 卡片，逐字出现（推荐；需要 Card.Instance.Write 和 Card.Streaming.Write 权限，扫码创建的应用已有）",
    "AI Card that types itself (recommended; needs Card.Instance.Write and Card.Streaming.Write, which scanned apps have)",
);
/// Markdown.
pub const STYLE_MARKDOWN: Text = Text::new("Markdown 消息", "Markdown messages");
/// Text.
pub const STYLE_TEXT: Text = Text::new("纯文本", "Plain text");
/// Whether to install.
pub const INSTALL: Text = Text::new(
    "装成系统服务，开机自动运行？",
    "Install it as a service that starts with the machine?",
);

/// Which model.
pub const WHICH_MODEL: Text = Text::new("由哪个模型回答？", "Which model answers?");

/// A key is in the environment.
pub fn model_found(title: Text, variable: &str) -> Phrase {
    let (zh, en) = (title.zh, title.en);
    phrase!(
        "{zh}（已找到环境变量 {variable}）",
        "{en} (with {variable} of the environment)"
    )
}

/// Ollama is on this machine.
pub fn model_local(models: usize) -> Phrase {
    phrase!(
        "本机的 Ollama（{models} 个模型）",
        "Ollama on this machine ({models} models)"
    )
}

/// Somebody has a key.
pub fn model_with_key(title: Text) -> Phrase {
    let (zh, en) = (title.zh, title.en);
    phrase!("{zh}：粘贴密钥", "{en}: paste a key")
}

/// Any other service.
pub const MODEL_CUSTOM: Text = Text::new(
    "其他兼容 OpenAI 的服务：填地址和密钥",
    "Another service with OpenAI's interface: enter address and key",
);
/// None yet.
pub const MODEL_SKIP: Text = Text::new(
    "以后再说（机器人会先回复怎么设置模型）",
    "Later (until then the bot says how to set one up)",
);
/// It was put off.
pub const MODEL_LATER: Text = Text::new(
    "以后设置：chela configure --section model",
    "Later: chela configure --section model",
);
/// Asks for the model.
pub const MODEL_NAME: Text = Text::new("模型名", "Model");
/// Asks for the key.
pub const MODEL_KEY: Text = Text::new("API Key", "API key");
/// Asks for the address.
pub const MODEL_ADDRESS: Text = Text::new(
    "服务地址（一般以 /v1 结尾）",
    "Base address (mostly ends with /v1)",
);

/// The model is tested.
pub fn testing_model(name: &str) -> Phrase {
    phrase!("正在试问 {name}……", "asking {name} something small…")
}

/// There is no key for a service.
pub fn no_key(variables: &str) -> Phrase {
    phrase!(
        "没有找到密钥：设置环境变量 {variables}，或用 --model-key-env、--model-key-file 给出。",
        "there is no key: set {variables}, or give --model-key-env or --model-key-file.",
    )
}

/// Ollama does not answer.
pub fn no_ollama() -> Phrase {
    phrase!(
        "本机的 Ollama 没有应答或没有模型；先运行 ollama serve 和 ollama pull 模型名。",
        "Ollama on this machine does not answer or has no model; run ollama serve and ollama pull MODEL.",
    )
}

/// What is about to be written.
pub fn will_write(path: &str, is_new: bool) -> Phrase {
    match is_new {
        true => phrase!("将新建 {path}：", "{path} will be made:"),
        false => phrase!(
            "{path} 会增加或改动这些，其余一字不动，原文件备份为 .bak：",
            "{path} gets these, everything else stays as it is, and the file before becomes .bak:",
        ),
    }
}

/// All is there.
pub const NOTHING_TO_WRITE: Text = Text::new(
    "配置里该有的都有了，没有改动。",
    "The configuration has everything; nothing was changed.",
);
/// Whether to write.
pub const WRITE: Text = Text::new("写入？", "Write it?");

/// It is written.
pub fn written(path: &str, is_new: bool) -> Phrase {
    match is_new {
        true => phrase!("✓ 已写好 {path}", "✓ {path} is written"),
        false => phrase!(
            "✓ 已更新 {path}，原来的在 {path}.bak",
            "✓ {path} is changed; the one before is {path}.bak"
        ),
    }
}

/// What variables hold was kept.
pub fn variables_kept(path: &str) -> Phrase {
    phrase!(
        "系统服务看不到当前终端的环境变量，所以其中的密钥存进了 {path}（仅自己可读）。",
        "A service does not see the variables of this shell, so their secrets are kept in {path}, which only you can read.",
    )
}

/// The gateway takes it up.
pub fn follows(pid: u32) -> Phrase {
    phrase!(
        "网关在运行（进程 {pid}），会自动应用新配置。",
        "The gateway runs (process {pid}) and takes up the change by itself.",
    )
}

/// The same, where nobody waits for it.
pub const FOLLOWS_BY_ITSELF: Text = Text::new(
    "运行中的网关会自动应用。查看：chela gateway status",
    "The gateway that runs takes it up by itself; look at it with chela gateway status",
);
/// The gateway does not run.
pub const START: Text = Text::new(
    "启动：chela gateway start",
    "Start it with chela gateway start",
);
/// It is connected.
pub const CONNECTED: Text = Text::new("✓ 机器人已连上钉钉。", "✓ The bot is connected.");

/// It is not.
pub fn not_connected(log: &str) -> Phrase {
    phrase!(
        "网关已启动，但机器人没有连上钉钉。运行 chela doctor 查原因，日志在 {log}。",
        "The gateway runs and the bot is not connected; chela doctor says why, and the log is in {log}.",
    )
}

/// What to do now.
pub fn write_now(is_closed: bool) -> Phrase {
    match is_closed {
        true => phrase!(
            "现在在钉钉里搜索机器人的名字，给它发一句话，让我认出你……（Ctrl+C 不等了，网关继续运行）",
            "Now find the bot in DingTalk and write to it, so that you are recognised… (Ctrl+C stops waiting; the gateway runs on)",
        ),
        false => phrase!(
            "现在在钉钉里搜索机器人的名字，给它发一句话……（Ctrl+C 不等了，网关继续运行）",
            "Now find the bot in DingTalk and write to it… (Ctrl+C stops waiting; the gateway runs on)",
        ),
    }
}

/// Only groups.
pub const WRITE_IN_GROUP: Text = Text::new(
    "把机器人加进群里，@ 它提问就可以了。",
    "Add the bot to a group and mention it there.",
);

/// Somebody has written.
pub fn arrived(name: &str, id: &str) -> Phrase {
    phrase!(
        "← 收到 {name}（{id}）的消息",
        "← a message from {name} ({id})"
    )
}

/// Whether it is she.
pub fn is_it_you(name: &str) -> Phrase {
    phrase!(
        "这是你吗？确认后 {name} 可以使用机器人，并成为管理员",
        "Is it you? Then {name} may use the bot, and owns it",
    )
}

/// She is let in.
pub const ADMITTED: Text = Text::new(
    "✓ 认识你了。再发一句，看它回答……",
    "✓ You are known now. Write once more and see it answer…",
);

/// Somebody else has written.
pub fn not_let_in(name: &str) -> Phrase {
    phrase!(
        "  {name} 不在名单里，已告诉对方怎么申请。",
        "  {name} is not on the list, and was told how to be added.",
    )
}

/// The answer was delivered.
pub fn answered(seconds: f64, whole: f64) -> Phrase {
    let minutes = whole / 60.0;
    phrase!(
        "→ 已回答，用时 {seconds:.1} 秒。从开始到第一次回答：{whole:.0} 秒（{minutes:.1} 分钟）。\n完成！网关在后台运行。以后：chela gateway status 看状态，chela doctor 体检，chela configure 改设置。",
        "→ answered within {seconds:.1} s. From the beginning to the first answer: {whole:.0} s ({minutes:.1} min).\nDone; the gateway runs. From now on: chela gateway status, chela doctor, chela configure.",
    )
}

/// It was not.
pub fn no_answer(message: &str) -> Phrase {
    phrase!(
        "两分钟内没有回答完。看看发生了什么：chela trace {message}",
        "It was not answered within two minutes; chela trace {message} says what happened.",
    )
}

/// Nobody has written.
pub const NOBODY_WROTE: Text = Text::new(
    "还没有人发消息。网关在运行，随时可以发。",
    "Nobody has written yet. The gateway runs; write whenever you like.",
);
/// Nobody waits any longer.
pub const RUNS_ON: Text = Text::new(
    "不等了。网关在后台运行：chela gateway status 查看，chela gateway stop 停止。",
    "No longer waiting. The gateway runs: chela gateway status shows it, chela gateway stop ends it.",
);

/// Which part is asked about again.
pub const WHICH_SECTION: Text = Text::new("要改哪一部分？", "What should be changed?");
/// The bot.
pub const SECTION_CHANNELS: Text = Text::new("机器人的应用和密钥", "App and secret of the bot");
/// Who may write.
pub const SECTION_ACCESS: Text = Text::new("谁可以使用", "Who may use it");
/// How answers look.
pub const SECTION_REPLIES: Text = Text::new("回答的样式", "How answers look");
/// The model.
pub const SECTION_MODEL: Text = Text::new("模型", "The model");
/// The service.
pub const SECTION_DAEMON: Text = Text::new("系统服务", "The service");
