//! Understands the events of one answer, and whether it is complete. Pure.

use std::collections::{BTreeMap, VecDeque};

use chela_engine::ports::{AgentError, AgentErrorKind, Usage};
use serde::Deserialize;
use serde_json::Value;

use crate::model::{Part, Seal, Stop, ToolCall};
use crate::service::{Reader, failure};

/// Bytes of the arguments of one answer: a file that a model writes fits many times over.
const LARGEST: usize = 2 << 20;

/// How far one answer has come.
#[derive(Debug, Default)]
pub(super) struct Answer {
    begun: bool,
    /// Why the model ended, once it has.
    reason: Option<String>,
    /// The server has said that nothing follows.
    done: bool,
    /// Blocks that have begun and not ended, by their index.
    open: BTreeMap<u64, Open>,
    /// Complete, held back until the answer is.
    calls: Vec<ToolCall>,
    /// Bytes of arguments so far.
    bytes: usize,
    usage: Option<FrameUsage>,
}

#[derive(Debug)]
enum Open {
    Text,
    Thinking {
        signature: String,
    },
    /// Hidden reasoning, which is complete from the beginning.
    Hidden,
    Tool {
        call: ToolCall,
        /// What came with the beginning, for servers that send it whole.
        input: Option<Value>,
    },
    /// Something that is not known here, such as a tool that runs at the service.
    Other,
}

/// One event, or the whole body of a server that does not stream.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Frame {
    MessageStart {
        message: Whole,
    },
    ContentBlockStart {
        index: u64,
        content_block: Block,
    },
    ContentBlockDelta {
        index: u64,
        delta: Delta,
    },
    ContentBlockStop {
        index: u64,
    },
    MessageDelta {
        delta: End,
        usage: Option<FrameUsage>,
    },
    MessageStop,
    Error,
    Message(Whole),
    #[serde(other)]
    Other,
}

