//! What the bot says to commands in a chat.

mod usage;

use std::time::Duration;

use chela_engine::command::{Reply, Status, Switch};
use chela_engine::conversation::QueueMode;
use chela_engine::id::AccountId;
use chela_engine::message::ConversationKind;
use chela_engine::ports::{Origin, Thinking};

pub(crate) use self::usage::money;
use super::notices::spell;
use super::text::phrase;
use super::{Phrase, Text, pairing};

/// Models that one message lists.
const MODELS: usize = 40;

pub(super) fn words(reply: &Reply) -> Phrase {
    match reply {
        Reply::Help { owner } => help(*owner),
        Reply::Status(status) => describe(status),
        Reply::Models { models, current } => models_of(models, current.as_deref()),
        Reply::Model { current, chosen } => model(current.as_deref(), *chosen),
        Reply::ModelUnknown { models, .. } if models.is_empty() => models_of(models, None),
        Reply::ModelUnknown { asked, models } => {
            let list = list(models, None);
            phrase!(
                "没有叫「{asked}」的模型，没有更改。可用的模型：\n{list}",
                "There is no model “{asked}”; nothing was changed. These can be used:\n{list}",
            )
        }
        Reply::Thinking { level: Some(level) } => phrase!(
            "思考强度：{level}。恢复默认：/think default",
            "Thinking: {level}. Back to the default: /think default",
        ),
        Reply::Thinking { level: None } => {
            let levels = levels();
            phrase!(
                "思考强度：默认。可选：{levels}，例如 /think high",
                "Thinking: default. Choices: {levels}, as in /think high",
            )
        }
        Reply::ThinkingUnknown { asked } => {
            let levels = levels();
            phrase!(
                "没有「{asked}」这个思考强度。可选：{levels}",
                "There is no level “{asked}”. Choices: {levels}",
            )
        }
        Reply::Switch { what, on } => switch(*what, *on),
        Reply::SwitchUnknown { asked, .. } => phrase!(
            "看不懂「{asked}」。可选：on、off、default",
            "“{asked}” is not a choice. Choices: on, off, default",
        ),
        Reply::Queue { mode, chosen } => queue(*mode, *chosen),
        Reply::QueueUnknown { asked } => {
            let modes = modes();
            phrase!(
                "没有「{asked}」这种排队方式。可选：{modes}",
                "There is no queue mode “{asked}”. Choices: {modes}",
            )
        }
        Reply::Compacted { before, after } => phrase!(
            "已把之前的对话压缩成摘要：约 {before} → {after} tokens。",
            "The conversation so far was summed up: about {before} → {after} tokens.",
        ),
        Reply::Cut { left_out } => phrase!(
            "没能写出摘要，最早的 {left_out} 条记录已不再发给模型。",
            "It could not be summed up; the oldest {left_out} entries are no longer given to the model.",
        ),
        Reply::NothingToCompact => phrase!(
            "对话还很短，不需要压缩。",
            "The conversation is short; there is nothing to sum up.",
        ),
        Reply::Context {
            entries,
            tokens,
            budget,
            summary,
        } => context(*entries, *tokens, *budget, *summary),
        Reply::Usage { .. } => usage::words(reply),
        Reply::WhoAmI { origin, owner } => identity(origin, *owner),
        Reply::Examined {
            report: Some(report),
        } => Phrase::new(report.clone(), report.clone()),
        Reply::Examined { report: None } => phrase!(
            "这里不能体检，请在服务器上运行 chela doctor。",
            "Nothing can be examined from here; run chela doctor on the server.",
        ),
        Reply::PairingList { waiting } => {
            let row = |(name, account, code, left): &(String, AccountId, String, Duration)| {
                let minutes = left.as_secs().div_ceil(60);
                (name.clone(), account.to_string(), code.clone(), minutes)
            };
            pairing::waiting(&waiting.iter().map(row).collect::<Vec<_>>())
        }
        Reply::PairingDecided { name, granted } => pairing::decided(name, *granted),
        Reply::PairingNoCode { expired } => pairing::no_code(*expired),
        Reply::PairingUsage => pairing::CHAT_USAGE.into(),
        Reply::NoQuestion => phrase!(
            "在 /btw 后面写上问题，例如：/btw 今天星期几？",
            "Put the question behind /btw, as in: /btw what day is it?",
        ),
        Reply::Alias { alias: Some(alias) } => phrase!(
            "这个聊天使用共享会话「{alias}」。恢复独立：/session-alias unbind",
            "This chat shares the session “{alias}”. To end that: /session-alias unbind",
        ),
        Reply::Alias { alias: None } => phrase!(
            "这个聊天使用自己的会话。",
            "This chat has a session of its own.",
        ),
        Reply::AliasUnknown { asked } => phrase!(
            "看不懂「{asked}」。用法：/session-alias bind 名字（字母、数字、_、-）或 unbind",
            "“{asked}” is not understood. Use /session-alias bind NAME (letters, digits, _ and -), or unbind",
        ),
    }
}

