//! What a coding agent does, understood: `session/update` in, events of the agent out. Pure.

use std::collections::HashSet;

use chela_engine::ports::AgentEvent;
use chela_engine::text::{readable, truncate};
use serde_json::Value;

/// Characters of the name of a tool.
const NAME: usize = 80;

/// One answer as far as it was told.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Tools at work.
    open: HashSet<String>,
    /// Whether the text must be told apart from what follows.
    paused: bool,
    said: bool,
}

impl Answer {
    pub(super) fn take(&mut self, update: &Value, events: &mut Vec<AgentEvent>) {
        match update["sessionUpdate"].as_str() {
            Some("agent_message_chunk") => {
                let text = text(update);
                if !text.is_empty() {
                    if std::mem::take(&mut self.paused) && self.said {
                        events.push(AgentEvent::Text("\n\n".to_owned()));
                    }
                    self.said = true;
                    events.push(AgentEvent::Text(text));
                }
            }
            Some("agent_thought_chunk") => {
                let text = text(update);
                if !text.is_empty() {
                    events.push(AgentEvent::Reasoning(text));
                }
            }
            Some("tool_call" | "tool_call_update") => self.tool(update, events),
            _ => {}
        }
    }

    /// Tools of which no end was told have not done what was asked.
    pub(super) fn end(&mut self, events: &mut Vec<AgentEvent>) {
        let open = self.open.drain();
        events.extend(open.map(|call| AgentEvent::ToolEnded {
            call,
            succeeded: false,
        }));
    }

    fn tool(&mut self, update: &Value, events: &mut Vec<AgentEvent>) {
        let Some(call) = update["toolCallId"].as_str() else {
            return;
        };
        self.paused = true;
        let begins = update["sessionUpdate"] == "tool_call";
        if begins && self.open.insert(call.to_owned()) {
            let name = update["title"].as_str().or(update["kind"].as_str());
            let name = readable(name.unwrap_or("tool")).replace(['\n', '\t'], " ");
            events.push(AgentEvent::ToolStarted {
                call: call.to_owned(),
                name: truncate(name.trim(), NAME).to_owned(),
            });
        }
        let succeeded = match update["status"].as_str() {
            Some("completed") => true,
            Some("failed") => false,
            _ => return,
        };
        if self.open.remove(call) {
            events.push(AgentEvent::ToolEnded {
                call: call.to_owned(),
                succeeded,
            });
        }
    }
}

fn text(update: &Value) -> String {
    update["content"]["text"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_thoughts_and_tools() {
        let mut answer = Answer::default();
        let mut events = Vec::new();
        let chunk = |kind: &str, text: &str| json!({ "sessionUpdate": kind, "content": { "type": "text", "text": text } });
        for update in [
            chunk("agent_thought_chunk", "想"),
            chunk("agent_message_chunk", "我看"),
            chunk("agent_message_chunk", "一下。"),
            json!({ "sessionUpdate": "tool_call", "toolCallId": "1", "title": "Read\nsrc/main.rs", "status": "pending" }),
            json!({ "sessionUpdate": "tool_call_update", "toolCallId": "1", "status": "in_progress" }),
            json!({ "sessionUpdate": "tool_call_update", "toolCallId": "1", "status": "completed" }),
            json!({ "sessionUpdate": "tool_call_update", "toolCallId": "1", "status": "completed" }),
            json!({ "sessionUpdate": "tool_call", "toolCallId": "2", "kind": "edit" }),
            chunk("agent_message_chunk", "好了"),
            json!({ "sessionUpdate": "plan", "entries": [] }),
            json!({ "sessionUpdate": 7 }),
            json!(null),
        ] {
            answer.take(&update, &mut events);
        }
        answer.end(&mut events);
        let text = |text: &str| AgentEvent::Text(text.to_owned());
        let started = |call: &str, name: &str| AgentEvent::ToolStarted {
            call: call.to_owned(),
            name: name.to_owned(),
        };
        let ended = |call: &str, succeeded| AgentEvent::ToolEnded {
            call: call.to_owned(),
            succeeded,
        };
        assert_eq!(
            events,
            [
                AgentEvent::Reasoning("想".to_owned()),
                text("我看"),
                text("一下。"),
                started("1", "Read src/main.rs"),
                ended("1", true),
                started("2", "edit"),
                text("\n\n"),
                text("好了"),
                ended("2", false),
            ]
        );
    }
}
