//! Understands the events of one answer, and whether it is complete. Pure.

use std::collections::VecDeque;

use chela_engine::ports::{AgentError, AgentErrorKind, AgentEvent, Usage};
use serde::Deserialize;
use serde_json::Value;

use super::failure;

/// Ends a stream of events, behind everything else.
const DONE: &str = "[DONE]";

/// How far one answer has come.
#[derive(Debug, Default)]
pub(super) struct Answer {
    progress: Progress,
    /// The server has said that nothing follows.
    done: bool,
    usage: Option<Usage>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    /// Nothing that could be an answer.
    #[default]
    Nothing,
    /// It has begun.
    Begun,
    /// The model has ended it; usage may follow.
    Finished,
    /// A filter has ended it.
    Filtered,
}

/// One event, or the whole body of a server that does not stream.
#[derive(Debug, Deserialize)]
struct Frame {
    error: Option<Value>,
    choices: Option<Vec<Choice>>,
    usage: Option<FrameUsage>,
    /// Beside `choices` it means nothing; alone it is how some servers tell an error.
    message: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(alias = "message")]
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Delta {
    /// What the model thinks, as DeepSeek names it.
    reasoning_content: Option<String>,
    /// The same, as OpenRouter, Ollama and newer vLLM name it.
    reasoning: Option<String>,
    content: Option<String>,
    /// Why the model will not answer; shown in the place of an answer.
    refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FrameUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

impl Answer {
    /// Takes the data of one event.
    pub(super) fn take(
        &mut self,
        data: &str,
        events: &mut VecDeque<AgentEvent>,
    ) -> Result<(), AgentError> {
        if self.done || data.is_empty() {
            return Ok(());
        }
        if data == DONE {
            self.done = true;
            return Ok(());
        }
        let frame: Frame =
            serde_json::from_str(data).map_err(|error| failure::malformed(&error, data))?;
        if frame.error.is_some() || (frame.choices.is_none() && frame.message.is_some()) {
            return Err(failure::from_event(data));
        }
        if self.progress == Progress::Nothing {
            self.progress = Progress::Begun;
        }
        if let Some(usage) = frame.usage {
            self.usage = Some(Usage {
                input_tokens: usage.prompt_tokens.unwrap_or_default(),
                output_tokens: usage.completion_tokens.unwrap_or_default(),
            });
        }
        if let Some(choice) = frame.choices.into_iter().flatten().next() {
            self.take_choice(choice, events);
        }
        Ok(())
    }

    /// Whether nothing more is to be read.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// The response has ended: is the answer complete?
    pub(super) fn end(&mut self, events: &mut VecDeque<AgentEvent>) -> Result<(), AgentError> {
        events.extend(self.usage.take().map(AgentEvent::Usage));
        let (kind, detail) = match self.progress {
            Progress::Filtered => (
                AgentErrorKind::Refused,
                "the answer was ended by a content filter",
            ),
            Progress::Finished => return Ok(()),
            _ if self.done => return Ok(()),
            Progress::Nothing => (
                AgentErrorKind::Protocol,
                "the server answered 200 without a single event",
            ),
            Progress::Begun => (
                AgentErrorKind::Unavailable,
                "the answer broke off before its end",
            ),
        };
        Err(failure::error(kind, detail))
    }

    fn take_choice(&mut self, choice: Choice, events: &mut VecDeque<AgentEvent>) {
        if let Some(delta) = choice.delta {
            let reasoning = delta.reasoning_content.or(delta.reasoning);
            let reasoning = reasoning.into_iter().filter(|text| !text.is_empty());
            events.extend(reasoning.map(AgentEvent::Reasoning));
            let text = [delta.content, delta.refusal].into_iter().flatten();
            events.extend(text.filter(|text| !text.is_empty()).map(AgentEvent::Text));
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("content_filter" | "sensitive") => self.progress = Progress::Filtered,
            Some(_) => self.progress = Progress::Finished,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

    /// What comes out of some events and the end of the response.
    fn read(frames: &[&str]) -> (Vec<AgentEvent>, Option<AgentErrorKind>) {
        let mut answer = Answer::default();
        let mut events = VecDeque::new();
        let result = frames
            .iter()
            .try_for_each(|frame| answer.take(frame, &mut events))
            .and_then(|()| answer.end(&mut events));
        (events.into(), result.err().map(|error| error.kind))
    }

    fn text(text: &str) -> AgentEvent {
        AgentEvent::Text(text.to_owned())
    }

    #[test]
    fn reasoning_text_and_usage() {
        let (events, error) = read(&[
            r#"{"choices":[{"delta":{"role":"assistant","content":"","reasoning_content":null}}]}"#,
            r#"{"error":null,"choices":[{"delta":{"content":null,"reasoning_content":"嗯"}}]}"#,
            r#"{"choices":[{"delta":{"content":"好","reasoning":"…"}}],"usage":null}"#,
            STOP,
            r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#,
            DONE,
            "ignored behind the end",
        ]);
        let usage = AgentEvent::Usage(Usage {
            input_tokens: 5,
            output_tokens: 7,
        });
        let thought = |text: &str| AgentEvent::Reasoning(text.to_owned());
        assert_eq!(events, [thought("嗯"), thought("…"), text("好"), usage]);
        assert_eq!(error, None);
    }

    #[test]
    fn a_whole_answer_in_one_piece_is_understood() {
        let whole = r#"{"choices":[{"message":{"role":"assistant","content":"好"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
        let (events, error) = read(&[whole]);
        assert_eq!(
            (events.first(), events.len(), error),
            (Some(&text("好")), 2, None)
        );
    }

    #[test]
    fn only_a_finished_answer_is_complete() {
        let begun = r#"{"choices":[{"delta":{"content":"a"}}]}"#;
        assert_eq!(read(&[begun, STOP]), (vec![text("a")], None));
        assert_eq!(read(&[begun, DONE]), (vec![text("a")], None));
        assert_eq!(read(&[begun]).1, Some(AgentErrorKind::Unavailable));
        assert_eq!(read(&[]).1, Some(AgentErrorKind::Protocol));
        assert_eq!(read(&[STOP, DONE]), (Vec::new(), None));
    }

    #[test]
    fn a_filter_refuses() {
        let filtered =
            r#"{"choices":[{"delta":{"content":"前"},"finish_reason":"content_filter"}]}"#;
        let refused = (vec![text("前")], Some(AgentErrorKind::Refused));
        assert_eq!(read(&[filtered, DONE]), refused);
        assert_eq!(read(&[filtered]), refused);
        let refusal = r#"{"choices":[{"delta":{"refusal":"I cannot."}}]}"#;
        assert_eq!(read(&[refusal, DONE]), (vec![text("I cannot.")], None));
    }

    #[test]
    fn errors_in_the_stream() {
        for (frame, kind) in [
            (
                r#"{"error":{"message":"busy","type":"server_error"}}"#,
                AgentErrorKind::Unavailable,
            ),
            (
                r#"{"error":{"message":"slow down","code":429},"choices":[]}"#,
                AgentErrorKind::RateLimited,
            ),
            (
                r#"{"code":"DataInspectionFailed","message":"Output data may contain inappropriate content."}"#,
                AgentErrorKind::Refused,
            ),
            (r#"{"error":"boom"}"#, AgentErrorKind::Unavailable),
            (r#"{"choices":[{"delta":{"#, AgentErrorKind::Protocol),
            (r#"{"choices":"none"}"#, AgentErrorKind::Protocol),
            ("not json", AgentErrorKind::Protocol),
        ] {
            assert_eq!(read(&[frame]), (Vec::new(), Some(kind)), "{frame}");
        }
    }
}
