//! What people say to the engine and not to the agent.

use crate::text::truncate;

/// An instruction for the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Forget the history; what follows on the same line is the first question of the new one.
    New {
        /// The rest of the message.
        question: Option<String>,
    },
    /// Stop what is running and drop what waits.
    Stop,
}

/// Slash commands that begin a new session; others may follow on the line.
const NEW_SLASH: &[&str] = &["/new", "/reset", "/clear", "/新会话"];
/// Sentences that begin a new session when they are the whole message.
const NEW_BARE: &[&str] = &["新会话", "重新开始", "清空对话"];
/// Sentences that stop the run when they are the whole message.
const STOP: &[&str] = &[
    "/stop",
    "/停止",
    "stop",
    "esc",
    "abort",
    "exit",
    "interrupt",
    "halt",
    "please stop",
    "stop please",
    "停止",
    "停下来",
    "停下",
    "停",
    "暂停",
    "取消",
    "终止",
    "别说了",
];
/// No command is longer; keeps the comparison cheap for long messages.
const LONGEST: usize = 40;

impl Command {
    /// Reads a message. A mention in front of a command and punctuation behind it do not matter.
    pub fn parse(message: &str) -> Option<Self> {
        let message = without_mentions(message);
        let slash = message
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let slash = slash.trim_end_matches([':', '：']);
        if NEW_SLASH.contains(&slash) {
            let question = message
                .split_once(char::is_whitespace)
                .map(|(_, rest)| rest.trim());
            return Some(Self::New {
                question: question.filter(|rest| !rest.is_empty()).map(str::to_owned),
            });
        }
        if truncate(message, LONGEST) != message {
            return None;
        }
        let bare = message.trim_end_matches(|character: char| {
            character.is_whitespace()
                || matches!(
                    character,
                    '.' | '!' | '?' | '。' | '！' | '？' | '~' | '～' | '…'
                )
        });
        let bare = bare.to_lowercase();
        if STOP.contains(&bare.as_str()) {
            Some(Self::Stop)
        } else if NEW_BARE.contains(&bare.as_str()) {
            Some(Self::New { question: None })
        } else {
            None
        }
    }
}

/// DingTalk strips the mention of the bot itself; other clients and other mentions in front may remain.
fn without_mentions(message: &str) -> &str {
    let mut rest = message.trim();
    while rest.starts_with('@') {
        match rest.split_once(char::is_whitespace) {
            Some((_, behind)) => rest = behind.trim_start(),
            None => break,
        }
    }
    rest
}

#[cfg(test)]
mod tests {
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
            "@小钳 停止",
            "@小钳 @林小满 /STOP",
            "please stop.",
        ] {
            assert_eq!(Command::parse(message), Some(Command::Stop), "{message}");
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
            assert_eq!(Command::parse(message), new(None), "{message}");
        }
        assert_eq!(Command::parse("/new 写一首诗"), new(Some("写一首诗")));
        assert_eq!(
            Command::parse("/new\n第一行\n第二行"),
            new(Some("第一行\n第二行"))
        );
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
            "stopwatch",
        ] {
            assert_eq!(Command::parse(message), None, "{message}");
        }
        assert_eq!(Command::parse(&"停".repeat(100_000)), None);
    }
}
