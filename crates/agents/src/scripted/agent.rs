//! The agent: reads the question, writes the script, plays it.

use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, TranscriptEntry, TranscriptRole,
};
use futures_util::stream::BoxStream;

use super::play::{Pace, Script};
use super::received;
use super::showcase;
use super::topic::Topic;
use super::words::{self, Language};

/// The agent of the demonstration and of tests.
///
/// Answers in Chinese, or in English when the question has no Chinese character. Stops at the next piece once the
/// request is cancelled. Fails only when it is asked to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scripted {
    pace: Pace,
}

impl Scripted {
    /// An agent that speaks at this pace.
    pub fn new(pace: Pace) -> Self {
        Self { pace }
    }
}

impl Agent for Scripted {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let question = request.message.text();
        let script = write(&question, &request, Script::new(self.pace));
        script.play(request.cancel)
    }
}

fn write(question: &str, request: &AgentRequest, script: Script) -> Script {
    let language = Language::of(question);
    let script = script.read(question);
    let has_company = !request.materials.is_empty() || !request.quotes.is_empty();
    if has_company {
        let received = received::received(language, request);
        let rest = words::behind_files(language, question);
        return script.say(&received).say(&rest);
    }
    match Topic::of(question) {
        Topic::Greeting => script.say(&words::greeting(language, &request.message.sender.name)),
        Topic::Help => script.say(words::help(language)),
        Topic::Long => script.say(&showcase::long_answer(language)),
        Topic::Slow => words::slow(language)
            .iter()
            .fold(script, |script, step| script.wait().say(step)),
        Topic::Error => script.fail(error("scripted failure before the first word")),
        Topic::ErrorMidway => script
            .say(words::first_half(language))
            .fail(error("scripted failure in the middle of the answer")),
        Topic::ThinkingOnly => script.think(words::thoughts(language)),
        Topic::Empty => script,
        Topic::Echo(rest) => script.say(rest),
        Topic::Memory => script.say(&words::memory(language, &questions(&request.history))),
        Topic::Other => script.say(&words::quote_back(language, question)),
    }
}

fn questions(history: &[TranscriptEntry]) -> Vec<&str> {
    history
        .iter()
        .filter(|entry| entry.role == TranscriptRole::User)
        .map(|entry| entry.text.as_str())
        .collect()
}

fn error(detail: &str) -> AgentError {
    AgentError {
        kind: AgentErrorKind::Unavailable,
        detail: detail.to_owned(),
        retry_after: None,
    }
}
