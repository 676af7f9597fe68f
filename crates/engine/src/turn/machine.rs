//! What a turn comes to, whatever the agent, the person and the clock do. Pure: input in, effect out.

use std::path::PathBuf;
use std::time::Duration;

use crate::ports::{AgentErrorKind, AgentEvent, Attempt, Notice, Remark, Texts, Usage};
use crate::time::Timestamp;

/// An answer of more bytes than this is ended here: nobody reads 300,000 characters in a chat, and memory is bounded.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Something that happened in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The agent did something.
    Agent(AgentEvent),
    /// The agent has come to its end.
    AgentEnded,
    /// The agent failed.
    AgentFailed(AgentErrorKind),
    /// The person wants no more.
    Stop {
        /// Waiting questions that were dropped with it.
        dropped: usize,
        /// Whether the agent has come to its end in time.
        in_time: bool,
    },
    /// The person has said something else, which is answered instead.
    Supersede,
    /// The turn takes too long.
    Deadline,
    /// The gateway ends; the message stays unanswered and is taken up after the restart.
    Abandon,
}

/// What the driver must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell that the first text is there.
    FirstText,
    /// Let go of the agent and write the end down. Comes exactly once.
    End(Conclusion),
}

/// The end of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// How it ended.
    pub outcome: Outcome,
    /// The answer, as far as it came.
    pub text: String,
    /// The files that tools made, which the answer may carry.
    pub made: Vec<PathBuf>,
    /// What the history keeps behind the question.
    pub annotations: String,
    /// What it has cost, when the agent told.
    pub usage: Option<Usage>,
    /// Which services were asked, and what came of it.
    pub attempts: Vec<Attempt>,
    /// What the person should know besides.
    pub remarks: Vec<Remark>,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Answer,
    /// With reasoning and no answer.
    ThinkingOnly,
    /// With tools used and no text.
    ToolsOnly,
    /// With nothing.
    Empty,
    /// By a failure of the agent.
    AgentFailed(AgentErrorKind),
    /// By the person.
    Stopped {
        /// Waiting questions that were dropped with it.
        dropped: usize,
        /// Whether the agent has come to its end in time.
        in_time: bool,
    },
    /// By what the person said next.
    Superseded,
    /// By the clock.
    TimedOut,
    /// Not at all: the gateway ended first.
    Abandoned,
}

/// The state of a turn.
#[derive(Debug, Default)]
pub struct Turn {
    text: String,
    reasoned: bool,
    used_tools: bool,
    made: Vec<PathBuf>,
    annotations: String,
    usage: Option<Usage>,
    attempts: Vec<Attempt>,
    remarks: Vec<Remark>,
    ended: bool,
}

impl Turn {
    /// Takes one input. After the end nothing has an effect.
    pub fn handle(&mut self, input: Input) -> Option<Effect> {
        if self.ended {
            return None;
        }
        match input {
            Input::Agent(event) => self.take(event),
            Input::AgentEnded => Some(self.end(self.natural_outcome())),
            Input::AgentFailed(kind) => Some(self.end(Outcome::AgentFailed(kind))),
            Input::Stop { dropped, in_time } => {
                Some(self.end(Outcome::Stopped { dropped, in_time }))
            }
            Input::Supersede => Some(self.end(Outcome::Superseded)),
            Input::Deadline => Some(self.end(Outcome::TimedOut)),
            Input::Abandon => Some(self.end(Outcome::Abandoned)),
        }
    }

    fn take(&mut self, event: AgentEvent) -> Option<Effect> {
        match event {
            AgentEvent::Text(more) if more.is_empty() => None,
            AgentEvent::Text(more) => {
                let first = self.text.is_empty();
                self.text.push_str(&more);
                if self.text.len() > LONGEST_ANSWER {
                    return Some(self.end(Outcome::AgentFailed(AgentErrorKind::Protocol)));
                }
                first.then_some(Effect::FirstText)
            }
            AgentEvent::Reasoning(_) => {
                self.reasoned = true;
                None
            }
            AgentEvent::ToolStarted { .. } | AgentEvent::ToolEnded { .. } => {
                self.used_tools = true;
                None
            }
            AgentEvent::Made(path) => {
                self.used_tools = true;
                self.made.push(path);
                None
            }
            AgentEvent::Annotation(annotation) => {
                self.annotations.push_str(&annotation);
                None
            }
            AgentEvent::Usage(usage) => {
                self.usage = Some(usage);
                None
            }
            AgentEvent::Attempt(attempt) => {
                self.attempts.push(attempt);
                None
            }
            AgentEvent::Remark(remark) => {
                // However often a tool is refused, it is said once.
                if !self.remarks.contains(&remark) {
                    self.remarks.push(remark);
                }
                None
            }
        }
    }

