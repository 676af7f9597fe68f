//! An answer while it is being written: what was thought, done and said, in the order in which it happened.

use serde::{Deserialize, Serialize};

/// An answer so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Draft {
    blocks: Vec<Block>,
}

/// One stretch of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// Reasoning, which is not part of the answer.
    Reasoning {
        /// What was thought.
        text: String,
    },
    /// A tool at work.
    Tool {
        /// Ties the end to the start.
        call: String,
        /// What people know the tool by.
        name: String,
        /// How it stands.
        state: ToolState,
    },
    /// A piece of the answer, in common markdown.
    Answer {
        /// What was said.
        text: String,
    },
}

/// How a tool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolState {
    /// It works.
    Running,
    /// It has done what was asked.
    Done,
    /// It has not.
    Failed,
}

impl Draft {
    /// The stretches, in order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The answer: everything said, without what was thought and done.
    pub fn answer(&self) -> String {
        let said = self.blocks.iter().filter_map(|block| match block {
            Block::Answer { text } => Some(text.as_str()),
            Block::Reasoning { .. } | Block::Tool { .. } => None,
        });
        said.collect()
    }

    /// Takes the last stretch out of it if it is one of the answer.
    pub fn take_last_answer(&mut self) -> Option<String> {
        match self.blocks.pop() {
            Some(Block::Answer { text }) => Some(text),
            other => {
                self.blocks.extend(other);
                None
            }
        }
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// One more stretch, whatever it is.
    pub(crate) fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// More of the answer.
    pub fn say(&mut self, more: &str) {
        match self.blocks.last_mut() {
            Some(Block::Answer { text }) => text.push_str(more),
            _ => self.blocks.push(Block::Answer {
                text: more.to_owned(),
            }),
        }
    }

    /// More of the reasoning.
    pub fn think(&mut self, more: &str) {
        match self.blocks.last_mut() {
            Some(Block::Reasoning { text }) => text.push_str(more),
            _ => self.blocks.push(Block::Reasoning {
                text: more.to_owned(),
            }),
        }
    }

    /// A tool has begun.
    pub fn tool_started(&mut self, call: &str, name: &str) {
        self.blocks.push(Block::Tool {
            call: call.to_owned(),
            name: name.to_owned(),
            state: ToolState::Running,
        });
    }

    /// A tool has ended; one that is not known is nobody's business.
    pub fn tool_ended(&mut self, ended: &str, succeeded: bool) {
        for block in self.blocks.iter_mut().rev() {
            if let Block::Tool { call, state, .. } = block
                && call == ended
            {
                *state = if succeeded {
                    ToolState::Done
                } else {
                    ToolState::Failed
                };
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a44_blocks_stand_in_the_order_of_events_and_the_answer_is_what_was_said() {
        let mut draft = Draft::default();
        draft.think("先");
        draft.think("查");
        draft.say("我查一下。");
        draft.tool_started("1", "搜索");
        draft.tool_started("2", "计算");
        draft.tool_ended("1", true);
        draft.tool_ended("9", true);
        draft.say("结果");
        draft.say("是 42。");
        let kinds: Vec<String> = draft
            .blocks()
            .iter()
            .map(|block| match block {
                Block::Reasoning { text } => format!("think {text}"),
                Block::Tool { name, state, .. } => format!("{name} {state:?}"),
                Block::Answer { text } => format!("say {text}"),
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "think 先查",
                "say 我查一下。",
                "搜索 Done",
                "计算 Running",
                "say 结果是 42。"
            ]
        );
        assert_eq!(draft.answer(), "我查一下。结果是 42。");
    }
}
