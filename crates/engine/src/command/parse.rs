//! From a message to a command.

use super::words::{ALLOW, DEFAULT, DENY, DOCTOR, NEW, OFF, ON, SHOW, SLASH, STOP, Slash};
use super::{Alias, Approve, Command, Pairing, Setting};
use crate::conversation::QueueMode;
use crate::id::InquiryId;
use crate::pairing::typed;
use crate::ports::Thinking;
use crate::text::truncate;

/// No sentence that is a command is longer; keeps the comparison cheap for long messages.
const LONGEST: usize = 40;
/// No alias is longer.
const LONGEST_ALIAS: usize = 64;

pub(super) fn parse(message: &str) -> Option<Command> {
    let message = without_mentions(message);
    if let Some((command, rest)) = slash(message) {
        return Some(with_arguments(command, rest));
    }
    if truncate(message, LONGEST) != message {
        return None;
    }
    let bare = message.trim_end_matches(is_end).to_lowercase();
    if STOP.contains(&bare.as_str()) {
        Some(Command::Stop)
    } else if NEW.contains(&bare.as_str()) {
        Some(Command::New { question: None })
    } else if DOCTOR.contains(&bare.as_str()) {
        Some(Command::Doctor { is_word: true })
    } else {
        None
    }
}

/// The command that a message begins with, and what follows: `/cmd args`, `/cmd: args` and `/cmd：args` are equal.
fn slash(message: &str) -> Option<(Slash, &str)> {
    if !message.starts_with('/') {
        return None;
    }
    let end = message
        .char_indices()
        .find(|(_, character)| character.is_whitespace() || matches!(character, ':' | '：'));
    let (word, rest) = match end {
        Some((place, _)) => message.split_at_checked(place)?,
        None => (message, ""),
    };
    let word = word.to_lowercase();
    let word = word.trim_end_matches(is_end);
    let (_, command) = SLASH.iter().find(|(known, _)| *known == word)?;
    let rest = rest.trim_start_matches([':', '：']).trim();
    Some((*command, rest))
}

fn with_arguments(command: Slash, rest: &str) -> Command {
    let question = Some(rest.to_owned()).filter(|rest| !rest.is_empty());
    match command {
        Slash::New => Command::New { question },
        Slash::Stop => Command::Stop,
        Slash::Help => Command::Help,
        Slash::Status => Command::Status,
        Slash::Models => Command::Models,
        Slash::Model => Command::Model(setting(rest, |word| Some(word.to_owned()))),
        Slash::Think => Command::Think(setting(rest, Thinking::parse)),
        Slash::Verbose => Command::Verbose(setting(rest, switch)),
        Slash::Reasoning => Command::Reasoning(setting(rest, switch)),
        Slash::Queue => Command::Queue(setting(rest, QueueMode::parse)),
        Slash::Compact => Command::Compact {
            instructions: question,
        },
        Slash::Context => Command::Context,
        Slash::Usage => Command::Usage,
        Slash::WhoAmI => Command::WhoAmI,
        Slash::Btw => Command::Btw { question },
        Slash::Alias => Command::Alias(alias(rest)),
        Slash::Pairing => Command::Pairing(pairing(rest)),
        Slash::Doctor => Command::Doctor { is_word: false },
        Slash::Approve => Command::Approve(approve(rest)),
        Slash::Deny => {
            let (id, _) = inquiry(rest);
            Command::Approve(Approve::Say { id, yes: false })
        }
        Slash::Answer => {
            let (id, text) = inquiry(rest);
            let text = text.to_owned();
            Command::Answer { id, text }
        }
    }
}

/// `ID`, `ID allow-once`, `ID deny`, or only the word.
fn approve(rest: &str) -> Approve {
    let (id, word) = inquiry(rest);
    let lower = word.to_lowercase();
    let lower = lower.as_str();
    let yes = ALLOW.contains(&lower);
    if yes || DENY.contains(&lower) {
        Approve::Say { id, yes }
    } else {
        Approve::Unknown(truncate(word, LONGEST).to_owned())
    }
}

/// The name of something that was asked, if it stands in front, and what follows.
fn inquiry(rest: &str) -> (Option<InquiryId>, &str) {
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let word = word.trim_start_matches('#').to_lowercase();
    let is_id = word.split_once('-').is_some_and(|(message, place)| {
        let mut place = place.chars();
        let digits = |text: &str| !text.is_empty() && text.chars().all(|one| one.is_ascii_digit());
        digits(message) && place.next().is_some_and(|one| one.is_ascii_digit())
    });
    if is_id {
        (Some(InquiryId::new(word)), behind.trim())
    } else {
        (None, rest)
    }
}