const HELP: Text = Text::new(
    "直接发消息就可以提问。可以用的命令：\n\
     - /新会话（/new）重新开始，后面可以接问题\n\
     - 停止（/stop）停下正在进行的回答\n\
     - /btw 问题：顺便问一句，不打断、不记录\n\
     - /状态（/status）、/用量（/usage）、/上下文（/context）\n\
     - /模型（/model 名字）、/models 查看和切换模型\n\
     - /think 等级：思考强度\n\
     - /verbose on|off 显示工具，/reasoning on|off 显示思考过程\n\
     - /queue 方式：回答期间发来的消息怎么处理\n\
     - /compact 把之前的对话压缩成摘要\n\
     - /批准 编号、/拒绝 编号（/approve）、/回答 编号 内容（/answer）：答复智能体的询问\n\
     - /我是谁（/whoami）查看自己的 ID",
    "Just send a question. Commands:\n\
     - /new begins anew; a question may follow\n\
     - stop (/stop) stops the running answer\n\
     - /btw QUESTION asks aside: nothing is interrupted or remembered\n\
     - /status, /usage, /context\n\
     - /model NAME and /models: see and choose models\n\
     - /think LEVEL: how much the model thinks\n\
     - /verbose on|off shows tools, /reasoning on|off shows reasoning\n\
     - /queue MODE: what becomes of messages during an answer\n\
     - /compact sums the conversation up\n\
     - /approve ID [deny], /answer ID TEXT: answer what an agent asks you\n\
     - /whoami shows your ids",
);

const OWNER_HELP: Text = Text::new(
    "- 体检（/doctor）检查机器人、钉钉和模型是否正常（仅管理员）\n\
     - /配对（/pairing）：谁在申请使用；/配对 批准 配对码（仅管理员）\n\
     - /session-alias bind 名字：让几个聊天共用一个会话（仅管理员）",
    "- /doctor examines the bot, DingTalk and models (owners only)\n\
     - /pairing: who asks to be let in; /pairing approve CODE (owners only)\n\
     - /session-alias bind NAME lets chats share a session (owners only)",
);

fn help(owner: bool) -> Phrase {
    let with = |text: &str, more: &str| {
        if owner {
            format!("{text}\n{more}")
        } else {
            text.to_owned()
        }
    };
    Phrase::new(with(HELP.zh, OWNER_HELP.zh), with(HELP.en, OWNER_HELP.en))
}

fn describe(status: &Status) -> Phrase {
    let agent = match &status.name {
        Some(name) => format!("{name} ({})", status.agent),
        None => status.agent.to_string(),
    };
    let (mut zh, mut en) = (
        vec![format!("智能体：{agent}")],
        vec![format!("Agent: {agent}")],
    );
    let model = status.model.as_deref();
    zh.push(format!("模型：{}", model.unwrap_or("未配置")));
    en.push(format!("Model: {}", model.unwrap_or("none")));
    if let Some(level) = status.thinking {
        zh.push(format!("思考强度：{level}"));
        en.push(format!("Thinking: {level}"));
    }
    match status.session {
        None => {
            zh.push("会话：还没有开始".to_owned());
            en.push("Session: not begun".to_owned());
        }
        Some((age, entries)) => {
            let (age_zh, age_en) = spell(age.max(Duration::from_secs(1)));
            let (input, output) = status.tokens;
            zh.push(format!("会话：{age_zh}前开始，{entries} 条记录"));
            en.push(format!("Session: begun {age_en} ago, {entries} entries"));
            if (input, output) != (0, 0) {
                zh.push(format!("用量：读入 {input}，写出 {output} tokens"));
                en.push(format!("Usage: {input} tokens read, {output} written"));
            }
        }
    }
    if let Some(alias) = &status.alias {
        zh.push(format!("共享会话：{alias}"));
        en.push(format!("Shared session: {alias}"));
    }
    let mode = status.queue;
    let waiting = status.waiting;
    zh.push(match status.running {
        true => format!("队列：{mode}，正在回答，排队 {waiting} 条"),
        false => format!("队列：{mode}，空闲"),
    });
    en.push(match status.running {
        true => format!("Queue: {mode}; answering, {waiting} waiting"),
        false => format!("Queue: {mode}; idle"),
    });
    if let Some(answers) = status.answers_left {
        zh.push(format!("本月额度：大约还能回答 {answers} 条"));
        en.push(format!("Quota of the month: about {answers} more answers"));
    }
    Phrase::new(lines(&zh), lines(&en))
}

