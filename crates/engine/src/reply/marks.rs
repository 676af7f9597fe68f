//! Marks in the text of an answer that goes onto a card: where a picture stands, and where another stretch of the draft
//! begins. Each is a line of its own between noncharacters of Unicode, which are taken out of what agents say, so that
//! nobody else can write one.

use super::open_fence;
use crate::draft::{Block, Draft};

const PICTURE: char = '\u{fdd0}';
const STRETCH: char = '\u{fdd1}';
const END: char = '\u{fdd2}';

/// A piece of a text with pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What is to be read: whole lines, never blank.
    Text(&'a str),
    /// A picture, by its place among those of the answer.
    Picture(usize),
}

/// Takes a text with pictures apart, in order.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for part in text.split(PICTURE) {
        let (index, text) = match part.split_once(END) {
            Some((index, behind)) => (index.parse().ok(), behind),
            None => (None, part),
        };
        pieces.extend(index.map(Piece::Picture));
        let text = text.trim_matches('\n');
        if !text.trim().is_empty() {
            pieces.push(Piece::Text(text));
        }
    }
    pieces
}

/// The text with other lines in the place of those that stand for pictures; `None` takes the line away.
pub fn with_pictures(text: &str, mut line_of: impl FnMut(usize) -> Option<String>) -> String {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        match picture_of(line) {
            Some(index) => lines.extend(line_of(index)),
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

/// The line that stands for a picture.
pub(crate) fn picture(index: usize) -> String {
    format!("{PICTURE}{index}{END}")
}

/// What an agent has said, without what looks like a mark.
pub(crate) fn unmarked(text: &str) -> String {
    text.replace([PICTURE, STRETCH, END], "")
}

/// Marks where the stretches of a draft begin in what was said. What begins inside of code belongs to the stretch before.
pub(crate) fn mark_stretches(said: &str, draft: &Draft) -> String {
    let mut behind = said.len();
    let mut beginnings = Vec::new();
    for (index, block) in draft.blocks().iter().enumerate().rev() {
        let Block::Answer { text } = block else {
            continue;
        };
        let head = said
            .get(..behind)
            .and_then(|head| head.strip_suffix(text.as_str()));
        // The agent has not said what stands before its answer, such as its name.
        let Some(head) = head else { break };
        behind = head.len();
        if !text.trim().is_empty() {
            beginnings.push((behind, index));
        }
    }
    let mut marked = String::new();
    let mut done = 0;
    for (at, index) in beginnings.into_iter().rev() {
        marked.push_str(said.get(done..at).unwrap_or_default());
        done = at;
        if open_fence(&marked).is_none() {
            marked.push_str(&format!("\n{STRETCH}{index}{END}\n"));
        }
    }
    marked.push_str(said.get(done..).unwrap_or_default());
    marked
}

/// The draft as it stands on a card that shows this text: what was said comes from the text, which has been worked over
/// since, and the rest from the draft. Also the text without the marks of stretches, which is all that was said, joined.
pub(crate) fn arrange(draft: &Draft, text: &str) -> (Draft, String) {
    let mut stretches = stretches(text);
    let body: String = stretches.iter().map(|(_, text)| text.as_str()).collect();
    let mut arranged = Draft::default();
    for (index, block) in draft.blocks().iter().enumerate() {
        match block {
            Block::Answer { .. } => {
                // All that is marked up to here; what stands before the first mark belongs to it.
                let is_due = |(at, _): &(Option<usize>, String)| at.is_some_and(|at| at <= index);
                let last = stretches
                    .iter()
                    .rposition(is_due)
                    .map_or(0, |last| last + 1);
                for (_, text) in stretches.drain(..last) {
                    arranged.say(&text);
                }
            }
            other => arranged.push(other.clone()),
        }
    }
    for (_, text) in stretches {
        arranged.say(&text);
    }
    (arranged, body)
}

/// A text without the marks of stretches.
pub(crate) fn without_stretches(text: &str) -> String {
    stretches(text).into_iter().map(|(_, text)| text).collect()
}

/// The stretches, each with the place of its block in the draft.
fn stretches(text: &str) -> Vec<(Option<usize>, String)> {
    let mut stretches: Vec<(Option<usize>, String)> = Vec::new();
    for part in text.split(STRETCH) {
        let (index, text) = match part.split_once(END) {
            Some((index, behind)) if !stretches.is_empty() => (
                index.parse().ok(),
                behind.strip_prefix('\n').unwrap_or(behind),
            ),
            _ => (None, part),
        };
        if let Some((_, before)) = stretches.last_mut()
            && before.ends_with('\n')
        {
            before.pop();
        }
        stretches.push((index, text.to_owned()));
    }
    stretches.retain(|(_, text)| !text.is_empty());
    stretches
}

fn picture_of(line: &str) -> Option<usize> {
    let index = line.strip_prefix(PICTURE)?.strip_suffix(END)?;
    index.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(blocks: &[&str]) -> Draft {
        let mut draft = Draft::default();
        for (number, block) in blocks.iter().enumerate() {
            match block.split_once(' ') {
                Some(("think", text)) => draft.think(text),
                Some(("tool", name)) => draft.tool_started(&number.to_string(), name),
                _ => draft.say(block),
            }
        }
        draft
    }

    fn kinds(draft: &Draft) -> Vec<String> {
        let kind = |block: &Block| match block {
            Block::Reasoning { text } => format!("think {text}"),
            Block::Tool { name, .. } => format!("tool {name}"),
            Block::Answer { text } => text.clone(),
        };
        draft.blocks().iter().map(kind).collect()
    }

    #[test]
    fn a44_stretches_stay_in_their_order_and_the_text_as_it_was() {
        for (blocks, around) in [
            (
                vec!["think 先", "我查一下。", "tool 搜索", "结果是 42。"],
                ["", ""],
            ),
            (
                vec!["一\n\n", "tool 搜索", "二", "think 想", "三👨‍👩‍👧‍👦"],
                ["新会话。\n\n", "\n\n〈没有发出〉"],
            ),
            (vec!["tool 搜索", "\n", "think 想", "答"], ["", ""]),
            (vec!["think 想"], ["", "没有回答。"]),
        ] {
            let draft = draft(&blocks);
            let said = draft.answer();
            let [before, behind] = around;
            let marked = format!("{before}{}{behind}", mark_stretches(&said, &draft));
            let (arranged, body) = arrange(&draft, &marked);
            assert_eq!(body, format!("{before}{said}{behind}"));
            assert_eq!(arranged.answer(), body);
            assert_eq!(without_stretches(&marked), body);
            let mut expected: Vec<String> = blocks.iter().map(|&block| block.to_owned()).collect();
            expected.retain(|block| !block.trim().is_empty());
            let mut shown = kinds(&arranged);
            if blocks.len() == 1 {
                assert_eq!(shown, ["think 想", "没有回答。"]);
                continue;
            }
            let said = |block: &String| !block.starts_with("think ") && !block.starts_with("tool ");
            let first = shown.iter().position(said).expect("something is said");
            shown[first] = shown[first].replacen(before, "", 1).trim_start().to_owned();
            let last = shown.iter().rposition(said).expect("something is said");
            shown[last] = shown[last].replace(behind, "");
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn what_begins_inside_of_code_is_not_torn_off() {
        let draft = draft(&["```sh\nls\n", "tool 搜索", "pwd\n```\n完。"]);
        let marked = mark_stretches(&draft.answer(), &draft);
        let (arranged, _) = arrange(&draft, &marked);
        assert_eq!(kinds(&arranged), ["```sh\nls\npwd\n```\n完。", "tool 搜索"]);
    }

    #[test]
    fn a_name_before_the_answer_stands_with_the_answer() {
        let draft = draft(&["【小助手】\n\n", "think 想", "答"]);
        let marked = format!("【小助手】\n\n{}", mark_stretches("答", &draft));
        let (arranged, body) = arrange(&draft, &marked);
        assert_eq!(body, "【小助手】\n\n答");
        assert_eq!(kinds(&arranged), ["think 想", "【小助手】\n\n答"]);
    }

    #[test]
    fn pictures_stand_where_their_lines_are() {
        let text = format!("看：\n{}\n和\n\n{}", picture(0), picture(12));
        let expected = [
            Piece::Text("看："),
            Piece::Picture(0),
            Piece::Text("和"),
            Piece::Picture(12),
        ];
        assert_eq!(pieces(&text), expected);
        assert_eq!(with_pictures(&text, |_| None), "看：\n和\n");
        let named = with_pictures(&text, |index| Some(format!("[{index}]")));
        assert_eq!(named, "看：\n[0]\n和\n\n[12]");
        assert_eq!(pieces(&unmarked(&text)), [Piece::Text("看：\n0\n和\n\n12")]);
        assert!(pieces("").is_empty());
    }
}
