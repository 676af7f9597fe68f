//! `blockList`: what was thought, done, said and drawn, each as a block of its own, in the order in which it happened
//! (protocol reference §6.8). Lists cannot be streamed (§6.5): while an answer is written its last stretch types itself in
//! the streaming variable below them.

use chela_engine::draft::{Block, Draft, ToolState};
use chela_engine::message::Format;
use chela_engine::reply::{self, Limits, Piece, pieces};
use serde_json::{Value, json};

use super::pictures::Pictures;
use super::text::{last, readable_name};
use crate::dingtalk::markdown::{Profile, render};
use crate::dingtalk::words::Words;

/// The variable.
pub(super) const VARIABLE: &str = "blockList";
/// Of a thought, the end tells what came of it.
const THOUGHT: usize = 1_000;
/// Characters of a block; those of more than 3,000 stay blank on some phones (protocol reference §4.9).
const LONGEST: usize = 2_900;
/// Nobody's line is made of so many tags that it would have to be cut further.
const SHORTEST: usize = 300;
/// More thoughts and tools than anybody looks at; what was said is always all there.
const MOST_STEPS: usize = 40;

/// The whole answer as blocks.
pub(super) fn of(draft: &Draft, pictures: &Pictures, words: &dyn Words) -> String {
    let is_step = |block: &&Block| !matches!(block, Block::Answer { .. });
    let steps = draft.blocks().iter().filter(is_step).count();
    let mut left_out = steps.saturating_sub(MOST_STEPS);
    let mut blocks = Vec::new();
    if left_out > 0 {
        blocks.push(json!({"type": 2, "text": format!("… +{left_out}")}));
    }
    for block in draft.blocks() {
        match block {
            Block::Answer { text } => blocks.extend(said(text, pictures, words)),
            _ if left_out > 0 => left_out -= 1,
            Block::Reasoning { text } => blocks.extend(thought(text, words)),
            Block::Tool { name, state, .. } => blocks.push(tool(name, *state)),
        }
    }
    Value::Array(blocks).to_string()
}

/// An answer that is being written: the blocks that stand, and below them what is being said.
pub(super) fn so_far(draft: &Draft, words: &dyn Words) -> (String, String) {
    let mut standing = draft.clone();
    let typing = standing.take_last_answer().unwrap_or_default();
    let blocks = of(&standing, &Pictures::default(), words);
    (blocks, render(&typing, Profile::Card, words))
}

fn said(text: &str, pictures: &Pictures, words: &dyn Words) -> Vec<Value> {
    let mut blocks = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => blocks.extend(answer(text, words)),
            Piece::Picture(index) => match pictures.shown(index) {
                Some((name, media)) => {
                    blocks.push(json!({"type": 3, "mediaId": media, "text": name}));
                }
                None => {
                    let line = pictures.line(index, words);
                    blocks.extend(line.into_iter().flat_map(|line| answer(&line, words)));
                }
            },
        }
    }
    blocks
}

/// One block, or several where tags and tables make it longer than a block may be.
fn answer(text: &str, words: &dyn Words) -> Vec<Value> {
    let mut characters = LONGEST;
    loop {
        let limits = Limits {
            characters,
            bytes: usize::MAX,
        };
        let pages = reply::pages(text, Format::Markdown, limits);
        let rendered: Vec<String> = pages
            .iter()
            .map(|page| render(&page.body, Profile::Card, words))
            .filter(|markdown| !markdown.trim().is_empty())
            .collect();
        let fits = |markdown: &String| markdown.chars().count() <= LONGEST;
        if rendered.iter().all(fits) || characters < SHORTEST {
            let block = |markdown| json!({"type": 0, "markdown": markdown});
            return rendered.into_iter().map(block).collect();
        }
        characters /= 2;
    }
}

fn thought(text: &str, words: &dyn Words) -> Option<Value> {
    // Whatever a model thinks to itself is no markup.
    let text = render(text.trim(), Profile::Plain, words);
    (!text.is_empty()).then(|| json!({"type": 1, "text": last(&text, THOUGHT)}))
}

fn tool(name: &str, state: ToolState) -> Value {
    let sign = match state {
        ToolState::Running => "🔧",
        ToolState::Done => "✅",
        ToolState::Failed => "⚠️",
    };
    json!({"type": 2, "text": format!("{sign} {}", readable_name(name))})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::words::chinese::Chinese;

    fn read(list: &str) -> Vec<(i64, String)> {
        let list: Vec<Value> = serde_json::from_str(list).expect("it is a list");
        let text = |block: &Value| {
            let text = block["markdown"].as_str().or(block["text"].as_str());
            text.unwrap_or_default().to_owned()
        };
        let kind = |block: &Value| block["type"].as_i64().unwrap_or(-1);
        list.iter()
            .map(|block| (kind(block), text(block)))
            .collect()
    }

    #[test]
    fn while_it_is_written_the_last_stretch_types_below_the_blocks() {
        let mut draft = Draft::default();
        assert_eq!(so_far(&draft, &Chinese), ("[]".to_owned(), String::new()));
        draft.think("想\n想");
        draft.say("我查。");
        draft.tool_started("1", "搜*索*");
        let (list, text) = so_far(&draft, &Chinese);
        assert_eq!(
            read(&list),
            [
                (1, "想\n想".to_owned()),
                (0, "我查。".to_owned()),
                (2, "🔧 搜 索".to_owned())
            ]
        );
        assert_eq!(text, "");
        draft.tool_ended("1", false);
        draft.say("没有。");
        let (list, text) = so_far(&draft, &Chinese);
        assert_eq!(read(&list)[2], (2, "⚠️ 搜 索".to_owned()));
        assert_eq!(text, "没有。");
    }

    #[test]
    fn hundreds_of_steps_are_few_blocks_and_all_that_was_said_stays() {
        let mut draft = Draft::default();
        for number in 0..300 {
            draft.tool_started(&number.to_string(), "查");
        }
        draft.think(&"想".repeat(50_000));
        draft.say("一\n");
        draft.tool_started("x", "查");
        draft.say("二");
        let blocks = read(&of(&draft, &Pictures::default(), &Chinese));
        assert_eq!(blocks.len(), 1 + MOST_STEPS + 2);
        assert_eq!(blocks[0], (2, "… +262".to_owned()));
        assert!(
            blocks
                .iter()
                .all(|(_, text)| text.chars().count() <= THOUGHT + 1)
        );
        let said: Vec<_> = blocks.iter().filter(|(kind, _)| *kind == 0).collect();
        assert_eq!(said.len(), 2);
    }
}
