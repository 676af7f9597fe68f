//! How wide characters are, in thousandths of the size of the font.

use std::collections::HashMap;

use hayro_syntax::object::{Array, Dict, Object};

/// The printable characters of ASCII in Helvetica and Times, which every program has and no file needs to describe.
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 222, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 222, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 333, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500,
    500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611,
    556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722,
    722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500,
    278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

/// Those of a font whose characters have one byte.
pub(super) fn simple(font: &Dict<'_>, name: &str) -> Vec<f32> {
    let given: Vec<f32> = font
        .get::<Array<'_>>("Widths")
        .map(|widths| widths.iter::<f32>().take(256).collect())
        .unwrap_or_default();
    let first = font.get::<u32>("FirstChar").unwrap_or_default() as usize;
    let descriptor = font.get::<Dict<'_>>("FontDescriptor");
    let missing = descriptor.and_then(|descriptor| descriptor.get::<f32>("MissingWidth"));
    (0..256)
        .map(|code: usize| {
            let given = code.checked_sub(first).and_then(|index| given.get(index));
            given.copied().unwrap_or_else(|| match missing {
                Some(missing) if missing > 0.0 => missing,
                _ => standard(name, code),
            })
        })
        .collect()
}

fn standard(name: &str, code: usize) -> f32 {
    let table = if name.contains("Courier") {
        return 600.0;
    } else if name.contains("Times") {
        &TIMES
    } else {
        &HELVETICA
    };
    let width = code.checked_sub(32).and_then(|index| table.get(index));
    width.copied().map_or(556.0, f32::from)
}

/// Those of a font whose characters have several bytes, by the number of the character in the font.
#[derive(Debug)]
pub(super) struct Composite {
    each: HashMap<u32, f32>,
    ranges: Vec<(u32, u32, f32)>,
    default: f32,
}

/// No font has more characters.
const MOST: usize = 65_536;

impl Composite {
    pub(super) fn of(font: &Dict<'_>) -> Self {
        let mut widths = Self {
            each: HashMap::new(),
            ranges: Vec::new(),
            default: font.get::<f32>("DW").unwrap_or(1_000.0),
        };
        let Some(array) = font.get::<Array<'_>>("W") else {
            return widths;
        };
        // `first [width …]` or `first last width`.
        let mut items = array.iter::<Object<'_>>();
        while let (Some(first), Some(second)) = (items.next(), items.next()) {
            let Some(first) = number(&first) else {
                break;
            };
            match second {
                Object::Array(list) => {
                    let codes = first..;
                    for (code, width) in codes.zip(list.iter::<f32>()) {
                        if widths.each.len() < MOST {
                            widths.each.insert(code, width);
                        }
                    }
                }
                second => {
                    let width = items.next().and_then(Object::into_f32);
                    let (Some(last), Some(width)) = (number(&second), width) else {
                        break;
                    };
                    if widths.ranges.len() < MOST {
                        widths.ranges.push((first, last, width));
                    }
                }
            }
        }
        widths.ranges.sort_by_key(|range| range.0);
        widths
    }

    /// The width of characters of which nothing is said.
    pub(super) fn default(&self) -> f32 {
        self.default
    }

    /// The width that the font gives, not the default.
    pub(super) fn known(&self, code: u32) -> Option<f32> {
        if let Some(width) = self.each.get(&code) {
            return Some(*width);
        }
        let behind = self.ranges.partition_point(|range| range.0 <= code);
        let range = self.ranges.get(behind.checked_sub(1)?)?;
        (code <= range.1).then_some(range.2)
    }
}

fn number(object: &Object<'_>) -> Option<u32> {
    u32::try_from(object.clone().into_i32()?).ok()
}
