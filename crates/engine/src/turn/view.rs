//! What people see of an answer besides its words.

use crate::draft::{Block, Draft, ToolState};
use crate::ports::AgentEvent;
use crate::text::truncate;

/// Characters of reasoning that stand before an answer; a card shows more.
const REASONING: usize = 1_000;

/// What a person wants to see. `None`: where there is a card, and nowhere else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View {
    /// Tools at work.
    pub(crate) tools: Option<bool>,
    /// Reasoning.
    pub(crate) reasoning: Option<bool>,
}

impl View {
    /// Whether a draft is worth writing.
    pub(super) fn needs_draft(self, card: bool) -> bool {
        card || self.tools == Some(true) || self.reasoning == Some(true)
    }

    /// Writes an event into the draft, if it is to be seen.
    pub(super) fn write(self, draft: &mut Draft, event: &AgentEvent) {
        match event {
            AgentEvent::Text(more) => draft.say(more),
            AgentEvent::Reasoning(more) if self.reasoning != Some(false) => draft.think(more),
            AgentEvent::ToolStarted { call, name } if self.tools != Some(false) => {
                draft.tool_started(call, name);
            }
            AgentEvent::ToolEnded { call, succeeded } => draft.tool_ended(call, *succeeded),
            AgentEvent::Reasoning(_)
            | AgentEvent::ToolStarted { .. }
            | AgentEvent::Made(_)
            | AgentEvent::Remark(_)
            | AgentEvent::Annotation(_)
            | AgentEvent::Attempt(_)
            | AgentEvent::Usage(_) => {}
        }
    }

    /// What stands before an answer that has no card, as a quote in common markdown; empty unless it was asked for.
    pub(super) fn preface(self, draft: &Draft) -> String {
        let mut lines = Vec::new();
        for block in draft.blocks() {
            match block {
                Block::Reasoning { text } if self.reasoning == Some(true) => {
                    let text = truncate(text.trim(), REASONING);
                    let quoted = text.lines().map(|line| format!("> {line}"));
                    lines.push(format!("💭\n{}", quoted.collect::<Vec<_>>().join("\n")));
                }
                Block::Tool { name, state, .. } if self.tools == Some(true) => {
                    let sign = match state {
                        ToolState::Running => "…",
                        ToolState::Done => "✓",
                        ToolState::Failed => "✗",
                    };
                    lines.push(format!("🔧 {name} {sign}"));
                }
                Block::Reasoning { .. } | Block::Tool { .. } | Block::Answer { .. } => {}
            }
        }
        lines.join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_stands_before_an_answer() {
        let events = [
            AgentEvent::Reasoning("先想\n再说".to_owned()),
            AgentEvent::ToolStarted {
                call: "1".to_owned(),
                name: "搜索".to_owned(),
            },
            AgentEvent::ToolEnded {
                call: "1".to_owned(),
                succeeded: true,
            },
            AgentEvent::Text("好".to_owned()),
        ];
        let preface = |tools, reasoning| {
            let view = View { tools, reasoning };
            let mut draft = Draft::default();
            for event in &events {
                view.write(&mut draft, event);
            }
            (draft.blocks().len(), view.preface(&draft))
        };
        assert_eq!(preface(None, None), (3, String::new()));
        assert_eq!(preface(Some(false), Some(false)), (1, String::new()));
        assert_eq!(
            preface(Some(true), Some(true)).1,
            "💭\n> 先想\n> 再说\n\n🔧 搜索 ✓"
        );
    }
}
