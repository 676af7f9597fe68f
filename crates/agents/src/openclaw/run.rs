//! What is told of one run, understood: event in, events of the agent out. Pure.
//!
//! Text comes as snapshots of everything said so far, which may begin anew behind a tool (protocol 3) or go on (4); the
//! port wants what is new. Snapshots are the truth, because a slow connection loses some of them (reference of OpenClaw
//! core §4.2, §4.5).

use chela_engine::ports::{AgentError, AgentErrorKind, AgentEvent, Usage};
use serde_json::Value;

use super::failure;

/// How far a run has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It goes on.
    Going,
    /// The agent has ended; the final word should follow at once.
    Ending,
    /// It is over.
    Over(Result<(), AgentError>),
}

/// One run as it was heard so far.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// What of the current stretch of text was passed on.
    stretch: String,
    /// What of all text was passed on, without white space.
    said: String,
    thought: String,
    usage: Usage,
}

impl Run {
    /// Takes an event of this run.
    pub(super) fn take(
        &mut self,
        name: &str,
        payload: &Value,
        events: &mut Vec<AgentEvent>,
    ) -> Progress {
        match name {
            "chat" => self.chat(payload, events),
            _ => self.agent(payload, events),
        }
    }

    /// Takes the answer as the history has it.
    pub(super) fn conclude(&mut self, text: &str, events: &mut Vec<AgentEvent>) -> Progress {
        if self.said.is_empty() && is_error(text) {
            return Progress::Over(Err(failure::of_run(None, text)));
        }
        self.say_finally(text, events);
        Progress::Over(Ok(()))
    }

    fn chat(&mut self, payload: &Value, events: &mut Vec<AgentEvent>) -> Progress {
        let message = &payload["message"];
        match payload["state"].as_str() {
            Some("delta") => {
                self.say(&text_of(message), events);
                Progress::Going
            }
            Some("final") => {
                self.read_usage(&message["usage"], events);
                self.conclude(&text_of(message), events)
            }
            Some("aborted") => {
                self.say(&text_of(message), events);
                let detail = "the run was stopped on the gateway";
                let error = failure::error(AgentErrorKind::Unavailable, detail);
                Progress::Over(Err(error))
            }
            Some("error") => {
                let said = payload["errorMessage"]
                    .as_str()
                    .unwrap_or("no reason given");
                let error = failure::of_run(payload["errorKind"].as_str(), said);
                Progress::Over(Err(error))
            }
            _ => Progress::Going,
        }
    }

    fn agent(&mut self, payload: &Value, events: &mut Vec<AgentEvent>) -> Progress {
        let data = &payload["data"];
        match payload["stream"].as_str() {
            Some("tool") => tool(data, events),
            Some("thinking") => self.think(data, events),
            Some("usage") => self.read_usage(data, events),
            Some("lifecycle") if matches!(data["phase"].as_str(), Some("end" | "error")) => {
                return Progress::Ending;
            }
            _ => {}
        }
        Progress::Going
    }

    fn say(&mut self, snapshot: &str, events: &mut Vec<AgentEvent>) {
        if let Some(more) = snapshot.strip_prefix(self.stretch.as_str()) {
            if !more.is_empty() {
                self.pass_on(more.to_owned(), events);
                self.stretch = snapshot.to_owned();
            }
        } else if !self.stretch.starts_with(snapshot) {
            // Something else is being said. What was said cannot be taken back.
            self.pass_on(format!("\n\n{snapshot}"), events);
            self.stretch = snapshot.to_owned();
        }
    }

    /// The last word is the whole answer, or its last stretch, and may differ from what was streamed by white space and
    /// by marks that OpenClaw takes out at the end.
    fn say_finally(&mut self, text: &str, events: &mut Vec<AgentEvent>) {
        let bare = without_space(text);
        if bare.is_empty() || self.said.ends_with(&bare) {
            return;
        }
        if let Some(rest) = bare.strip_prefix(self.said.as_str()) {
            // All stretches and something more: that is passed on from where it begins in the text.
            let known = self.said.chars().count();
            let more = behind(text, known);
            if !rest.is_empty() {
                self.pass_on(more.to_owned(), events);
            }
            return;
        }
        if !self.said.contains(&bare) {
            self.say(text, events);
        }
    }

