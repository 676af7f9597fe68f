//! What a card says: the answer so far, and what the agent does when there is nothing else to see.

use chela_engine::draft::{Block, Draft, ToolState};
use chela_engine::message::{Ending, Footer};
use chela_engine::text::truncate;

use super::look::{StatusLine, Streaming};
use crate::dingtalk::words::{Phrase, Words};

/// Of a thought, the end is what is new.
const THOUGHT: usize = 300;

/// What is seen of an answer that is being written, in common markdown.
pub(super) fn so_far(draft: &Draft, streaming: Streaming) -> String {
    let has_answer = draft
        .blocks()
        .iter()
        .any(|block| matches!(block, Block::Answer { text } if !text.trim().is_empty()));
    let mut pieces = Vec::new();
    for block in draft.blocks() {
        match block {
            // Thinking is shown as long as there is nothing else, or to whoever wants to see it.
            Block::Reasoning { text } if streaming == Streaming::All || !has_answer => {
                pieces.push(quoted(&last(text.trim(), THOUGHT)));
            }
            Block::Tool { name, state, .. } if *state == ToolState::Running => {
                pieces.push(format!("🔧 {}…", readable_name(name)));
            }
            Block::Tool { name, state, .. } if streaming == Streaming::All => {
                let sign = if *state == ToolState::Done {
                    "✅"
                } else {
                    "⚠️"
                };
                pieces.push(format!("{sign} {}", readable_name(name)));
            }
            Block::Answer { text } => pieces.push(text.trim().to_owned()),
            Block::Reasoning { .. } | Block::Tool { .. } => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces.join("\n\n")
}

/// The line at the foot of a finished card.
pub(super) fn status(
    footer: &Footer,
    calls: u32,
    ending: Ending,
    line: StatusLine,
    words: &dyn Words,
) -> String {
    let mut pieces = Vec::new();
    if ending == Ending::Stopped {
        pieces.push(format!("⏹ {}", words.phrase(&Phrase::Stopped)));
    }
    if let Some(model) = footer.model.as_ref().filter(|_| line.model) {
        pieces.push(readable_name(model));
    }
    if let Some(effort) = footer.effort.filter(|_| line.effort) {
        pieces.push(effort.to_string());
    }
    if let Some(agent) = footer.agent.as_ref().filter(|_| line.agent) {
        pieces.push(agent.to_string());
    }
    if line.elapsed && footer.elapsed_ms > 0 {
        pieces.push(format!("{:.1} s", footer.elapsed_ms as f64 / 1_000.0));
    }
    if let Some((read, written)) = footer.tokens.filter(|_| line.tokens) {
        pieces.push(format!("↑{read} ↓{written}"));
    }
    if line.calls {
        pieces.push(format!("API×{calls}"));
    }
    if line.label {
        pieces.push(words.phrase(&Phrase::Generated));
    }
    pieces.join(" · ")
}

fn quoted(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
    lines.join("\n")
}

pub(super) fn last(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(length - limit).collect();
    format!("…{tail}")
}

/// A name that comes from elsewhere: one line, and nothing that means something in markdown.
pub(in crate::dingtalk) fn readable_name(name: &str) -> String {
    let name = chela_engine::text::readable(name).replace(['\n', '`', '*', '_'], " ");
    truncate(name.trim(), 60).to_owned()
}

#[cfg(test)]
mod tests {
    use chela_engine::ports::Thinking;

    use super::*;
    use crate::dingtalk::words::chinese::Chinese;

    #[test]
    fn thinking_gives_way_to_the_answer() {
        let mut draft = Draft::default();
        draft.think("想一想");
        draft.tool_started("1", "搜索");
        assert_eq!(so_far(&draft, Streaming::Answer), "> 想一想\n\n🔧 搜索…");
        draft.tool_ended("1", true);
        draft.say("答案是 42。");
        assert_eq!(so_far(&draft, Streaming::Answer), "答案是 42。");
        assert_eq!(
            so_far(&draft, Streaming::All),
            "> 想一想\n\n✅ 搜索\n\n答案是 42。"
        );
    }

    #[test]
    fn the_foot_tells_what_it_is_asked_to() {
        let footer = Footer {
            agent: None,
            model: Some("qwen\nmax".to_owned()),
            effort: Some(Thinking::High),
            elapsed_ms: 12_340,
            tokens: Some((1_200, 350)),
        };
        let all = StatusLine {
            model: true,
            effort: true,
            agent: true,
            elapsed: true,
            tokens: true,
            calls: true,
            label: true,
        };
        assert_eq!(
            status(&footer, 12, Ending::Stopped, all, &Chinese),
            "⏹ 已停止 · qwen max · high · 12.3 s · ↑1200 ↓350 · API×12 · AI 生成"
        );
        assert_eq!(
            status(&footer, 12, Ending::Done, StatusLine::default(), &Chinese),
            "AI 生成"
        );
    }
}