    fn natural_outcome(&self) -> Outcome {
        if !self.text.trim().is_empty() {
            Outcome::Answer
        } else if self.used_tools {
            Outcome::ToolsOnly
        } else if self.reasoned {
            Outcome::ThinkingOnly
        } else {
            Outcome::Empty
        }
    }

    fn end(&mut self, outcome: Outcome) -> Effect {
        self.ended = true;
        Effect::End(Conclusion {
            outcome,
            text: std::mem::take(&mut self.text),
            made: std::mem::take(&mut self.made),
            annotations: std::mem::take(&mut self.annotations),
            usage: self.usage,
            attempts: std::mem::take(&mut self.attempts),
            remarks: std::mem::take(&mut self.remarks),
        })
    }
}

impl Outcome {
    /// A stable word for logs, metrics and the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::ThinkingOnly => "thinking_only",
            Self::ToolsOnly => "tools_only",
            Self::Empty => "empty",
            Self::AgentFailed(_) => "agent_failed",
            Self::Stopped { .. } => "stopped",
            Self::Superseded => "superseded",
            Self::TimedOut => "timed_out",
            Self::Abandoned => "abandoned",
        }
    }
}

impl Conclusion {
    /// The model that answered: the last whose answer began. None where the agent tells of no models.
    pub fn model(&self) -> Option<&str> {
        let mut began = self
            .attempts
            .iter()
            .rev()
            .filter(|attempt| attempt.failure.is_none());
        began.next().map(|attempt| attempt.model.as_str())
    }

    /// What the person is told: the answer, and a sentence about everything that is not simply an answer. Empty only
    /// for an abandoned turn, which is not over.
    pub fn reply(&self, texts: &dyn Texts, limit: Duration) -> String {
        let partial = !self.text.trim().is_empty();
        let notice = match self.outcome {
            Outcome::Answer => return self.text.clone(),
            Outcome::Abandoned => return String::new(),
            Outcome::ThinkingOnly => Notice::ThinkingOnly,
            Outcome::Empty | Outcome::ToolsOnly => Notice::EmptyAnswer,
            Outcome::AgentFailed(kind) if partial => Notice::AgentFailedPartial { kind },
            Outcome::AgentFailed(kind) => Notice::AgentFailed { kind },
            Outcome::Stopped {
                dropped,
                in_time: false,
            } => Notice::StoppedLate { dropped },
            Outcome::Stopped { dropped, .. } if partial => Notice::StoppedPartial { dropped },
            Outcome::Stopped { dropped, .. } => Notice::StoppedEmpty { dropped },
            Outcome::Superseded => Notice::Superseded,
            Outcome::TimedOut => Notice::TimedOut { limit },
        };
        let notice = texts.notice(&notice);
        if partial {
            format!("{}\n\n{notice}", close_fence(&self.text))
        } else {
            notice
        }
    }

    /// What the history keeps of the answer; `None` when there was none.
    pub fn utterance(&self, at: Timestamp) -> Option<crate::ports::TranscriptEntry> {
        (!self.text.trim().is_empty()).then(|| crate::ports::TranscriptEntry {
            role: crate::ports::TranscriptRole::Assistant,
            text: self.text.clone(),
            at,
        })
    }
}

