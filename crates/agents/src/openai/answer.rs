//! Understands the events of one answer, and whether it is complete. Pure.

use std::collections::VecDeque;

use chela_engine::ports::{AgentError, AgentErrorKind, Usage};
use serde::Deserialize;
use serde_json::Value;

use super::calls::{Calls, Piece, TooMuch};
use super::think_tags::{self, Splitter};
use crate::model::{Part, Stop};
use crate::service::{Reader, failure};

/// Ends a stream of events, behind everything else.
const DONE: &str = "[DONE]";

/// How far one answer has come.
#[derive(Debug, Default)]
pub(super) struct Answer {
    progress: Progress,
    /// The server has said that nothing follows.
    done: bool,
    calls: Calls,
    usage: Option<Usage>,
    text: Splitter,
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
    /// It has reached its longest length.
    Cut,
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
    /// Where Kimi puts it.
    usage: Option<FrameUsage>,
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
    tool_calls: Option<Vec<Piece>>,
}

#[derive(Debug, Deserialize)]
struct FrameUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    /// As DeepSeek names it.
    prompt_cache_hit_tokens: Option<u64>,
    /// As Kimi names it.
    cached_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

impl From<FrameUsage> for Usage {
    fn from(usage: FrameUsage) -> Self {
        let details = usage.prompt_tokens_details;
        let cached = details.and_then(|details| details.cached_tokens);
        let cached = cached.or(usage.prompt_cache_hit_tokens);
        Self {
            input_tokens: usage.prompt_tokens.unwrap_or_default(),
            cached_tokens: cached.or(usage.cached_tokens).unwrap_or_default(),
            output_tokens: usage.completion_tokens.unwrap_or_default(),
            ..Self::default()
        }
    }
}

impl From<think_tags::Piece> for Part {
    fn from(piece: think_tags::Piece) -> Self {
        match piece {
            think_tags::Piece::Text(text) => Self::Text(text),
            think_tags::Piece::Reasoning(text) => Self::Reasoning(text),
        }
    }
}

impl Reader for Answer {
    fn take(&mut self, data: &str, parts: &mut VecDeque<Part>) -> Result<(), AgentError> {
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
            self.usage = Some(usage.into());
        }
        match frame.choices.into_iter().flatten().next() {
            Some(choice) => self.take_choice(choice, parts),
            None => Ok(()),
        }
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn end(&mut self, parts: &mut VecDeque<Part>) -> Result<(), AgentError> {
        self.text.end(|piece| parts.push_back(piece.into()));
        parts.extend(self.usage.take().map(Part::Usage));
        let (kind, detail) = match self.progress {
            Progress::Filtered => (
                AgentErrorKind::Refused,
                "the answer was ended by a content filter",
            ),
            Progress::Nothing if !self.done => (
                AgentErrorKind::Protocol,
                "the server answered 200 without a single event",
            ),
            Progress::Begun if !self.done || !self.calls.are_whole() => (
                AgentErrorKind::Unavailable,
                "the answer broke off before its end",
            ),
            _ => {
                self.stop(parts);
                return Ok(());
            }
        };
        Err(failure::error(kind, detail))
    }
}

impl Answer {
    fn take_choice(
        &mut self,
        choice: Choice,
        parts: &mut VecDeque<Part>,
    ) -> Result<(), AgentError> {
        if let Some(usage) = choice.usage {
            self.usage = Some(usage.into());
        }
        if let Some(delta) = choice.delta {
            let reasoning = delta.reasoning_content.or(delta.reasoning);
            let reasoning = reasoning.into_iter().filter(|text| !text.is_empty());
            parts.extend(reasoning.map(Part::Reasoning));
            let text = [delta.content, delta.refusal].into_iter().flatten();
            for text in text.filter(|text| !text.is_empty()) {
                self.text.take(text, |piece| parts.push_back(piece.into()));
            }
            for piece in delta.tool_calls.into_iter().flatten() {
                self.calls.add(piece).map_err(|TooMuch| {
                    let detail = "the model calls more tools, or with longer arguments, than anybody can want";
                    failure::error(AgentErrorKind::Protocol, detail)
                })?;
            }
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("content_filter" | "sensitive") => self.progress = Progress::Filtered,
            Some("length") => self.progress = Progress::Cut,
            Some(_) => self.progress = Progress::Finished,
        }
        Ok(())
    }