fn setting<T>(rest: &str, value: impl FnOnce(&str) -> Option<T>) -> Setting<T> {
    let word = rest.to_lowercase();
    let word = word.as_str();
    if SHOW.contains(&word) {
        Setting::Show
    } else if DEFAULT.contains(&word) {
        Setting::Default
    } else {
        match value(rest) {
            Some(value) => Setting::Set(value),
            None => Setting::Unknown(truncate(rest, LONGEST).to_owned()),
        }
    }
}

fn switch(word: &str) -> Option<bool> {
    let word = word.to_lowercase();
    let word = word.as_str();
    if ON.contains(&word) {
        Some(true)
    } else {
        OFF.contains(&word).then_some(false)
    }
}

/// `show`, `bind NAME` or `set NAME`, `unbind` or `clear`.
fn alias(rest: &str) -> Alias {
    let (verb, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = name.trim();
    let is_name = !name.is_empty()
        && name.chars().count() <= LONGEST_ALIAS
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || "_-".contains(character));
    match verb.to_lowercase().as_str() {
        "" | "show" | "查看" => Alias::Show,
        "bind" | "set" | "绑定" if is_name => Alias::Bind(name.to_owned()),
        "unbind" | "clear" | "解绑" => Alias::Unbind,
        _ => Alias::Unknown(truncate(rest, LONGEST).to_owned()),
    }
}

/// `list`, `approve CODE`, `reject CODE`; OpenClaw's name of the channel may stand before the code.
fn pairing(rest: &str) -> Pairing {
    let (verb, code) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let code = code.trim();
    let code = code.strip_prefix("dingtalk").unwrap_or(code);
    let code = typed(truncate(code, LONGEST));
    match verb.to_lowercase().as_str() {
        "" | "list" | "查看" | "列表" => Pairing::List,
        "approve" | "批准" | "同意" if !code.is_empty() => Pairing::Approve(code),
        "reject" | "拒绝" if !code.is_empty() => Pairing::Reject(code),
        _ => Pairing::Unknown,
    }
}

fn is_end(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '.' | '!' | '?' | '。' | '！' | '？' | '~' | '～' | '…'
        )
}

