//! What the operator is told on the second path.

use chela_channels::dingtalk::quota::Budget;

use super::text::phrase;
use super::{Code, Phrase, Text};

/// What an incident is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A bot, by its name.
    Bot(String),
    /// The store.
    Store,
    /// The model services.
    Model,
    /// So many starts after a death.
    Restarts(usize),
    /// The quota of an organisation.
    Quota {
        /// Which budget.
        budget: Budget,
        /// Its bots.
        bots: String,
        /// How much is used.
        used: u64,
        /// How much there is.
        limit: u64,
        /// How many more answers that makes.
        answers_left: u64,
    },
}

/// Above everything that is told.
pub const TITLE: Text = Text::new("Chela 告警", "Chela alert");

/// Something needs a person. `code` as in `CHELA-3001`.
pub fn begun(code: &str, about: &About) -> Phrase {
    let explanation = Code::parse(code).map(Code::explanation);
    let (title_zh, title_en) =
        explanation.map_or(("", ""), |words| (words.title.zh, words.title.en));
    let (fix_zh, fix_en) = explanation.map_or(("", ""), |words| (words.fix.zh, words.fix.en));
    let detail = detail(about);
    Phrase::new(
        format!(
            "{code} {title_zh}。{}{fix_zh}",
            detail.get(super::Language::Chinese)
        ),
        format!(
            "{code} {title_en}. {}{fix_en}",
            detail.get(super::Language::English)
        ),
    )
}

fn detail(about: &About) -> Phrase {
    match about {
        About::Bot(name) => phrase!("机器人：{name}。", "Bot: {name}. "),
        About::Store | About::Model => Phrase::new(String::new(), String::new()),
        About::Restarts(count) => phrase!(
            "10 分钟内异常重启 {count} 次。",
            "Started {count} times within 10 minutes after it had died. "
        ),
        About::Quota {
            budget,
            bots,
            used,
            limit,
            answers_left,
        } => {
            let name = super::alerts::budget(*budget);
            phrase!(
                "{zh}本月已用 {used}/{limit}，大约还能回答 {answers_left} 条（机器人：{bots}）。",
                "{en}: {used} of {limit} used this month, about {answers_left} more answers (bots: {bots}). ",
                zh = name.zh,
                en = name.en,
            )
        }
    }
}

/// It is over. `name` is what the incident is kept under.
pub fn over(code: &str, name: &str) -> Phrase {
    let explanation = Code::parse(code).map(Code::explanation);
    let (zh, en) = explanation.map_or(("", ""), |words| (words.title.zh, words.title.en));
    let which = name.strip_prefix("bot:");
    let bot_zh = which.map_or(String::new(), |name| format!("（机器人：{name}）"));
    let bot_en = which.map_or(String::new(), |name| format!(" (bot: {name})"));
    phrase!("已恢复：{code} {zh}{bot_zh}", "Over: {code} {en}{bot_en}")
}

/// The name of a budget.
pub fn budget(budget: Budget) -> Text {
    match budget {
        Budget::Calls => Text::new("接口调用", "Open API calls"),
        Budget::Messages => Text::new("Stream 与 Webhook 消息", "Stream and webhook messages"),
    }
}