    fn pass_on(&mut self, more: String, events: &mut Vec<AgentEvent>) {
        self.said.push_str(&without_space(&more));
        events.push(AgentEvent::Text(more));
    }

    fn think(&mut self, data: &Value, events: &mut Vec<AgentEvent>) {
        let more = match (data["text"].as_str(), data["delta"].as_str()) {
            (Some(snapshot), delta) => match snapshot.strip_prefix(self.thought.as_str()) {
                Some(more) => {
                    let more = more.to_owned();
                    snapshot.clone_into(&mut self.thought);
                    more
                }
                None => {
                    snapshot.clone_into(&mut self.thought);
                    delta.unwrap_or(snapshot).to_owned()
                }
            },
            (None, Some(delta)) => delta.to_owned(),
            (None, None) => return,
        };
        if !more.is_empty() {
            events.push(AgentEvent::Reasoning(more));
        }
    }

    fn read_usage(&mut self, usage: &Value, events: &mut Vec<AgentEvent>) {
        let number = |names: [&str; 2]| names.into_iter().find_map(|name| usage[name].as_u64());
        let input = number(["inputTokens", "input"]).unwrap_or_default();
        let output = number(["outputTokens", "output"]).unwrap_or_default();
        // What the run has cost so far only grows; commands are answered with zeros.
        let usage = Usage {
            input_tokens: self.usage.input_tokens.max(input),
            output_tokens: self.usage.output_tokens.max(output),
            ..self.usage
        };
        if usage != self.usage {
            self.usage = usage;
            events.push(AgentEvent::Usage(usage));
        }
    }
}

fn tool(data: &Value, events: &mut Vec<AgentEvent>) {
    let Some(call) = data["toolCallId"].as_str().map(str::to_owned) else {
        return;
    };
    match data["phase"].as_str() {
        Some("start") => events.push(AgentEvent::ToolStarted {
            call,
            name: data["name"].as_str().unwrap_or("tool").to_owned(),
        }),
        Some("result") => events.push(AgentEvent::ToolEnded {
            call,
            succeeded: data["isError"].as_bool() != Some(true),
        }),
        _ => {}
    }
}