/// DingTalk strips the mention of the bot itself; other clients and other mentions in front may remain.
fn without_mentions(message: &str) -> &str {
    let mut rest = message.trim();
    while rest.starts_with(['@', '＠']) {
        match rest.split_once(char::is_whitespace) {
            Some((_, behind)) => rest = behind.trim_start(),
            None => break,
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::super::NAMES;
    use super::*;

    fn new(question: Option<&str>) -> Option<Command> {
        Some(Command::New {
            question: question.map(str::to_owned),
        })
    }

    #[test]
    fn every_way_to_say_it() {
        for message in [
            "/stop",
            " 停止 ",
            "Stop",
            "ESC",
            "停！",
            "/stop！",
            "@小钳 停止",
            "@小钳 @林小满 /STOP",
            "＠小钳 /停止",
            "please stop.",
        ] {
            assert_eq!(parse(message), Some(Command::Stop), "{message}");
        }
        for message in [
            "/new",
            "/reset",
            "/clear",
            "新会话",
            "重新开始",
            "清空对话",
            "@小钳 /new",
            "/NEW:",
        ] {
            assert_eq!(parse(message), new(None), "{message}");
        }
        assert_eq!(parse("/new 写一首诗"), new(Some("写一首诗")));
        assert_eq!(parse("/new：写一首诗"), new(Some("写一首诗")));
        assert_eq!(parse("/new\n第一行\n第二行"), new(Some("第一行\n第二行")));
    }

    #[test]
    fn settings_are_told_set_and_taken_back() {
        let qwen = Setting::Set("Qwen/Max 2".to_owned());
        for (message, command) in [
            ("/model", Command::Model(Setting::Show)),
            ("/模型 Qwen/Max 2", Command::Model(qwen.clone())),
            ("/model: Qwen/Max 2", Command::Model(qwen)),
            ("/model 默认", Command::Model(Setting::Default)),
            ("/think HIGH", Command::Think(Setting::Set(Thinking::High))),
            (
                "/思考 很多",
                Command::Think(Setting::Unknown("很多".to_owned())),
            ),
            ("/verbose 开", Command::Verbose(Setting::Set(true))),
            ("/v off", Command::Verbose(Setting::Set(false))),
            ("/reasoning", Command::Reasoning(Setting::Show)),
            (
                "/queue steer",
                Command::Queue(Setting::Set(QueueMode::Steer)),
            ),
            ("/queue default", Command::Queue(Setting::Default)),
            ("/我是谁", Command::WhoAmI),
            ("/帮助", Command::Help),
            ("/状态", Command::Status),
            (
                "/btw 几点了",
                Command::Btw {
                    question: Some("几点了".to_owned()),
                },
            ),
            (
                "/session-alias bind 项目_A-1",
                Command::Alias(Alias::Bind("项目_A-1".to_owned())),
            ),
            ("/session-alias clear", Command::Alias(Alias::Unbind)),
            ("/pairing", Command::Pairing(Pairing::List)),
            (
                "/pair approve dingtalk ab2d-efgh",
                Command::Pairing(Pairing::Approve("AB2DEFGH".to_owned())),
            ),
            (
                "/配对 批准 AB2DEFGH。",
                Command::Pairing(Pairing::Approve("AB2DEFGH".to_owned())),
            ),
            (
                "/配对 拒绝 AB2DEFGH",
                Command::Pairing(Pairing::Reject("AB2DEFGH".to_owned())),
            ),
            ("/pair approve", Command::Pairing(Pairing::Unknown)),
            ("/pair 🦀", Command::Pairing(Pairing::Unknown)),
            ("/会话别名", Command::Alias(Alias::Show)),
            (
                "/session-alias bind a b",
                Command::Alias(Alias::Unknown("bind a b".to_owned())),
            ),
        ] {
            assert_eq!(parse(message), Some(command), "{message}");
        }
    }

    #[test]
    fn b15_an_approval_is_typed_in_openclaws_way_and_in_chinese() {
        let say = |id: Option<&str>, yes| {
            let id = id.map(InquiryId::new);
            Some(Command::Approve(Approve::Say { id, yes }))
        };
        for message in [
            "/approve 14-1kdtm",
            "/approve 14-1KDTM allow-once",
            "/批准 #14-1kdtm",
            "@小钳 /批准：14-1kdtm",
        ] {
            assert_eq!(parse(message), say(Some("14-1kdtm"), true), "{message}");
        }
        for message in [
            "/approve 14-1kdtm deny",
            "/拒绝 14-1kdtm",
            "/deny 14-1kdtm 不行",
        ] {
            assert_eq!(parse(message), say(Some("14-1kdtm"), false), "{message}");
        }
        assert_eq!(parse("/approve"), say(None, true));
        assert_eq!(parse("/approve deny"), say(None, false));
        let unknown = |word: &str| Some(Command::Approve(Approve::Unknown(word.to_owned())));
        assert_eq!(
            parse("/approve 14-1kdtm allow-always"),
            unknown("allow-always")
        );
        assert_eq!(parse("/approve 随便"), unknown("随便"));
        let answer = |id: Option<&str>, text: &str| {
            let (id, text) = (id.map(InquiryId::new), text.to_owned());
            Some(Command::Answer { id, text })
        };
        assert_eq!(
            parse("/回答 14-2aaaa 周五 👍"),
            answer(Some("14-2aaaa"), "周五 👍")
        );
        assert_eq!(parse("/answer 周五"), answer(None, "周五"));
        assert_eq!(
            parse("/answer 14-2aaaa\na: 1\nb: 2"),
            answer(Some("14-2aaaa"), "a: 1\nb: 2")
        );
    }

    #[test]
    fn every_command_has_a_name_and_a_slash() {
        for name in NAMES {
            let command = parse(&format!("/{name}"));
            assert_eq!(command.map(|command| command.name()), Some(name));
        }
    }

    #[test]
    fn questions_are_not_commands() {
        for message in [
            "",
            "@",
            "停止服务怎么写？",
            "how do I stop a thread",
            "/newer",
            "新会话是什么",
            "/unknown",
            "/usr/bin",
            "stopwatch",
        ] {
            assert_eq!(parse(message), None, "{message}");
        }
        assert_eq!(parse(&"停".repeat(100_000)), None);
    }
}