/// A text that broke off inside a code fence would swallow the notice behind it.
fn close_fence(text: &str) -> String {
    let text = text.trim_end();
    match crate::reply::open_fence(text) {
        Some(closing) => format!("{text}\n{closing}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(inputs: impl IntoIterator<Item = Input>) -> Vec<Effect> {
        let mut turn = Turn::default();
        inputs
            .into_iter()
            .filter_map(|input| turn.handle(input))
            .collect()
    }

    fn text(text: &str) -> Input {
        Input::Agent(AgentEvent::Text(text.to_owned()))
    }

    fn conclusion(inputs: impl IntoIterator<Item = Input>) -> Conclusion {
        let mut ends = run(inputs).into_iter().filter_map(|effect| match effect {
            Effect::End(conclusion) => Some(conclusion),
            Effect::FirstText => None,
        });
        ends.next().expect("the turn ends")
    }

    #[test]
    fn each_way_to_end() {
        let reasoning = || Input::Agent(AgentEvent::Reasoning("嗯".to_owned()));
        let tool = || {
            Input::Agent(AgentEvent::ToolEnded {
                call: "1".to_owned(),
                succeeded: true,
            })
        };
        let cases: [(Vec<Input>, Outcome, &str); 9] = [
            (
                vec![text("你"), text("好"), Input::AgentEnded],
                Outcome::Answer,
                "你好",
            ),
            (
                vec![reasoning(), Input::AgentEnded],
                Outcome::ThinkingOnly,
                "",
            ),
            (
                vec![reasoning(), tool(), Input::AgentEnded],
                Outcome::ToolsOnly,
                "",
            ),
            (vec![text(" \n"), Input::AgentEnded], Outcome::Empty, " \n"),
            (
                vec![Input::AgentFailed(AgentErrorKind::Auth)],
                Outcome::AgentFailed(AgentErrorKind::Auth),
                "",
            ),
            (
                vec![text("半"), Input::AgentFailed(AgentErrorKind::Timeout)],
                Outcome::AgentFailed(AgentErrorKind::Timeout),
                "半",
            ),
            (
                vec![
                    text("半"),
                    Input::Stop {
                        dropped: 2,
                        in_time: true,
                    },
                ],
                Outcome::Stopped {
                    dropped: 2,
                    in_time: true,
                },
                "半",
            ),
            (vec![Input::Deadline], Outcome::TimedOut, ""),
            (vec![text("半"), Input::Abandon], Outcome::Abandoned, "半"),
        ];
        for (inputs, outcome, text) in cases {
            let conclusion = conclusion(inputs);
            assert_eq!(
                (conclusion.outcome, conclusion.text.as_str()),
                (outcome, text)
            );
        }
    }

    #[test]
    fn an_endless_answer_is_ended() {
        let piece = "长".repeat(10_000);
        let conclusion = conclusion((0..100).map(|_| text(&piece)));
        assert_eq!(
            conclusion.outcome,
            Outcome::AgentFailed(AgentErrorKind::Protocol)
        );
        assert!(conclusion.text.len() <= LONGEST_ANSWER + piece.len());
    }

    fn any_input() -> impl Strategy<Value = Input> {
        prop_oneof![
            "[a-z]{0,3}".prop_map(|text| Input::Agent(AgentEvent::Text(text))),
            "[a-z]{0,3}".prop_map(|text| Input::Agent(AgentEvent::Reasoning(text))),
            Just(Input::Agent(AgentEvent::ToolStarted {
                call: "1".to_owned(),
                name: "查询".to_owned()
            })),
            Just(Input::Agent(AgentEvent::Usage(Usage {
                input_tokens: 1,
                output_tokens: 1,
                ..Usage::default()
            }))),
            Just(Input::AgentEnded),
            Just(Input::AgentFailed(AgentErrorKind::Unavailable)),
            (0..3_usize, any::<bool>())
                .prop_map(|(dropped, in_time)| Input::Stop { dropped, in_time }),
            Just(Input::Supersede),
            Just(Input::Deadline),
            Just(Input::Abandon),
        ]
    }

    proptest! {
        #[test]
        fn there_is_one_end_and_nothing_behind_it(inputs in prop::collection::vec(any_input(), 0..20)) {
            let ending = inputs.iter().position(|input| !matches!(input, Input::Agent(_)));
            let said: String = inputs.iter().take(ending.unwrap_or(inputs.len())).filter_map(|input| match input {
                Input::Agent(AgentEvent::Text(text)) => Some(text.as_str()),
                _ => None,
            }).collect();
            let effects = run(inputs.clone());
            let ends: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::End(_))).collect();
            prop_assert_eq!(ends.len(), usize::from(ending.is_some()));
            if let Some(Effect::End(conclusion)) = effects.last() {
                prop_assert_eq!(&conclusion.text, &said);
            }
            let firsts = effects.iter().filter(|effect| **effect == Effect::FirstText).count();
            prop_assert_eq!(firsts, usize::from(!said.is_empty()));
        }
    }
}
