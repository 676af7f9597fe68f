//! What a message asks the scripted agent for.

use chela_engine::text::truncate;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic<'a> {
    Greeting,
    Help,
    Long,
    Slow,
    Error,
    ErrorMidway,
    ThinkingOnly,
    Empty,
    Echo(&'a str),
    Memory,
    Other,
}

/// Words that mean a topic when they are the whole message.
const WORDS: &[(Topic<'static>, &[&str])] = &[
    (
        Topic::Greeting,
        &["你好", "您好", "嗨", "hi", "hello", "hey"],
    ),
    (
        Topic::Help,
        &[
            "帮助",
            "/help",
            "help",
            "你能做什么",
            "你会什么",
            "what can you do",
        ],
    ),
    (Topic::Long, &["长文", "长一点", "long", "long answer"]),
    (Topic::Slow, &["慢", "慢慢说", "slow", "slow answer"]),
    (Topic::Error, &["出错", "error"]),
    (
        Topic::ErrorMidway,
        &["半途出错", "error midway", "error halfway"],
    ),
    (
        Topic::ThinkingOnly,
        &["只思考", "only think", "think only", "thinking only"],
    ),
    (Topic::Empty, &["空", "空回答", "empty", "empty answer"]),
    (
        Topic::Memory,
        &[
            "记得吗",
            "你记得吗",
            "还记得吗",
            "你还记得吗",
            "remember",
            "do you remember",
        ],
    ),
];

/// What stands before a text to repeat.
const ECHO: &[&str] = &["echo:", "echo：", "复述:", "复述：", "复述 ", "复述\n"];
/// No word is longer; keeps the comparison cheap for long messages.
const LONGEST: usize = 40;

impl<'a> Topic<'a> {
    /// Reads a message. Mentions in front, case and punctuation at the end do not matter.
    pub(super) fn of(message: &'a str) -> Self {
        let message = without_mentions(message);
        if let Some(rest) = ECHO.iter().find_map(|word| behind(message, word)) {
            return Self::Echo(rest);
        }
        if truncate(message, LONGEST) != message {
            return Self::Other;
        }
        let words = message.trim_end_matches(is_ending).to_lowercase();
        WORDS
            .iter()
            .find(|(_, known)| known.contains(&words.as_str()))
            .map_or(Self::Other, |(topic, _)| *topic)
    }
}

/// What follows a prefix, without the spaces between; `None` when nothing does, or when the prefix is another.
fn behind<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = message.split_at_checked(prefix.len())?;
    let rest = rest.trim_start_matches(' ');
    (start.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some(rest)
}

fn without_mentions(message: &str) -> &str {
    let mut rest = message.trim_start();
    while rest.starts_with('@') {
        match rest.split_once(char::is_whitespace) {
            Some((_, behind)) => rest = behind.trim_start(),
            None => break,
        }
    }
    rest
}

fn is_ending(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '.' | ',' | '!' | '?' | '~' | '。' | '，' | '！' | '？' | '～' | '…'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_message_must_be_the_word() {
        for (message, topic) in [
            ("帮助", Topic::Help),
            (" HELP! ", Topic::Help),
            ("你能做什么？", Topic::Help),
            ("@小钳 长文", Topic::Long),
            ("半途出错。", Topic::ErrorMidway),
            ("Do you remember?", Topic::Memory),
            ("帮助我写一封信", Topic::Other),
            ("慢性病怎么报销", Topic::Other),
            ("复述一下昨天的会", Topic::Other),
            ("", Topic::Other),
            ("@", Topic::Other),
            ("？", Topic::Other),
        ] {
            assert_eq!(Topic::of(message), topic, "{message}");
        }
    }

    #[test]
    fn an_echo_is_verbatim() {
        assert_eq!(
            Topic::of("echo: Two  spaces!\n"),
            Topic::Echo("Two  spaces!\n")
        );
        assert_eq!(Topic::of("Echo：好"), Topic::Echo("好"));
        assert_eq!(Topic::of("复述 你好👨‍👩‍👧"), Topic::Echo("你好👨‍👩‍👧"));
        assert_eq!(Topic::of("复述"), Topic::Other);
        assert_eq!(Topic::of("echo:"), Topic::Other);
        assert_eq!(Topic::of("echoes"), Topic::Other);
    }
}
