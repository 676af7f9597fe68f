//! From the bytes of a string to text and widths.

use std::collections::HashMap;
use std::rc::Rc;

use hayro_cmap::{BfString, CMap};
use hayro_syntax::object::{Array, Dict, Name, ObjectIdentifier, Stream};

use super::composite::{self, Codes};
use super::{simple, widths};
use crate::layout::Text;

/// The fonts of a document that have been met.
#[derive(Default)]
pub(super) struct Fonts(HashMap<ObjectIdentifier, Rc<Font>>);

impl Fonts {
    /// The font that a dictionary describes.
    pub(super) fn get(&mut self, dictionary: &Dict<'_>) -> Rc<Font> {
        // A font that stands in the resources themselves has no number of its own, and is read each time.
        let Some(id) = dictionary.obj_id() else {
            return Rc::new(Font::new(dictionary));
        };
        let font = self
            .0
            .entry(id)
            .or_insert_with(|| Rc::new(Font::new(dictionary)));
        Rc::clone(font)
    }
}

/// A font.
#[derive(Debug)]
pub(super) struct Font {
    kind: Kind,
    to_unicode: Option<CMap>,
    /// The size of a unit of its widths.
    unit: f32,
    /// Whether its text runs down the page.
    pub(super) is_vertical: bool,
}

#[derive(Debug)]
enum Kind {
    Simple {
        table: Vec<Option<Text>>,
        widths: Vec<f32>,
    },
    Composite {
        codes: Codes,
        widths: widths::Composite,
    },
}

/// A character of a string.
#[derive(Debug)]
pub(super) struct Character {
    /// What it says; none when nobody knows.
    pub(super) text: Option<Text>,
    /// How wide it is, in sizes of the font.
    pub(super) width: f32,
    /// Whether it is the byte of the space, to which word spacing is added.
    pub(super) is_space: bool,
}

impl Font {
    fn new(font: &Dict<'_>) -> Self {
        let kind = font.get::<Name<'_>>("Subtype");
        let kind = kind.as_deref().unwrap_or_default();
        let name = font.get::<Name<'_>>("BaseFont");
        let name = name.as_ref().map(Name::as_str).unwrap_or_default();
        let to_unicode = font
            .get::<Stream<'_>>("ToUnicode")
            .and_then(|stream| CMap::parse(&stream.decoded_data().ok()?, |_name| None));
        if kind == b"Type0" {
            let (codes, is_vertical) = Codes::of(font);
            let descendants = font.get::<Array<'_>>("DescendantFonts");
            let descendant = descendants.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
            return Self {
                kind: Kind::Composite {
                    codes,
                    widths: widths::Composite::of(&descendant.unwrap_or_default()),
                },
                to_unicode,
                unit: 0.001,
                is_vertical,
            };
        }
        let matrix = font.get::<Array<'_>>("FontMatrix");
        let unit = matrix
            .filter(|_| kind == b"Type3")
            .and_then(|matrix| matrix.iter::<f32>().next());
        Self {
            kind: Kind::Simple {
                table: simple::table(font, name),
                widths: widths::simple(font, name),
            },
            to_unicode,
            unit: unit.map_or(0.001, f32::abs),
            is_vertical: false,
        }
    }

    /// Goes through a string.
    pub(super) fn read(&self, bytes: &[u8], mut each: impl FnMut(Character)) {
        match &self.kind {
            Kind::Simple { table, widths } => {
                for &byte in bytes {
                    let index = usize::from(byte);
                    let text = self
                        .mapped(u32::from(byte))
                        .or_else(|| table.get(index).cloned().flatten());
                    each(Character {
                        text,
                        width: widths.get(index).copied().unwrap_or_default() * self.unit,
                        is_space: byte == b' ',
                    });
                }
            }
            Kind::Composite { codes, widths } => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (code, behind) = rest.split_at(codes.length(rest).max(1));
                    rest = behind;
                    let text = self
                        .mapped(composite::number(code))
                        .or_else(|| codes.text(code).map(simple::text));
                    let width = match codes.cid(code) {
                        Some(cid) => widths.known(cid),
                        None => None,
                    };
                    let width = width.unwrap_or_else(|| codes.usual_width(code, widths.default()));
                    each(Character {
                        text,
                        width: width * self.unit,
                        is_space: code == [b' '],
                    });
                }
            }
        }
    }

    /// What the file says that a code says. Programs without an answer write a zero or a replacement character.
    fn mapped(&self, code: u32) -> Option<Text> {
        match self.to_unicode.as_ref()?.lookup_bf_string(code)? {
            BfString::Char('\0' | '\u{fffd}' | '\u{ffff}') => None,
            BfString::Char(character) => Some(Text::One(character)),
            BfString::String(text) => Some(Text::Many(text.into_boxed_str())),
        }
    }
}
