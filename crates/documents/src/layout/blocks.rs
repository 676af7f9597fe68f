//! Lines as headings, tables and paragraphs.

use super::Page;
use std::collections::HashMap;

use super::lines::{LINK, Line};
use super::spans::is_wide;
use crate::markdown::{self, Markdown, Marker};

/// A heading is this much larger than the text around it …
const LARGE: f32 = 1.15;
/// … and no longer than this many characters.
const HEADING: usize = 80;
/// Lines of a paragraph are this many sizes of the font apart at most.
const LEADING: f32 = 2.1;

/// The marks of lists. Those of the private area are what fonts of symbols have in the places of letters.
const BULLETS: [char; 12] = [
    '•', '●', '○', '■', '□', '◆', '▪', '\u{f0b7}', '\u{f0a7}', '\u{f0d8}', '\u{f06c}', '\u{f0fc}',
];

/// The size that most characters have: that of the text.
pub(crate) fn body_size(pages: &[Page]) -> f32 {
    let mut sizes: Vec<(u32, usize)> = Vec::new();
    for line in pages.iter().flat_map(|page| &page.lines) {
        let count = line.cells.iter().map(|cell| cell.text.len()).sum();
        let key = rounded(line.size);
        match sizes.iter_mut().find(|(size, _)| *size == key) {
            Some((_, sum)) => *sum += count,
            None => sizes.push((key, count)),
        }
    }
    let most = sizes.into_iter().max_by_key(|(_, count)| *count);
    #[expect(clippy::cast_precision_loss, reason = "sizes of fonts are small")]
    most.map_or(0.0, |(size, _)| size as f32 / 2.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
fn rounded(size: f32) -> u32 {
    (size * 2.0).round() as u32
}

/// Writes a page.
pub(crate) fn write(page: &Page, body: f32, output: &mut Markdown) {
    let columns = Columns::of(&page.lines);
    let mut lines = page.lines.as_slice();
    while let Some(first) = lines.first() {
        let taken = if let Some(rows) = table(lines) {
            let rows: Vec<Vec<String>> = rows
                .into_iter()
                .map(|row| row.into_iter().map(|cell| resolve(&cell, page)).collect())
                .collect();
            output.table(&rows);
            rows.len()
        } else {
            let count = paragraph(lines);
            let (block, _) = lines.split_at(count);
            let text = resolve(&joined(block, &columns), page);
            match (level(first, &text, body), text.strip_prefix(BULLETS)) {
                (Some(level), _) => output.heading(level, &text),
                (None, Some(item)) => output.item(0, Marker::Bullet, item),
                (None, None) => output.paragraph(&text),
            }
            count
        };
        lines = lines.get(taken..).unwrap_or_default();
    }
    for text in &page.loose {
        output.paragraph(text);
    }
}

/// Where the columns of a page end, by where they begin and by the size of their text.
struct Columns(HashMap<(u32, i32), f32>);

/// Lines that begin this many sizes of the font apart at most are of one column, one of them being indented.
const INDENT: f32 = 4.0;
/// No column is narrower than this many sizes of the font.
const NARROW: f32 = 12.0;

impl Columns {
    fn of(lines: &[Line]) -> Self {
        let mut columns = HashMap::new();
        for line in lines {
            let right = columns.entry(Self::key(line)).or_insert(f32::MIN);
            *right = right.max(line.x1());
        }
        Self(columns)
    }

    #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
    fn key(line: &Line) -> (u32, i32) {
        let place = line.x0() / (INDENT * line.size).max(1.0);
        (rounded(line.size), place.floor() as i32)
    }

    /// Whether a line reaches the end of its column.
    fn are_filled_by(&self, line: &Line) -> bool {
        let (size, place) = Self::key(line);
        let neighbours = [place.saturating_sub(1), place, place.saturating_add(1)];
        let right = neighbours
            .iter()
            .filter_map(|place| self.0.get(&(size, *place)).copied())
            .fold(f32::MIN, f32::max);
        line.x1() > right - 2.5 * line.size && right - line.x0() > NARROW * line.size
    }
}

/// The level of a heading, by how much larger it is than the text.
fn level(line: &Line, text: &str, body: f32) -> Option<usize> {
    if body <= 0.0 || line.size < LARGE * body || text.chars().count() > HEADING {
        return None;
    }
    let ratio = line.size / body;
    Some(if ratio >= 1.7 {
        1
    } else if ratio >= 1.35 {
        2
    } else {
        3
    })
}

/// How many lines make the paragraph at the beginning.
fn paragraph(lines: &[Line]) -> usize {
    let pairs = lines.iter().zip(lines.iter().skip(1));
    1 + pairs
        .take_while(|(before, after)| {
            let is_near = before.y > after.y && before.y - after.y < LEADING * before.size;
            let is_alike = (before.size - after.size).abs() < 0.1 * before.size;
            let is_item = after
                .cells
                .iter()
                .any(|cell| cell.text.starts_with(BULLETS));
            is_near && is_alike && !is_item && after.cells.len() == 1
        })
        .count()
}

/// The lines of a block as text: where a line is full, its text goes on in the next.
fn joined(lines: &[Line], columns: &Columns) -> String {
    let mut text = String::new();
    let mut before: Option<&Line> = None;
    for line in lines {
        let shown = line.cells.iter().map(|cell| cell.text.trim());
        let shown = shown.collect::<Vec<_>>().join("  ");
        if let Some(before) = before {
            let is_full = columns.are_filled_by(before);
            // A line further in than the one before begins something new.
            let is_indented = line.x0() > before.x0() + 1.2 * line.size && !text.is_empty();
            if is_full && !is_indented {
                glue(&mut text, &shown);
            } else {
                text.push('\n');
            }
        }
        text.push_str(&shown);
        before = Some(line);
    }
    text
}

/// What stands between two lines that are one text: nothing in Chinese, a space elsewhere.
fn glue(text: &mut String, next: &str) {
    let visible = |character: &char| !LINK.contains(character);
    let last = text.chars().rev().find(visible);
    let first = next.chars().find(visible);
    match (last, first) {
        (Some('\u{ad}'), _) => {
            text.pop();
        }
        (Some(last), Some(first)) if is_wide(last) || is_wide(first) => {}
        _ => text.push(' '),
    }
}

/// The rows of a table at the beginning: at least two lines of several cells that stand below each other.
fn table(lines: &[Line]) -> Option<Vec<Vec<String>>> {
    let mut count = 0;
    let mut before: Option<&Line> = None;
    for line in lines {
        let is_near = before.is_none_or(|before| {
            before.y > line.y && before.y - line.y < 4.0 * before.size.max(line.size)
        });
        if line.cells.len() < 2 || !is_near {
            break;
        }
        count += 1;
        before = Some(line);
    }
    let lines = lines.get(..count).unwrap_or_default();
    // The columns are those of the row that has most.
    let widest = lines.iter().max_by_key(|line| line.cells.len())?;
    let mut columns: Vec<(f32, f32)> = widest.cells.iter().map(|cell| (cell.x0, cell.x1)).collect();
    let mut rows = Vec::new();
    for line in lines {
        let Some(row) = fit(line, &mut columns) else {
            break;
        };
        rows.push(row);
    }
    (rows.len() >= 2).then_some(rows)
}

/// Puts the cells of a line under the columns; none when one is under no column, or under two.
fn fit(line: &Line, columns: &mut [(f32, f32)]) -> Option<Vec<String>> {
    let mut row = vec![String::new(); columns.len()];
    for cell in &line.cells {
        let overlaps = |&(x0, x1): &(f32, f32)| cell.x0 < x1 && cell.x1 > x0;
        let mut under = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| overlaps(column));
        let (index, _) = under.next()?;
        if under.next().is_some() {
            return None;
        }
        let text = row.get_mut(index)?;
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(cell.text.trim());
    }
    Some(row)
}

/// Puts the addresses of links in.
fn resolve(text: &str, page: &Page) -> String {
    let [open, middle, close] = LINK;
    if !text.contains(open) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut parts = text.split(open);
    shown.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (number, rest) = part.split_once(middle).unwrap_or(("", part));
        let (linked, rest) = rest.split_once(close).unwrap_or((rest, ""));
        let number: usize = number.parse().unwrap_or_default();
        let address = number
            .checked_sub(1)
            .and_then(|index| page.links.get(index));
        shown.push_str(&markdown::link(linked, address.map_or("", String::as_str)));
        shown.push_str(rest);
    }
    shown
}
