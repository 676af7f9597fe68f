//! From characters with places on a page to headings, paragraphs and tables.
//!
//! PDF and OFD know no words and no lines: only where each character stands.

mod blocks;
mod lines;
mod radicals;
mod spans;

use self::lines::Line;

/// A character on a page, upright: the page has been turned already. Lengths are in any unit; y grows upwards.
#[derive(Clone, Debug)]
pub(crate) struct Glyph {
    pub(crate) text: Text,
    /// Its left edge.
    pub(crate) x: f32,
    /// Its baseline.
    pub(crate) y: f32,
    /// How far the next character is.
    pub(crate) width: f32,
    /// The size of the font.
    pub(crate) size: f32,
    /// Whether it is written from left to right. Others are kept as they come.
    pub(crate) is_level: bool,
    /// Whether a piece of text begins with it: a cell of a table, often.
    pub(crate) is_start: bool,
    /// The number of the link that it belongs to, from 1; 0 for none.
    pub(crate) link: u16,
}

/// What a glyph says: nearly always one character, but a ligature says two.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Text {
    /// One.
    One(char),
    /// Several.
    Many(Box<str>),
}

/// The lines of a page.
#[derive(Debug)]
pub(crate) struct Page {
    lines: Vec<Line>,
    /// What is written in other directions.
    loose: Vec<String>,
    /// The addresses of its links.
    links: Vec<String>,
}

pub(crate) use self::blocks::{body_size, write};
pub(crate) use self::radicals::repair;

impl Page {
    pub(crate) fn new(glyphs: Vec<Glyph>, links: Vec<String>) -> Self {
        let (spans, loose) = spans::collect(glyphs);
        Self {
            lines: lines::collect(spans),
            loose: loose.iter().map(|text| radicals::repair(text)).collect(),
            links,
        }
    }

    /// How many characters there are, at least: for the room they will take.
    pub(crate) fn characters(&self) -> usize {
        let cells = self.lines.iter().flat_map(|line| &line.cells);
        cells.map(|cell| cell.text.chars().count()).sum::<usize>()
            + self
                .loose
                .iter()
                .map(|text| text.chars().count())
                .sum::<usize>()
    }
}
