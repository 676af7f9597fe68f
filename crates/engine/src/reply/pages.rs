//! Cuts an answer into pages: on paragraphs where it can, on lines, on words, at last between characters; never
//! inside an emoji; code fences are closed and opened again around each cut. Nothing is left out.

use unicode_segmentation::UnicodeSegmentation;

use super::fence::Fence;
use super::title;
use crate::message::Format;

/// How much fits into one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters (code points) of one message.
    pub characters: usize,
    /// Bytes of one message after JSON has escaped it.
    pub bytes: usize,
}

impl Default for Limits {
    /// 3,800 characters, above which clients stop to render markdown (protocol reference §4.9), and room below the
    /// 15,000 bytes of `msgParam` for a title and for a mention (§4.4).
    fn default() -> Self {
        Self {
            characters: 3_800,
            bytes: 14_000,
        }
    }
}

impl Limits {
    /// 2,800 characters: cards with more than 3,000 Chinese characters in one block stay blank although the platform says
    /// success (protocol reference §4.9).
    pub fn of_card() -> Self {
        Self {
            characters: 2_800,
            bytes: 14_000,
        }
    }
}

/// One message of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What lists show; says `(2/3)` when there are several pages.
    pub title: String,
    /// The content.
    pub body: String,
}

/// Plans the messages of an answer. Empty text gives no page.
pub fn pages(text: &str, format: Format, limits: Limits) -> Vec<Page> {
    let bodies = Cutter::new(format, limits).cut(text);
    let count = bodies.len();
    let name = title(text);
    bodies
        .into_iter()
        .enumerate()
        .map(|(index, body)| Page {
            title: if count == 1 {
                name.clone()
            } else {
                format!("{name} ({}/{count})", index + 1)
            },
            body,
        })
        .collect()
}

/// The part of an answer that fits, and the rest, with a code fence that the cut goes through closed and opened again.
pub fn first_page(text: &str, limits: Limits) -> (String, String) {
    let mut bodies = Cutter::new(Format::Markdown, limits).cut(text).into_iter();
    let first = bodies.next().unwrap_or_default();
    (first, bodies.collect::<Vec<_>>().join("\n"))
}

/// What a text takes from the limits.
#[derive(Clone, Copy, Default)]
struct Weight {
    characters: usize,
    bytes: usize,
}

impl Weight {
    fn of(text: &str) -> Self {
        let escaped = |character: char| match character {
            '"' | '\\' | '\n' | '\t' => 2,
            other => other.len_utf8(),
        };
        Self {
            characters: text.chars().count(),
            bytes: text.chars().map(escaped).sum(),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            characters: self.characters + other.characters,
            bytes: self.bytes + other.bytes,
        }
    }

    fn fits(self, limits: Limits) -> bool {
        self.characters <= limits.characters && self.bytes <= limits.bytes
    }
}

/// A line, or a piece of a line that is too long for a page.
struct Piece<'a> {
    text: &'a str,
    weight: Weight,
    /// The fence that is open in front of the piece.
    before: Option<Fence>,
    /// The fence that is open behind it.
    behind: Option<Fence>,
}

struct Cutter {
    format: Format,
    limits: Limits,
}

impl Cutter {
    fn new(format: Format, limits: Limits) -> Self {
        Self { format, limits }
    }

    fn cut(&self, text: &str) -> Vec<String> {
        let pieces = self.pieces(text);
        let mut pages = Vec::new();
        let mut rest = pieces.as_slice();
        while !rest.is_empty() {
            let length = self.page_length(rest);
            let (page, behind) = rest.split_at(length);
            let body = render(page);
            if !body.is_empty() {
                pages.push(body);
            }
            rest = behind;
        }
        pages
    }