fn models_of(models: &[String], current: Option<&str>) -> Phrase {
    if models.is_empty() {
        return phrase!("还没有配置模型。", "No model is set up.");
    }
    let list = list(models, current);
    phrase!(
        "可用的模型：\n{list}\n切换：/model 名字",
        "Models:\n{list}\nTo choose one: /model NAME",
    )
}

fn model(current: Option<&str>, chosen: bool) -> Phrase {
    match (current, chosen) {
        (None, _) => phrase!("还没有配置模型。", "No model is set up."),
        (Some(model), true) => phrase!(
            "本会话使用模型：{model}。恢复默认：/model default",
            "This session uses the model {model}. Back to the default: /model default",
        ),
        (Some(model), false) => phrase!(
            "使用默认模型：{model}。查看可选的模型：/models",
            "The default model is used: {model}. To see all: /models",
        ),
    }
}

/// A list in markdown, the current one marked.
fn list(models: &[String], current: Option<&str>) -> String {
    let shown = models.iter().take(MODELS).map(|model| {
        let mark = if current == Some(model.as_str()) {
            " ✓"
        } else {
            ""
        };
        format!("- {model}{mark}")
    });
    let more = (models.len() > MODELS).then(|| "- …".to_owned());
    shown.chain(more).collect::<Vec<_>>().join("\n")
}

fn switch(what: Switch, on: Option<bool>) -> Phrase {
    let (zh, en, word) = match what {
        Switch::Tools => ("工具调用", "Tools", "verbose"),
        Switch::Reasoning => ("思考过程", "Reasoning", "reasoning"),
    };
    match on {
        Some(true) => phrase!("{zh}：显示。", "{en}: shown."),
        Some(false) => phrase!("{zh}：不显示。", "{en}: hidden."),
        None => phrase!(
            "{zh}：默认（只在卡片里显示）。可以发 /{word} on 或 /{word} off",
            "{en}: default (on cards only). Send /{word} on or /{word} off",
        ),
    }
}

fn queue(mode: QueueMode, chosen: bool) -> Phrase {
    let (zh, en) = match mode {
        QueueMode::Followup => ("排队，逐条回答", "they wait and are answered one by one"),
        QueueMode::Collect => ("排队，合并成一个问题", "they wait and become one question"),
        QueueMode::Steer => (
            "马上告诉正在回答的智能体",
            "the running agent hears them before its next step",
        ),
        QueueMode::Interrupt => (
            "停下当前回答，先答新消息",
            "the running answer stops and makes room",
        ),
    };
    let modes = modes();
    if chosen {
        phrase!(
            "回答期间发来的消息：{zh}（{mode}）。恢复默认：/queue default",
            "Messages during an answer: {en} ({mode}). Back to the default: /queue default",
        )
    } else {
        phrase!(
            "回答期间发来的消息：{zh}（{mode}，默认）。可选：{modes}",
            "Messages during an answer: {en} ({mode}, the default). Choices: {modes}",
        )
    }
}

fn context(entries: usize, tokens: usize, budget: usize, summary: Option<usize>) -> Phrase {
    let summed = summary.unwrap_or(0);
    let percent = (tokens + summed) * 100 / budget.max(1);
    match summary {
        None => phrase!(
            "上下文：{entries} 条记录，约 {tokens} tokens，占上限 {budget} 的 {percent}%。",
            "Context: {entries} entries, about {tokens} tokens, {percent} % of {budget}.",
        ),
        Some(_) => phrase!(
            "上下文：摘要约 {summed} tokens，加上 {entries} 条记录约 {tokens} tokens，占上限 {budget} 的 {percent}%。",
            "Context: a summary of about {summed} tokens and {entries} entries of about {tokens}, {percent} % of {budget}.",
        ),
    }
}

