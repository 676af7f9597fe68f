//! Characters that stand side by side and were drawn one after the other.

use super::{Glyph, Text};

/// A piece of a line.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) text: String,
    /// Left and right edge.
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) link: u16,
}

/// How far, in sizes of the font, two characters of a span are apart at most.
const GAP: f32 = 0.9;
/// Letters that are further apart than this belong to different words. Chinese is often set wider.
const WORD: f32 = 0.18;
const WIDE_WORD: f32 = 0.45;
const START: f32 = 0.12;
/// How far baselines are apart at most.
const LEVEL: f32 = 0.3;
/// Bold letters may be drawn twice, this far apart at most.
const DOUBLE: f32 = 0.12;

/// Collects the pieces, and the texts that are not level.
pub(super) fn collect(glyphs: Vec<Glyph>) -> (Vec<Span>, Vec<String>) {
    let mut spans: Vec<Span> = Vec::new();
    let mut loose: Vec<String> = Vec::new();
    let mut last_loose: Option<(f32, f32, f32)> = None;
    for glyph in glyphs {
        if !glyph.is_level {
            let is_near = last_loose.is_some_and(|(x, y, size)| {
                (glyph.x - x).abs() < 2.0 * size && (glyph.y - y).abs() < 2.0 * size
            });
            if !is_near {
                loose.push(String::new());
            }
            if let Some(text) = loose.last_mut() {
                push(text, &glyph.text);
            }
            last_loose = Some((glyph.x, glyph.y, glyph.size));
            continue;
        }
        match spans.last_mut() {
            Some(span) if continues(span, &glyph) => append(span, &glyph),
            _ => begin(&mut spans, &glyph),
        }
    }
    spans.retain(|span| !span.text.trim().is_empty());
    loose.retain(|text| !text.trim().is_empty());
    (drop_doubles(spans), loose)
}

fn continues(span: &Span, glyph: &Glyph) -> bool {
    let gap = glyph.x - span.x1;
    let size = span.size.max(glyph.size);
    (glyph.y - span.y).abs() < LEVEL * size
        && gap < GAP * size
        && gap > -0.6 * size
        && span.link == glyph.link
}

fn begin(spans: &mut Vec<Span>, glyph: &Glyph) {
    let mut span = Span {
        text: String::new(),
        x0: glyph.x,
        x1: glyph.x + glyph.width,
        y: glyph.y,
        size: glyph.size,
        link: glyph.link,
    };
    push(&mut span.text, &glyph.text);
    spans.push(span);
}

fn append(span: &mut Span, glyph: &Glyph) {
    let gap = glyph.x - span.x1;
    let last = span.text.chars().next_back();
    // The same letter at the same place: it is bold.
    let is_double = last.is_some_and(|last| glyph.text == Text::One(last))
        && (gap + glyph.width).abs() < DOUBLE * glyph.size;
    if is_double {
        return;
    }
    // Pieces of text that stand apart at all are different things.
    let is_apart = glyph.is_start && gap > START * glyph.size;
    let next = first(&glyph.text);
    if needs_space(last, next, gap, glyph.size) || (is_apart && needs_space(last, next, 1.0, 1.0)) {
        span.text.push(' ');
    }
    push(&mut span.text, &glyph.text);
    span.x1 = span.x1.max(glyph.x + glyph.width);
    // Superscripts do not make the line small.
    span.size = span.size.max(glyph.size);
}

/// Whether there is a space between two characters that nobody drew.
pub(super) fn needs_space(before: Option<char>, after: Option<char>, gap: f32, size: f32) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    if before.is_whitespace() || after.is_whitespace() {
        return false;
    }
    let is_wide = is_wide(before) || is_wide(after);
    gap > size * if is_wide { WIDE_WORD } else { WORD }
}

/// Whether a character fills a square and stands beside others without spaces: Chinese and Japanese, their punctuation.
pub(super) fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3ffff}' | '“' | '”' | '‘' | '’' | '…' | '—')
}

/// Whole words that were drawn twice.
fn drop_doubles(spans: Vec<Span>) -> Vec<Span> {
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        let is_double = kept.iter().rev().take(4).any(|other| {
            other.text == span.text
                && (other.x0 - span.x0).abs() < DOUBLE * span.size
                && (other.y - span.y).abs() < DOUBLE * span.size
        });
        if !is_double {
            kept.push(span);
        }
    }
    kept
}

fn push(text: &mut String, glyph: &Text) {
    match glyph {
        Text::One(character) => text.push(*character),
        Text::Many(characters) => text.push_str(characters),
    }
}

fn first(text: &Text) -> Option<char> {
    match text {
        Text::One(character) => Some(*character),
        Text::Many(characters) => characters.chars().next(),
    }
}
