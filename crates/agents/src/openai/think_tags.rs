//! Takes reasoning out of an answer that begins with it, between tags. Pure.
//!
//! So write DeepSeek R1, Qwen and MiniMax where their server does not tell reasoning apart.

/// What opens and what closes.
const TAGS: &[(&str, &str)] = &[("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// How far the answer has come.
#[derive(Debug, Default)]
pub(super) enum ThinkTags {
    /// Nothing but white space and the beginning of a tag, which are held back.
    #[default]
    Before,
    /// Between the tags; the text is what may be the beginning of the closing one.
    Inside(&'static str),
    /// Reasoning has ended; white space before the answer is left out.
    Behind,
    /// There is no reasoning, or no more.
    Plain,
}

/// A piece of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Reasoning(String),
}

/// Splits an answer that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: ThinkTags,
    held: String,
}

impl Splitter {
    /// Takes the next piece of the answer.
    pub(super) fn take(&mut self, text: String, mut piece: impl FnMut(Piece)) {
        if matches!(self.state, ThinkTags::Plain) {
            return piece(Piece::Text(text));
        }
        self.held.push_str(&text);
        loop {
            match self.state {
                ThinkTags::Before => {
                    let start = self.held.trim_start();
                    let opened = TAGS.iter().find(|(open, _)| start.starts_with(open));
                    if let Some((open, close)) = opened {
                        let rest = start.strip_prefix(open).unwrap_or_default().to_owned();
                        self.held = rest;
                        self.state = ThinkTags::Inside(close);
                        continue;
                    }
                    if !TAGS.iter().any(|(open, _)| open.starts_with(start)) {
                        self.state = ThinkTags::Plain;
                    }
                }
                ThinkTags::Inside(close) => {
                    if let Some((before, behind)) = self.held.split_once(close) {
                        let (before, behind) = (before.to_owned(), behind.to_owned());
                        if !before.is_empty() {
                            piece(Piece::Reasoning(before));
                        }
                        self.held = behind;
                        self.state = ThinkTags::Behind;
                        continue;
                    }
                    let kept = beginning_at_end(&self.held, close);
                    let kept = self.held.split_off(self.held.len() - kept);
                    let reasoning = std::mem::replace(&mut self.held, kept);
                    if !reasoning.is_empty() {
                        piece(Piece::Reasoning(reasoning));
                    }
                }
                ThinkTags::Behind => {
                    let start = self.held.trim_start();
                    if !start.is_empty() {
                        self.held = start.to_owned();
                        self.state = ThinkTags::Plain;
                    }
                }
                ThinkTags::Plain => {}
            }
            break;
        }
        if matches!(self.state, ThinkTags::Plain) {
            piece(Piece::Text(std::mem::take(&mut self.held)));
        }
    }

    /// The answer has ended: what was held back was no tag.
    pub(super) fn end(&mut self, mut piece: impl FnMut(Piece)) {
        let held = std::mem::take(&mut self.held);
        match self.state {
            _ if held.is_empty() => {}
            ThinkTags::Inside(_) => piece(Piece::Reasoning(held)),
            ThinkTags::Before | ThinkTags::Behind | ThinkTags::Plain => piece(Piece::Text(held)),
        }
    }
}

/// How many bytes at the end of a text could begin a tag.
fn beginning_at_end(text: &str, tag: &str) -> usize {
    let longest = text.len().min(tag.len() - 1);
    (1..=longest)
        .rev()
        .find(|length| {
            tag.as_bytes()
                .starts_with(&text.as_bytes()[text.len() - length..])
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reasoning and text of an answer in pieces of so many characters.
    fn split(answer: &str, size: usize) -> (String, String) {
        let mut splitter = Splitter::default();
        let (mut reasoning, mut text) = (String::new(), String::new());
        let mut add = |piece| match piece {
            Piece::Text(more) => text.push_str(&more),
            Piece::Reasoning(more) => reasoning.push_str(&more),
        };
        let characters: Vec<char> = answer.chars().collect();
        for piece in characters.chunks(size) {
            splitter.take(piece.iter().collect(), &mut add);
        }
        splitter.end(&mut add);
        (reasoning, text)
    }

    #[test]
    fn reasoning_stands_only_at_the_beginning() {
        for (answer, reasoning, text) in [
            (
                "<think>\n嗯<b> < /think></think>\n\n好",
                "\n嗯<b> < /think>",
                "好",
            ),
            (
                " \n<thinking>想</thinking>好<think>不</think>",
                "想",
                "好<think>不</think>",
            ),
            ("<think></think>好", "", "好"),
            ("<think>没有完", "没有完", ""),
            ("<think>没有完</thi", "没有完</thi", ""),
            ("<thin air", "", "<thin air"),
            ("<th", "", "<th"),
            ("  好", "", "  好"),
            ("代码 `<think>`", "", "代码 `<think>`"),
            ("", "", ""),
        ] {
            for size in [1, 2, 3, 100] {
                let expected = (reasoning.to_owned(), text.to_owned());
                assert_eq!(split(answer, size), expected, "{answer} {size}");
            }
        }
    }
}