    /// Lines with their fences; a line that is longer than a page comes in pieces.
    fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        let mut fence: Option<Fence> = None;
        let mut pieces = Vec::new();
        for line in text.split_inclusive('\n') {
            let behind = match self.format {
                Format::Markdown => Fence::behind(fence.clone(), line),
                Format::Text => None,
            };
            for part in self.split_line(line) {
                pieces.push(Piece {
                    text: part,
                    weight: Weight::of(part),
                    before: fence.clone(),
                    behind: behind.clone(),
                });
            }
            fence = behind;
        }
        pieces
    }

    fn split_line<'a>(&self, line: &'a str) -> Vec<&'a str> {
        // Small pieces fill pages well, and leave room for the fence lines around a piece of code.
        let limits = Limits {
            characters: self.limits.characters / 8,
            bytes: self.limits.bytes / 8,
        };
        if Weight::of(line).fits(limits) {
            return vec![line];
        }
        let mut parts = Vec::new();
        let mut start = 0;
        let mut weight = Weight::default();
        for (index, word) in line.split_word_bound_indices() {
            for (offset, cluster) in word.grapheme_indices(true) {
                // Between words always; inside a word only where it alone fills a page.
                let next = weight.plus(Weight::of(if offset == 0 { word } else { cluster }));
                let may_cut = offset == 0 || !weight.plus(Weight::of(cluster)).fits(limits);
                if may_cut && !next.fits(limits) && weight.characters > 0 {
                    parts.push(slice(line, start, index + offset));
                    start = index + offset;
                    weight = Weight::default();
                }
                weight = weight.plus(Weight::of(cluster));
            }
        }
        parts.push(slice(line, start, line.len()));
        parts
    }

    /// How many of the pieces make the next page; at least one.
    fn page_length(&self, pieces: &[Piece<'_>]) -> usize {
        let opening = pieces.first().and_then(|piece| piece.before.as_ref());
        let mut weight = opening
            .map_or(Weight::default(), |fence| Weight::of(&fence.opening))
            .plus(Weight::of("\n"));
        let mut length = 0;
        for piece in pieces {
            weight = weight.plus(piece.weight);
            let closing = piece
                .behind
                .as_ref()
                .map_or(0, |fence| fence.closing.len() + 2);
            let closed = weight.plus(Weight {
                characters: closing,
                bytes: closing,
            });
            if !closed.fits(self.limits) {
                break;
            }
            length += 1;
        }
        if length == pieces.len() {
            length
        } else {
            better_cut(pieces, length.max(1))
        }
    }
}

/// The last paragraph end in the second half of the page, else the cut as it is, but not right behind an opening
/// fence.
fn better_cut(pieces: &[Piece<'_>], length: usize) -> usize {
    let page = pieces.get(..length).unwrap_or_default();
    let whole: usize = page.iter().map(|piece| piece.weight.characters).sum();
    let mut before = whole;
    let paragraph_end = page.iter().enumerate().rev().find_map(|(index, piece)| {
        before -= piece.weight.characters;
        let is_blank = piece.text.trim().is_empty() && piece.behind.is_none();
        (is_blank && before * 2 >= whole).then_some(index)
    });
    if let Some(index) = paragraph_end {
        return index + 1;
    }
    let opens = |piece: &Piece<'_>| piece.before.is_none() && piece.behind.is_some();
    match pieces.get(length - 1) {
        Some(last) if length > 1 && opens(last) => length - 1,
        _ => length,
    }
}

fn render(page: &[Piece<'_>]) -> String {
    let text: String = page.iter().map(|piece| piece.text).collect();
    let before = page.first().and_then(|piece| piece.before.as_ref());
    let behind = page.last().and_then(|piece| piece.behind.as_ref());
    let mut body = String::new();
    if let Some(fence) = before {
        body.push_str(&fence.opening);
        body.push('\n');
    }
    // Blank lines at the edges of a page show nothing; the indentation of code does.
    let trimmed = text.trim_end();
    body.push_str(if before.is_some() {
        trimmed
    } else {
        trimmed.trim_start_matches('\n')
    });
    if let Some(fence) = behind {
        body.push('\n');
        body.push_str(&fence.closing);
    }
    body
}

/// Both ends lie on boundaries that the segmentation gave.
fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}
