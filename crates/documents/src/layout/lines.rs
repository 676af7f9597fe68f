//! Pieces that stand on the same level, as lines of cells.

use super::radicals;
use super::spans::{Span, needs_space};

/// A line. Most lines are one cell; those of a table are several.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) cells: Vec<Cell>,
    pub(super) y: f32,
    pub(super) size: f32,
}

/// Text of a line without a wide gap.
#[derive(Debug)]
pub(super) struct Cell {
    /// With links as `\u{1}N\u{2}text\u{3}`, which the writer resolves.
    pub(super) text: String,
    pub(super) x0: f32,
    pub(super) x1: f32,
}

/// Cells are this many sizes of the font apart.
const CELL: f32 = 1.3;
/// How far baselines are apart at most.
const LEVEL: f32 = 0.4;

/// The mark before the number of a link, between it and its text, and behind the text.
pub(super) const LINK: [char; 3] = ['\u{1}', '\u{2}', '\u{3}'];

impl Line {
    pub(super) fn x0(&self) -> f32 {
        self.cells.first().map_or(0.0, |cell| cell.x0)
    }

    pub(super) fn x1(&self) -> f32 {
        self.cells.last().map_or(0.0, |cell| cell.x1)
    }
}

/// Collects the lines in the order in which they are read.
///
/// Programs draw text in its order, columns included, so that order is kept. Forms are drawn criss-cross: they are read
/// from the top to the bottom.
pub(super) fn collect(mut spans: Vec<Span>) -> Vec<Line> {
    if is_crisscross(&spans) {
        spans.sort_by(|one, other| other.y.total_cmp(&one.y));
    }
    let mut lines = Vec::new();
    let mut rest = spans.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut line = vec![first];
        while let Some(next) = rest.next_if(|next| is_level(&line, next)) {
            line.push(next);
        }
        line.sort_by(|one, other| one.x0.total_cmp(&other.x0));
        lines.push(cells(&line));
    }
    place_marks(lines)
}

/// Some programs draw the marks of lists behind everything else: they go to the lines before which they stand.
fn place_marks(lines: Vec<Line>) -> Vec<Line> {
    let mut placed: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        let mark = match line.cells.as_slice() {
            [cell] if cell.text.chars().count() <= 4 => Some((cell.text.clone(), cell.x0, cell.x1)),
            _ => None,
        };
        let of = mark.as_ref().and_then(|(_, _, end)| {
            placed.iter_mut().find(|other| {
                let gap = other.x0() - end;
                (other.y - line.y).abs() < LEVEL * line.size
                    && (0.0..4.0 * line.size).contains(&gap)
            })
        });
        match (mark, of.and_then(|other| other.cells.first_mut())) {
            (Some((text, x0, _)), Some(cell)) => {
                cell.text = format!("{text} {}", cell.text);
                cell.x0 = x0;
            }
            _ => placed.push(line),
        }
    }
    placed
}

fn is_level(line: &[Span], span: &Span) -> bool {
    line.last().is_some_and(|last| {
        let size = last.size.max(span.size);
        (last.y - span.y).abs() < LEVEL * size
    })
}

/// Whether the pen went up the page often.
fn is_crisscross(spans: &[Span]) -> bool {
    let pairs = spans.iter().zip(spans.iter().skip(1));
    let ups = pairs.filter(|(before, after)| after.y > before.y + before.size.max(after.size));
    ups.count() > 2 + spans.len() / 8
}

fn cells(spans: &[Span]) -> Line {
    let mut cells: Vec<Cell> = Vec::new();
    let size = spans.iter().map(|span| span.size).fold(0.0, f32::max);
    let mut last = None;
    for span in spans {
        let text = radicals::repair(&span.text);
        let shown = if span.link == 0 {
            text.clone()
        } else {
            let [open, middle, close] = LINK;
            format!("{open}{}{middle}{text}{close}", span.link)
        };
        match cells.last_mut() {
            Some(cell) if span.x0 - cell.x1 < CELL * size => {
                if needs_space(last, text.chars().next(), span.x0 - cell.x1, size) {
                    cell.text.push(' ');
                }
                cell.text.push_str(&shown);
                cell.x1 = cell.x1.max(span.x1);
            }
            _ => cells.push(Cell {
                text: shown,
                x0: span.x0,
                x1: span.x1,
            }),
        }
        last = text.chars().next_back();
    }
    Line {
        cells,
        y: spans.first().map_or(0.0, |span| span.y),
        size,
    }
}