fn identity(origin: &Origin, owner: bool) -> Phrase {
    let (channel, account) = (&origin.channel, &origin.account);
    let person = &origin.person.id;
    let mut zh = vec![
        format!("你的 ID：{person}"),
        format!("写进 allowFrom：\"{channel}:{person}\""),
        format!("机器人：{account}"),
    ];
    let mut en = vec![
        format!("Your id: {person}"),
        format!("For allowFrom: \"{channel}:{person}\""),
        format!("Bot: {account}"),
    ];
    if origin.conversation.kind == ConversationKind::Group {
        let group = &origin.conversation.id;
        zh.push(format!("群 ID：{group}"));
        en.push(format!("Group id: {group}"));
    }
    if owner {
        zh.push("身份：管理员".to_owned());
        en.push("You are an owner".to_owned());
    }
    Phrase::new(lines(&zh), lines(&en))
}

/// Lines that stay lines in markdown.
fn lines(lines: &[String]) -> String {
    let items: Vec<String> = lines.iter().map(|line| format!("- {line}")).collect();
    items.join("\n")
}

fn levels() -> String {
    Thinking::ALL.map(Thinking::name).join(" | ")
}

fn modes() -> String {
    QueueMode::ALL.map(QueueMode::name).join(" | ")
}

#[cfg(test)]
pub(super) fn every_reply() -> Vec<Reply> {
    use chela_engine::ports::Usage;
    use chela_engine::settings::Allowance;

    use chela_engine::id::AgentId;
    use chela_engine::testing::group_message;
    let status = Status {
        agent: AgentId::new("main"),
        name: Some("Crab".to_owned()),
        model: Some("qwen/max".to_owned()),
        thinking: Some(Thinking::High),
        session: Some((Duration::from_secs(1_800), 4)),
        tokens: (10, 2),
        alias: Some("x".to_owned()),
        queue: QueueMode::Collect,
        running: true,
        waiting: 2,
        answers_left: Some(900),
    };
    let idle = Status {
        name: None,
        model: None,
        thinking: None,
        session: None,
        alias: None,
        answers_left: None,
        running: false,
        ..status.clone()
    };
    let asked = "x".to_owned();
    let models = vec!["qwen/max".to_owned(); 50];
    let current = Some("qwen/max".to_owned());
    let origin = Box::new(Origin::of(&group_message("m", "lin", "hi")));
    let mut replies = vec![
        Reply::Help { owner: false },
        Reply::Help { owner: true },
        Reply::Status(Box::new(status)),
        Reply::Status(Box::new(idle)),
        Reply::Models {
            models: models.clone(),
            current: current.clone(),
        },
        Reply::Models {
            models: Vec::new(),
            current: None,
        },
        Reply::Model {
            current: current.clone(),
            chosen: true,
        },
        Reply::Model {
            current,
            chosen: false,
        },
        Reply::Model {
            current: None,
            chosen: false,
        },
        Reply::ModelUnknown {
            asked: asked.clone(),
            models,
        },
        Reply::Thinking { level: None },
        Reply::Thinking {
            level: Some(Thinking::ExtraHigh),
        },
        Reply::ThinkingUnknown {
            asked: asked.clone(),
        },
        Reply::QueueUnknown {
            asked: asked.clone(),
        },
        Reply::Compacted {
            before: 9,
            after: 3,
        },
        Reply::Cut { left_out: 4 },
        Reply::NothingToCompact,
        Reply::Context {
            entries: 2,
            tokens: 50,
            budget: 100,
            summary: None,
        },
        Reply::Context {
            entries: 2,
            tokens: 50,
            budget: 0,
            summary: Some(7),
        },
        Reply::Usage {
            input: 1,
            output: 2,
            entries: 2,
            today: Usage::default(),
            month: Usage::default(),
            allowed: Allowance::default(),
        },
        Reply::WhoAmI {
            origin,
            owner: true,
        },
        Reply::NoQuestion,
        Reply::Examined { report: None },
        Reply::PairingList {
            waiting: Vec::new(),
        },
        Reply::PairingDecided {
            name: asked.clone(),
            granted: true,
        },
        Reply::PairingNoCode { expired: true },
        Reply::PairingNoCode { expired: false },
        Reply::PairingUsage,
        Reply::Alias { alias: None },
        Reply::Alias {
            alias: Some(asked.clone()),
        },
        Reply::AliasUnknown {
            asked: asked.clone(),
        },
    ];
    for what in [Switch::Tools, Switch::Reasoning] {
        let states = [None, Some(true), Some(false)];
        replies.extend(states.map(|on| Reply::Switch { what, on }));
        let asked = asked.clone();
        replies.push(Reply::SwitchUnknown { what, asked });
    }
    for mode in QueueMode::ALL {
        replies.extend([true, false].map(|chosen| Reply::Queue { mode, chosen }));
    }
    replies
}
