//! What is said when, and the stream that says it.

use std::collections::VecDeque;
use std::time::Duration;

use chela_engine::ports::{AgentError, AgentEvent, Usage};
use chela_engine::text::tokens;
use chela_engine::text::truncate;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;

/// Characters of a piece in a short answer.
const PIECE: usize = 4;
/// A long answer comes in larger pieces instead of in more of them.
const PIECES: usize = 200;

/// How fast the scripted agent speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The pause before each piece of text.
    pub piece: Duration,
    /// The pause before each step of the slow answer, which has six.
    pub step: Duration,
}

impl Pace {
    /// No pauses at all, for tests and benchmarks.
    pub const INSTANT: Self = Self {
        piece: Duration::ZERO,
        step: Duration::ZERO,
    };
}

/// As people are used to it from models: an answer takes up to eight seconds, the slow one twelve more.
impl Default for Pace {
    fn default() -> Self {
        Self {
            piece: Duration::from_millis(40),
            step: Duration::from_secs(2),
        }
    }
}

/// An answer before it is given.
#[derive(Debug)]
pub(super) struct Script {
    pace: Pace,
    steps: VecDeque<Step>,
    usage: Usage,
}

#[derive(Debug)]
enum Step {
    Wait(Duration),
    Do(AgentEvent),
    Fail(AgentError),
}

impl Script {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            pace,
            steps: VecDeque::new(),
            usage: Usage::default(),
        }
    }

    /// Counts what was read.
    pub(super) fn read(mut self, question: &str) -> Self {
        self.usage.input_tokens += count(question);
        self
    }

    /// Speaks in pieces.
    pub(super) fn say(self, text: &str) -> Self {
        self.utter(text, AgentEvent::Text)
    }

    /// Thinks aloud in pieces.
    pub(super) fn think(self, text: &str) -> Self {
        self.utter(text, AgentEvent::Reasoning)
    }

    /// Lets one step of time go by.
    pub(super) fn wait(mut self) -> Self {
        self.steps.push_back(Step::Wait(self.pace.step));
        self
    }

    /// Ends with an error.
    pub(super) fn fail(mut self, error: AgentError) -> Self {
        self.steps.push_back(Step::Fail(error));
        self
    }

    /// The stream of it. A cancelled one just ends.
    pub(super) fn play(
        mut self,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        if !matches!(self.steps.back(), Some(Step::Fail(_))) {
            let usage = AgentEvent::Usage(self.usage);
            self.steps.push_back(Step::Do(usage));
        }
        stream::unfold((self.steps, cancel), |(mut steps, cancel)| async move {
            loop {
                match steps.pop_front()? {
                    Step::Wait(Duration::ZERO) => {}
                    Step::Wait(pause) => {
                        let slept = cancel.run_until_cancelled(tokio::time::sleep(pause));
                        slept.await?;
                    }
                    _ if cancel.is_cancelled() => return None,
                    Step::Do(event) => return Some((Ok(event), (steps, cancel))),
                    Step::Fail(error) => return Some((Err(error), (steps, cancel))),
                }
            }
        })
        .boxed()
    }

    fn utter(mut self, text: &str, event: fn(String) -> AgentEvent) -> Self {
        self.usage.output_tokens += count(text);
        for piece in pieces(text) {
            self.steps.push_back(Step::Wait(self.pace.piece));
            self.steps.push_back(Step::Do(event(piece.to_owned())));
        }
        self
    }
}

/// Cuts between what a reader sees as characters, so that an emoji appears whole.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let length = PIECE.max(text.chars().count().div_ceil(PIECES));
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, behind) = rest.split_at(truncate(rest, length).len());
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

fn count(text: &str) -> u64 {
    u64::try_from(tokens(text)).unwrap_or(u64::MAX)
}