/// A whole message, or the empty beginning of one.
#[derive(Debug, Deserialize)]
struct Whole {
    content: Option<Vec<Block>>,
    stop_reason: Option<String>,
    usage: Option<FrameUsage>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        #[serde(default)]
        text: String,
    },
    Thinking {
        #[serde(default)]
        thinking: String,
        #[serde(default)]
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    ToolUse {
        id: String,
        name: String,
        input: Option<Value>,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct End {
    stop_reason: Option<String>,
}

/// Counts are of the answer so far; the later ones win.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct FrameUsage {
    input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl Reader for Answer {
    fn take(&mut self, data: &str, parts: &mut VecDeque<Part>) -> Result<(), AgentError> {
        if self.done || data.is_empty() {
            return Ok(());
        }
        // Some gateways end every stream as OpenAI does.
        if data == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        let frame: Frame = match serde_json::from_str(data) {
            Ok(frame) => frame,
            Err(error) => return Err(unknown(&error, data)),
        };
        match frame {
            Frame::Error => return Err(failure::from_event(data)),
            Frame::Other => {}
            Frame::MessageStart { message } => {
                self.begun = true;
                self.count(message.usage);
            }
            Frame::ContentBlockStart {
                index,
                content_block,
            } => self.open(index, content_block, parts),
            Frame::ContentBlockDelta { index, delta } => self.delta(index, delta, parts)?,
            Frame::ContentBlockStop { index } => self.close(index, parts),
            Frame::MessageDelta { delta, usage } => {
                self.count(usage);
                self.reason = delta.stop_reason.or(self.reason.take());
            }
            Frame::MessageStop => self.done = true,
            Frame::Message(whole) => self.take_whole(whole, parts),
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn end(&mut self, parts: &mut VecDeque<Part>) -> Result<(), AgentError> {
        parts.extend(self.usage.take().map(|usage| Part::Usage(usage.into())));
        let stop = match self.reason.as_deref() {
            None if self.done && self.begun && self.open.is_empty() => Stop::Finished,
            None if self.begun => {
                let detail = "the answer broke off before its end";
                return Err(failure::error(AgentErrorKind::Unavailable, detail));
            }
            None => {
                let detail = "the server answered 200 without the beginning of a message";
                return Err(failure::error(AgentErrorKind::Protocol, detail));
            }
            Some("refusal") => {
                let detail = "the answer was ended by a content filter";
                return Err(failure::error(AgentErrorKind::Refused, detail));
            }
            // A call that is cut off by its length has not ended.
            Some("max_tokens" | "model_context_window_exceeded") => Stop::Length,
            Some(_) => Stop::Finished,
        };
        let calls = std::mem::take(&mut self.calls);
        let stop = match stop {
            Stop::Finished if !calls.is_empty() => Stop::ToolCalls,
            stop => stop,
        };
        parts.extend(calls.into_iter().map(Part::ToolCall));
        parts.push_back(Part::End(stop));
        Ok(())
    }
}

impl Answer {
    fn count(&mut self, usage: Option<FrameUsage>) {
        let Some(new) = usage else {
            return;
        };
        let old = self.usage.unwrap_or_default();
        self.usage = Some(FrameUsage {
            input_tokens: new.input_tokens.or(old.input_tokens),
            cache_read_input_tokens: new.cache_read_input_tokens.or(old.cache_read_input_tokens),
            cache_creation_input_tokens: new
                .cache_creation_input_tokens
                .or(old.cache_creation_input_tokens),
            output_tokens: new.output_tokens.or(old.output_tokens),
        });
    }

    fn open(&mut self, index: u64, block: Block, parts: &mut VecDeque<Part>) {
        self.begun = true;
        let open = match block {
            Block::Text { text } => {
                say(Part::Text, text, parts);
                Open::Text
            }
            Block::Thinking {
                thinking,
                signature,
            } => {
                say(Part::Reasoning, thinking, parts);
                Open::Thinking { signature }
            }
            Block::RedactedThinking { data } => {
                parts.push_back(Part::Seal(Seal::Hidden(data)));
                Open::Hidden
            }
            Block::ToolUse { id, name, input } => Open::Tool {
                call: ToolCall {
                    id,
                    name,
                    json: String::new(),
                },
                input,
            },
            Block::Other => Open::Other,
        };
        self.open.insert(index, open);
    }

    fn delta(
        &mut self,
        index: u64,
        delta: Delta,
        parts: &mut VecDeque<Part>,
    ) -> Result<(), AgentError> {
        match (delta, self.open.get_mut(&index)) {
            // Text is never lost, whatever was said about its block.
            (Delta::Text { text }, _) => say(Part::Text, text, parts),
            (Delta::Thinking { thinking }, _) => say(Part::Reasoning, thinking, parts),
            (Delta::Signature { signature: more }, Some(Open::Thinking { signature })) => {
                signature.push_str(&more);
            }
            (Delta::InputJson { partial_json }, Some(Open::Tool { call, .. })) => {
                self.bytes += partial_json.len();
                if self.bytes > LARGEST {
                    let detail =
                        "the model calls a tool with longer arguments than anybody can want";
                    return Err(failure::error(AgentErrorKind::Protocol, detail));
                }
                call.json.push_str(&partial_json);
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, index: u64, parts: &mut VecDeque<Part>) {
        match self.open.remove(&index) {
            Some(Open::Thinking { signature }) => {
                parts.push_back(Part::Seal(Seal::Signature(signature)));
            }
            Some(Open::Tool { mut call, input }) => {
                if call.json.is_empty() {
                    call.json = input.map(|input| input.to_string()).unwrap_or_default();
                }
                // An id that comes twice would tie two results to one call.
                let taken = self.calls.iter().any(|other| other.id == call.id);
                if call.id.is_empty() || taken {
                    call.id = format!("call_{}", index + 1);
                }
                self.calls.push(call);
            }
            Some(Open::Text | Open::Hidden | Open::Other) | None => {}
        }
    }

    fn take_whole(&mut self, whole: Whole, parts: &mut VecDeque<Part>) {
        self.begun = true;
        self.count(whole.usage);
        for (index, block) in (0..).zip(whole.content.into_iter().flatten()) {
            self.open(index, block, parts);
            self.close(index, parts);
        }
        self.reason = whole.stop_reason;
        self.done = true;
    }
}

impl From<FrameUsage> for Usage {
    fn from(usage: FrameUsage) -> Self {
        let cached = usage.cache_read_input_tokens.unwrap_or_default();
        let written = usage.cache_creation_input_tokens.unwrap_or_default();
        Self {
            input_tokens: usage.input_tokens.unwrap_or_default() + cached + written,
            cached_tokens: cached,
            cache_written_tokens: written,
            output_tokens: usage.output_tokens.unwrap_or_default(),
            ..Self::default()
        }
    }
}

fn say(part: fn(String) -> Part, text: String, parts: &mut VecDeque<Part>) {
    if !text.is_empty() {
        parts.push_back(part(text));
    }
}

/// What is no event of this interface may be an error all the same.
fn unknown(reason: &serde_json::Error, data: &str) -> AgentError {
    let error = serde_json::from_str::<Value>(data).ok();
    let error = error.filter(|data| !data["error"].is_null() || data["message"].is_string());
    match error {
        Some(_) => failure::from_event(data),
        None => failure::malformed(reason, data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of some events and the end of the response.
    fn read(frames: &[&str]) -> (Vec<Part>, Option<AgentErrorKind>) {
        let mut answer = Answer::default();
        let mut parts = VecDeque::new();
        let result = frames
            .iter()
            .try_for_each(|frame| answer.take(frame, &mut parts))
            .and_then(|()| answer.end(&mut parts));
        (parts.into(), result.err().map(|error| error.kind))
    }

    const START: &str = r#"{"type":"message_start","message":{"id":"msg_1","role":"assistant","content":[],
        "usage":{"input_tokens":3,"cache_read_input_tokens":40,"cache_creation_input_tokens":7,"output_tokens":1}}}"#;
    const PING: &str = r#"{"type":"ping"}"#;
    const STOP: &str = r#"{"type":"message_stop"}"#;

    fn end(reason: &str) -> String {
        format!(
            r#"{{"type":"message_delta","delta":{{"stop_reason":"{reason}","stop_sequence":null}},"usage":{{"output_tokens":9}}}}"#
        )
    }

    fn begin(index: u64, block: &str) -> String {
        format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#)
    }

    fn delta(index: u64, delta: &str) -> String {
        format!(r#"{{"type":"content_block_delta","index":{index},"delta":{delta}}}"#)
    }

    fn close(index: u64) -> String {
        format!(r#"{{"type":"content_block_stop","index":{index}}}"#)
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn usage() -> Part {
        Part::Usage(Usage {
            input_tokens: 50,
            cached_tokens: 40,
            cache_written_tokens: 7,
            output_tokens: 9,
            ..Usage::default()
        })
    }

    fn call(id: &str, json: &str) -> Part {
        Part::ToolCall(ToolCall {
            id: id.to_owned(),
            name: "weather".to_owned(),
            json: json.to_owned(),
        })
    }

    #[test]
    fn thinking_text_tools_and_usage() {
        let frames = [
            START.to_owned(),
            begin(0, r#"{"type":"thinking","thinking":"","signature":""}"#),
            PING.to_owned(),
            delta(0, r#"{"type":"thinking_delta","thinking":"嗯"}"#),
            delta(0, r#"{"type":"signature_delta","signature":"sig"}"#),
            close(0),
            begin(1, r#"{"type":"redacted_thinking","data":"xyz"}"#),
            close(1),
            begin(2, r#"{"type":"text","text":""}"#),
            delta(2, r#"{"type":"text_delta","text":"好"}"#),
            close(2),
            begin(
                3,
                r#"{"type":"tool_use","id":"a","name":"weather","input":{}}"#,
            ),
            delta(3, r#"{"type":"input_json_delta","partial_json":""}"#),
            delta(
                3,
                r#"{"type":"input_json_delta","partial_json":"{\"城市\":"}"#,
            ),
            delta(
                3,
                r#"{"type":"input_json_delta","partial_json":"\"杭州\"}"}"#,
            ),
            close(3),
            begin(
                4,
                r#"{"type":"tool_use","id":"b","name":"weather","input":{}}"#,
            ),
            close(4),
            begin(5, r#"{"type":"something_new"}"#),
            delta(5, r#"{"type":"new_delta"}"#),
            close(5),
            end("tool_use"),
            STOP.to_owned(),
        ];
        let frames: Vec<&str> = frames.iter().map(String::as_str).collect();
        let expected = vec![
            Part::Reasoning("嗯".to_owned()),
            Part::Seal(Seal::Signature("sig".to_owned())),
            Part::Seal(Seal::Hidden("xyz".to_owned())),
            text("好"),
            usage(),
            call("a", r#"{"城市":"杭州"}"#),
            call("b", "{}"),
            Part::End(Stop::ToolCalls),
        ];
        assert_eq!(read(&frames), (expected.clone(), None));
        // Without the last event it is complete all the same.
        let (_, frames) = frames.split_last().unwrap();
        assert_eq!(read(frames), (expected, None));
    }

    #[test]
    fn a_whole_answer_in_one_piece_is_understood() {
        let whole = r#"{"type":"message","role":"assistant","content":[
            {"type":"text","text":"好"},
            {"type":"tool_use","id":"a","name":"weather","input":{"城市":"杭州"}}
        ],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}"#;
        let (parts, error) = read(&[whole]);
        assert_eq!(parts.first(), Some(&text("好")));
        assert_eq!(parts.get(2), Some(&call("a", r#"{"城市":"杭州"}"#)));
        assert_eq!(
            (parts.last(), error),
            (Some(&Part::End(Stop::ToolCalls)), None)
        );
    }

    #[test]
    fn what_breaks_off_is_no_answer() {
        let said = delta(0, r#"{"type":"text_delta","text":"前半"}"#);
        assert_eq!(read(&[START, &said]).1, Some(AgentErrorKind::Unavailable));
        assert_eq!(read(&[]).1, Some(AgentErrorKind::Protocol));
        assert_eq!(read(&[PING]).1, Some(AgentErrorKind::Protocol));
        let tool = begin(
            0,
            r#"{"type":"tool_use","id":"a","name":"weather","input":{}}"#,
        );
        let half = delta(0, r#"{"type":"input_json_delta","partial_json":"{\"城"}"#);
        assert_eq!(
            read(&[START, &tool, &half]).1,
            Some(AgentErrorKind::Unavailable)
        );
        assert_eq!(
            read(&[START, &tool, &half, STOP]).1,
            Some(AgentErrorKind::Unavailable)
        );
        let cut = vec![usage(), Part::End(Stop::Length)];
        assert_eq!(
            read(&[START, &tool, &half, &end("max_tokens"), STOP]),
            (cut, None)
        );
    }

    #[test]
    fn errors_in_the_stream() {
        for (frame, kind) in [
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                AgentErrorKind::Unavailable,
            ),
            (
                r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#,
                AgentErrorKind::RateLimited,
            ),
            (
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens"}}"#,
                AgentErrorKind::ContextTooLong,
            ),
            (
                r#"{"error":{"message":"余额不足"}}"#,
                AgentErrorKind::QuotaExhausted,
            ),
            (r#"{"type":"message_start"}"#, AgentErrorKind::Protocol),
            (r#"{"choices":[]}"#, AgentErrorKind::Protocol),
            ("{", AgentErrorKind::Protocol),
        ] {
            assert_eq!(read(&[frame]), (Vec::new(), Some(kind)), "{frame}");
        }
        let (parts, error) = read(&[START, &end("refusal"), STOP]);
        assert_eq!(
            (parts, error),
            (vec![usage()], Some(AgentErrorKind::Refused))
        );
    }
}
