//! What the scripted agent says, in both languages.

use std::fmt::Write;

use chela_engine::text::{readable, truncate};

/// Characters of a question that are quoted back.
const QUOTED: usize = 300;
/// Characters of an earlier question that are quoted.
const REMEMBERED: usize = 40;
/// Earlier questions that are quoted, the newest.
const LISTED: usize = 5;

/// The language of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

impl Language {
    /// Chinese, unless the question has words and no Chinese character.
    pub(super) fn of(question: &str) -> Self {
        let chinese = question.chars().any(|character| {
            matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        });
        if chinese || question.trim().is_empty() {
            Self::Chinese
        } else {
            Self::English
        }
    }
}

pub(super) fn greeting(language: Language, name: &str) -> String {
    match language {
        Language::Chinese => format!(
            "{name}，你好！我是演示助手，住在 Chela 里面，不联网，也没有接大模型。\n\n\
             随便问我点什么，或者发「帮助」，看看我会表演哪些节目。"
        ),
        Language::English => format!(
            "Hello {name}! I am the demo assistant. I live inside Chela, without a network and without a model.\n\n\
             Ask me anything, or send “help” to see what I can show you."
        ),
    }
}

pub(super) fn help(language: Language) -> &'static str {
    match language {
        Language::Chinese => {
            "我是演示助手。发给我下面任何一个词：\n\n\
             - **长文**：一篇九千字的 Markdown，看看它怎样分成几条而不破坏代码块\n\
             - **慢**：十几秒才说完的回答；想打断就发「停止」\n\
             - **出错**：还没开口，上游就坏了\n\
             - **半途出错**：说到一半，上游断了\n\
             - **只思考**：想了半天，一个字没说\n\
             - **空**：什么也没回答\n\
             - **复述 你好**：原样念回来\n\
             - **记得吗**：数一数这次会话里你问过什么；发 `/new` 就都忘了\n\n\
             别的问题我都引用一遍再回答。想换成真正的模型，设置 `OPENAI_API_KEY` 和 `OPENAI_BASE_URL` 后重新启动。"
        }
        Language::English => {
            "I am the demo assistant. Send me one of these words:\n\n\
             - **long**: nine thousand characters of Markdown, to see how it is divided without breaking the code\n\
             - **slow**: an answer that takes a dozen seconds; send “stop” to interrupt it\n\
             - **error**: the upstream breaks before the first word\n\
             - **error midway**: the upstream breaks in the middle\n\
             - **only think**: much thinking and not one word\n\
             - **empty**: no answer at all\n\
             - **echo: hello**: says it back, verbatim\n\
             - **do you remember**: counts what you asked in this session; `/new` forgets it all\n\n\
             Anything else I quote back. For a real model, set `OPENAI_API_KEY` and `OPENAI_BASE_URL` and start again."
        }
    }
}

pub(super) fn slow(language: Language) -> &'static [&'static str] {
    match language {
        Language::Chinese => &[
            "第一步：把问题读一遍……\n\n",
            "第二步：翻翻资料……\n\n",
            "第三步：想一想……\n\n",
            "第四步：写个草稿……\n\n",
            "第五步：检查错别字……\n\n",
            "第六步：好了，说完了。慢工出细活，这期间别的会话一直照常回答。",
        ],
        Language::English => &[
            "Step one: reading the question…\n\n",
            "Step two: looking things up…\n\n",
            "Step three: thinking…\n\n",
            "Step four: writing a draft…\n\n",
            "Step five: checking the spelling…\n\n",
            "Step six: done. Good things take time, and no other conversation had to wait for this one.",
        ],
    }
}

pub(super) fn first_half(language: Language) -> &'static str {
    match language {
        Language::Chinese => {
            "这个问题要分两半来说。先说前一半：消息在确认之前已经存进了磁盘，所以它丢不了。至于后一半，"
        }
        Language::English => {
            "There are two halves to this. The first: your message was on disk before it was acknowledged, \
             so it cannot be lost. As for the second half, "
        }
    }
}

pub(super) fn thoughts(language: Language) -> &'static str {
    match language {
        Language::Chinese => {
            "他问的是什么意思呢？也许是想看看，只有思考、没有回答的时候会怎样。那我就只想，不说。"
        }
        Language::English => {
            "What might this question mean? Perhaps they want to see what happens when there is thought \
             and no answer. Then I shall only think."
        }
    }
}

/// Shows that the session is remembered.
pub(super) fn memory(language: Language, questions: &[&str]) -> String {
    let count = questions.len();
    let mut answer = match (language, count) {
        (Language::Chinese, 0) => {
            return "这次会话刚开始，你还没问过我别的。先问点什么，再来考我。".to_owned();
        }
        (Language::English, 0) => {
            return "This session has just begun; you have asked me nothing else yet. Ask something, then test me again."
                .to_owned();
        }
        (Language::Chinese, _) => format!("记得。这次会话里，你之前发过 {count} 条消息"),
        (Language::English, 1) => "I do. You sent one message earlier in this session".to_owned(),
        (Language::English, _) => {
            format!("I do. You sent {count} messages earlier in this session")
        }
    };
    let first = count.saturating_sub(LISTED);
    answer.push_str(match (language, first > 0) {
        (Language::Chinese, false) => "：\n\n",
        (Language::Chinese, true) => "，最近的几条是：\n\n",
        (Language::English, false) => ":\n\n",
        (Language::English, true) => ", the latest being:\n\n",
    });
    for (number, question) in questions.iter().enumerate().skip(first) {
        let line = readable(question).replace('\n', " ");
        writeln!(answer, "{}. {}", number + 1, shortened(&line, REMEMBERED))
            .expect("a string takes everything");
    }
    answer
}

pub(super) fn quote_back(language: Language, question: &str) -> String {
    let question = readable(question);
    let quote = shortened(question.trim(), QUOTED).replace('\n', "\n> ");
    match language {
        Language::Chinese => format!(
            "你说的是：\n\n> {quote}\n\n\
             我是演示助手，没有接大模型，答不出更多；不过这条消息走完了全程：收到、存盘、确认、回答、送达。\n\n\
             发「帮助」看看我会表演什么。想换成真正的模型，设置 `OPENAI_API_KEY` 和 `OPENAI_BASE_URL` 后重新启动。"
        ),
        Language::English => format!(
            "You said:\n\n> {quote}\n\n\
             I am the demo assistant and have no model, so that is all I know about it. But your message went the \
             whole way: received, stored, acknowledged, answered, delivered.\n\n\
             Send “help” to see what I can show you. For a real model, set `OPENAI_API_KEY` and `OPENAI_BASE_URL` \
             and start again."
        ),
    }
}

/// What is said after a list of what came with a question.
pub(super) fn behind_files(language: Language, question: &str) -> String {
    let question = readable(question);
    let quote = shortened(question.trim(), QUOTED).replace('\n', "\n> ");
    let asked = match (language, quote.is_empty()) {
        (_, true) => String::new(),
        (Language::Chinese, false) => format!("你说的是：\n\n> {quote}\n\n"),
        (Language::English, false) => format!("You said:\n\n> {quote}\n\n"),
    };
    let end = match language {
        Language::Chinese => "我是演示助手，没有接大模型；接上之后，它读到的就是这些。",
        Language::English => {
            "I am the demo assistant and have no model; with one, this is what it would read."
        }
    };
    asked + end
}

pub(super) fn shortened(text: &str, limit: usize) -> String {
    let head = truncate(text, limit);
    if head == text {
        head.to_owned()
    } else {
        format!("{head}…")
    }
}