/// The text of a message, whose content may be a string or a list of blocks.
pub(super) fn text_of(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// OpenClaw tells people of its failures in the place of an answer, with this sign before the first word.
fn is_error(text: &str) -> bool {
    text.trim_start().starts_with("⚠️ ")
}

fn without_space(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .collect()
}

/// What stands behind so many characters that are no white space.
fn behind(text: &str, mut known: usize) -> &str {
    let mut rest = text.chars();
    while known > 0 {
        match rest.next() {
            Some(character) if character.is_whitespace() => {}
            Some(_) => known -= 1,
            None => break,
        }
    }
    rest.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn delta(text: &str) -> Value {
        json!({ "state": "delta", "message": { "content": [{ "type": "text", "text": text }] } })
    }

    fn last(text: &str) -> Value {
        json!({ "state": "final", "message": { "content": [{ "type": "text", "text": text }] } })
    }

    /// The whole text that comes out, and the end.
    fn read(payloads: &[Value]) -> (String, Progress) {
        let mut run = Run::default();
        let mut events = Vec::new();
        let mut progress = Progress::Going;
        for payload in payloads {
            progress = run.take("chat", payload, &mut events);
        }
        let texts = events.into_iter().filter_map(|event| match event {
            AgentEvent::Text(text) => Some(text),
            _ => None,
        });
        (texts.collect(), progress)
    }

    #[test]
    fn snapshots_become_what_is_new() {
        let over = || Progress::Over(Ok(()));
        for (payloads, expected) in [
            (vec![delta("你"), delta("你好"), last("你好")], "你好"),
            // Some were lost, one came twice, one came late.
            (
                vec![
                    delta("a"),
                    delta("abc"),
                    delta("abc"),
                    delta("ab"),
                    last("abcd"),
                ],
                "abcd",
            ),
            (vec![last("只有结尾")], "只有结尾"),
            // Behind a tool the text begins anew; the end has the last stretch, or all of them.
            (
                vec![
                    delta("我查一下。"),
                    delta("结"),
                    delta("结果"),
                    last("结果"),
                ],
                "我查一下。\n\n结果",
            ),
            (
                vec![
                    delta("我查一下。"),
                    delta("结果"),
                    last("我查一下。\n结果是 42。"),
                ],
                "我查一下。\n\n结果是 42。",
            ),
            // What was streamed cannot be taken back.
            (vec![delta("答案 [[mark]]"), last("答案")], "答案 [[mark]]"),
            (vec![delta("旧"), last("全新")], "旧\n\n全新"),
        ] {
            assert_eq!(read(&payloads), (expected.to_owned(), over()));
        }
        let silent = json!({ "state": "final", "stopReason": "stop" });
        assert_eq!(read(&[silent]), (String::new(), over()));
    }

    #[test]
    fn ends_that_are_no_answer() {
        let kind = |payloads: &[Value]| match read(payloads).1 {
            Progress::Over(Err(error)) => Some(error.kind),
            _ => None,
        };
        let trouble = "⚠️ OpenClaw couldn't produce or deliver a reply. Reference: r1";
        assert_eq!(kind(&[last(trouble)]), Some(AgentErrorKind::Unavailable));
        let limited = "⚠️ Rate-limited — ready in ~12s";
        assert_eq!(kind(&[last(limited)]), Some(AgentErrorKind::RateLimited));
        // An answer may well contain the sign.
        assert_eq!(kind(&[delta("⚠️ 注意"), last("⚠️ 注意：有雨")]), None);
        let failed =
            json!({ "state": "error", "errorMessage": "no credits", "errorKind": "billing" });
        assert_eq!(kind(&[failed]), Some(AgentErrorKind::QuotaExhausted));
        let aborted = json!({ "state": "aborted", "message": { "content": "半句" } });
        let (text, end) = read(&[aborted]);
        assert_eq!(text, "半句");
        assert!(matches!(end, Progress::Over(Err(_))));
        for odd in [
            json!(null),
            json!([]),
            json!({ "state": 7 }),
            json!({ "state": "new" }),
        ] {
            assert_eq!(read(&[odd]), (String::new(), Progress::Going));
        }
    }

    #[test]
    fn tools_thoughts_and_usage() {
        let mut run = Run::default();
        let mut events = Vec::new();
        for (stream, data) in [
            ("thinking", json!({ "text": "想", "delta": "想" })),
            ("thinking", json!({ "text": "想想", "delta": "想" })),
            (
                "tool",
                json!({ "phase": "start", "toolCallId": "1", "name": "exec" }),
            ),
            ("tool", json!({ "phase": "update", "toolCallId": "1" })),
            (
                "tool",
                json!({ "phase": "result", "toolCallId": "1", "isError": true }),
            ),
            ("tool", json!({ "phase": "start" })),
            ("usage", json!({ "outputTokens": 10 })),
            ("usage", json!({ "outputTokens": 10, "inputTokens": 3 })),
        ] {
            let payload = json!({ "stream": stream, "data": data });
            assert_eq!(run.take("agent", &payload, &mut events), Progress::Going);
        }
        let usage = |input_tokens, output_tokens| {
            AgentEvent::Usage(Usage {
                input_tokens,
                output_tokens,
                ..Usage::default()
            })
        };
        let thought = || AgentEvent::Reasoning("想".to_owned());
        assert_eq!(
            events,
            [
                thought(),
                thought(),
                AgentEvent::ToolStarted {
                    call: "1".to_owned(),
                    name: "exec".to_owned()
                },
                AgentEvent::ToolEnded {
                    call: "1".to_owned(),
                    succeeded: false
                },
                usage(0, 10),
                usage(3, 10),
            ]
        );
        let end = json!({ "stream": "lifecycle", "data": { "phase": "end" } });
        assert_eq!(run.take("agent", &end, &mut events), Progress::Ending);
    }
}