    /// Services name the reason differently when tools are called; whether they are is what counts.
    fn stop(&mut self, parts: &mut VecDeque<Part>) {
        let cut = self.progress == Progress::Cut;
        let calls = self.calls.take(cut);
        let stop = match (cut, calls.is_empty()) {
            (true, _) => Stop::Length,
            (false, true) => Stop::Finished,
            (false, false) => Stop::ToolCalls,
        };
        parts.extend(calls.into_iter().map(Part::ToolCall));
        parts.push_back(Part::End(stop));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ToolCall;

    const END: Part = Part::End(Stop::Finished);

    const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

    /// What comes out of some events and the end of the response.
    fn read(frames: &[&str]) -> (Vec<Part>, Option<AgentErrorKind>) {
        let mut answer = Answer::default();
        let mut events = VecDeque::new();
        let result = frames
            .iter()
            .try_for_each(|frame| answer.take(frame, &mut events))
            .and_then(|()| answer.end(&mut events));
        (events.into(), result.err().map(|error| error.kind))
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
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
        let usage = Part::Usage(Usage {
            input_tokens: 5,
            output_tokens: 7,
            ..Usage::default()
        });
        let thought = |text: &str| Part::Reasoning(text.to_owned());
        assert_eq!(
            events,
            [thought("嗯"), thought("…"), text("好"), usage, END]
        );
        assert_eq!(error, None);
    }

    #[test]
    fn a_whole_answer_in_one_piece_is_understood() {
        let whole = r#"{"choices":[{"message":{"role":"assistant","content":"好"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
        let (events, error) = read(&[whole]);
        assert_eq!(
            (events.first(), events.len(), error),
            (Some(&text("好")), 3, None)
        );
    }

    #[test]
    fn only_a_finished_answer_is_complete() {
        let begun = r#"{"choices":[{"delta":{"content":"a"}}]}"#;
        assert_eq!(read(&[begun, STOP]), (vec![text("a"), END], None));
        assert_eq!(read(&[begun, DONE]), (vec![text("a"), END], None));
        assert_eq!(read(&[begun]).1, Some(AgentErrorKind::Unavailable));
        assert_eq!(read(&[]).1, Some(AgentErrorKind::Protocol));
        assert_eq!(read(&[STOP, DONE]), (vec![END], None));
    }

    #[test]
    fn a_filter_refuses() {
        let filtered =
            r#"{"choices":[{"delta":{"content":"前"},"finish_reason":"content_filter"}]}"#;
        let refused = (vec![text("前")], Some(AgentErrorKind::Refused));
        assert_eq!(read(&[filtered, DONE]), refused);
        assert_eq!(read(&[filtered]), refused);
        let refusal = r#"{"choices":[{"delta":{"refusal":"I cannot."}}]}"#;
        assert_eq!(read(&[refusal, DONE]), (vec![text("I cannot."), END], None));
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

    fn call(id: &str, name: &str, json: &str) -> Part {
        Part::ToolCall(ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            json: json.to_owned(),
        })
    }

    fn pieces(pieces: &str) -> String {
        format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{pieces}]}}}}]}}"#)
    }

    const TOOLS: Part = Part::End(Stop::ToolCalls);

    #[test]
    fn tool_calls_come_in_pieces_and_side_by_side() {
        let streamed = [
            pieces(
                r#"{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}"#,
            ),
            pieces(r#"{"index":1,"id":"b","function":{"name":"time","arguments":"{}"}}"#),
            pieces(r#"{"index":0,"function":{"arguments":"{\"城市\":"}}"#),
            pieces(r#"{"index":0,"id":"","function":{"name":"weather","arguments":"\"杭州\"}"}}"#),
        ];
        let streamed: Vec<&str> = streamed.iter().map(String::as_str).collect();
        let expected = vec![
            call("a", "weather", r#"{"城市":"杭州"}"#),
            call("b", "time", "{}"),
            TOOLS,
        ];
        // Whatever the server says about the reason, and also when it says none.
        let reason = |reason: &str| {
            format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#)
        };
        for end in [&reason("tool_calls"), &reason("stop"), DONE] {
            let frames: Vec<&str> = streamed.iter().copied().chain([end]).collect();
            assert_eq!(read(&frames), (expected.clone(), None), "{end}");
        }
        let whole = r#"{"choices":[{"message":{"content":null,"tool_calls":[
            {"id":"a","type":"function","function":{"name":"weather","arguments":"{\"城市\":\"杭州\"}"}},
            {"id":"b","type":"function","function":{"name":"time","arguments":{}}}
        ]},"finish_reason":"tool_calls"}]}"#;
        assert_eq!(read(&[whole]), (expected, None));
    }

    #[test]
    fn calls_without_numbers_or_ids_are_told_apart() {
        let [first, second] = [
            pieces(r#"{"index":0,"id":"x","function":{"name":"a","arguments":"{}"}}"#),
            pieces(r#"{"index":0,"id":"y","function":{"name":"b","arguments":"{}"}}"#),
        ];
        let expected = vec![call("x", "a", "{}"), call("y", "b", "{}"), TOOLS];
        assert_eq!(read(&[&first, &second, STOP]), (expected, None));
        let anonymous = pieces(r#"{"function":{"name":"a","arguments":"{}"}}"#);
        let expected = vec![call("call_1", "a", "{}"), call("call_2", "a", "{}"), TOOLS];
        assert_eq!(read(&[&anonymous, &anonymous, STOP]), (expected, None));
    }

    #[test]
    fn half_a_call_is_none() {
        let whole = pieces(r#"{"index":0,"id":"a","function":{"name":"time","arguments":"{}"}}"#);
        let half = pieces(
            r#"{"index":1,"id":"b","function":{"name":"send","arguments":"{\"text\":\"半"}}"#,
        );
        let cut = r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#;
        let expected = vec![call("a", "time", "{}"), Part::End(Stop::Length)];
        assert_eq!(read(&[&whole, &half, cut]), (expected, None));
        assert_eq!(read(&[&whole, &half]).1, Some(AgentErrorKind::Unavailable));
        assert_eq!(
            read(&[&whole, &half, DONE]).1,
            Some(AgentErrorKind::Unavailable)
        );
        // The model itself ended it so: it should hear that its arguments cannot be read.
        let broken = call("b", "send", "{\"text\":\"半");
        let expected = vec![call("a", "time", "{}"), broken, TOOLS];
        assert_eq!(read(&[&whole, &half, STOP]), (expected, None));
    }

    #[test]
    fn an_endless_call_is_refused() {
        let piece = pieces(&format!(
            r#"{{"index":0,"id":"a","function":{{"name":"w","arguments":"{}"}}}}"#,
            "长".repeat(100_000)
        ));
        let frames: Vec<&str> = std::iter::repeat_n(piece.as_str(), 20).collect();
        assert_eq!(read(&frames), (Vec::new(), Some(AgentErrorKind::Protocol)));
    }

    #[test]
    fn cached_tokens_as_services_name_them() {
        for usage in [
            r#""usage":{"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":4}}"#,
            r#""usage":{"prompt_tokens":9,"completion_tokens":1,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":5}"#,
            r#""usage":{"prompt_tokens":9,"completion_tokens":1,"cached_tokens":4}"#,
            r#""choices":[{"delta":{},"usage":{"prompt_tokens":9,"completion_tokens":1,"cached_tokens":4}}]"#,
        ] {
            let expected = Part::Usage(Usage {
                input_tokens: 9,
                cached_tokens: 4,
                output_tokens: 1,
                ..Usage::default()
            });
            assert_eq!(
                read(&[STOP, &format!("{{{usage}}}"), DONE]).0,
                [expected, END]
            );
        }
    }
}
