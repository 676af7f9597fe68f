//! What is drawn on a page.

use crate::layout::{Glyph, Text};
use crate::xml::{Element, Event, Xml};

/// The characters of a page, and how many pictures there are.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) images: usize,
}

/// Where a text object stands, and how its characters follow each other.
#[derive(Debug, Default)]
struct Run {
    /// The corner of its boundary.
    corner: (f32, f32),
    /// The map of its inner coordinates.
    matrix: Option<[f32; 6]>,
    size: f32,
    start: (f32, f32),
    delta_x: Vec<f32>,
    delta_y: Vec<f32>,
    text: String,
}

/// The numbers of the templates that a page uses.
pub(super) fn templates(content: &str) -> Vec<String> {
    Xml::new(content)
        .filter_map(|event| match event {
            Event::Start(element) if element.name() == "Template" => {
                element.attribute("TemplateID")
            }
            _ => None,
        })
        .collect()
}

impl Drawing {
    /// Adds what a part draws.
    pub(super) fn add(&mut self, content: &str) {
        let mut run = Run::default();
        let mut is_text = false;
        for event in Xml::new(content) {
            match event {
                Event::Start(element) => match element.name() {
                    "TextObject" => run = Run::of(&element),
                    "TextCode" => {
                        run.begin(&element);
                        is_text = true;
                    }
                    "ImageObject" => self.images += 1,
                    _ => {}
                },
                Event::Text(text) if is_text => run.text.push_str(&text),
                Event::End(end) if end.name() == "TextCode" => {
                    is_text = false;
                    self.write(&run);
                }
                Event::End(_) | Event::Text(_) => {}
            }
        }
    }

    fn write(&mut self, run: &Run) {
        let (mut x, mut y) = run.start;
        let text = run.text.trim_matches(['\n', '\r', '\t']);
        // Empty unless the text runs down the page.
        let is_level = run.delta_y.iter().all(|delta| *delta == 0.0);
        for (index, character) in text.chars().enumerate() {
            let step = run.delta_x.get(index).copied();
            let width = step.unwrap_or_else(|| usual_width(character) * run.size);
            let (px, py) = run.place(x, y);
            self.glyphs.push(Glyph {
                text: Text::One(character),
                x: px,
                // The page grows downwards.
                y: -py,
                width: usual_width(character) * run.size,
                size: run.size * run.scale(),
                is_level,
                is_start: index == 0,
                link: 0,
            });
            if is_level {
                x += width;
            }
            y += run.delta_y.get(index).copied().unwrap_or_default();
        }
    }
}

/// Half a square for what fits into one byte.
fn usual_width(character: char) -> f32 {
    if character.is_ascii() { 0.5 } else { 1.0 }
}

impl Run {
    fn of(element: &Element<'_>) -> Self {
        let boundary = numbers(element.attribute("Boundary").as_deref());
        let matrix = numbers(element.attribute("CTM").as_deref());
        // The standard writes `Size`; easyofd writes `size`.
        let size = element
            .attribute("Size")
            .or_else(|| element.attribute("size"));
        Self {
            corner: match boundary.as_slice() {
                [x, y, ..] => (*x, *y),
                _ => (0.0, 0.0),
            },
            matrix: matrix.try_into().ok(),
            size: numbers(size.as_deref()).first().copied().unwrap_or(3.0),
            ..Self::default()
        }
    }

    fn begin(&mut self, element: &Element<'_>) {
        let number = |name| numbers(element.attribute(name).as_deref()).first().copied();
        // A code without a place goes on from the one before.
        self.start = (
            number("X").unwrap_or(self.start.0),
            number("Y").unwrap_or(self.start.1),
        );
        self.delta_x = deltas(element.attribute("DeltaX").as_deref());
        self.delta_y = deltas(element.attribute("DeltaY").as_deref());
        self.text.clear();
    }

    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = match self.matrix {
            Some([a, b, c, d, e, f]) => (a * x + c * y + e, b * x + d * y + f),
            None => (x, y),
        };
        (self.corner.0 + x, self.corner.1 + y)
    }

    fn scale(&self) -> f32 {
        self.matrix.map_or(1.0, |[_, _, c, d, ..]| c.hypot(d))
    }
}

fn numbers(text: Option<&str>) -> Vec<f32> {
    let words = text.unwrap_or_default().split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

/// A list of steps in which `g N S` stands for N times S.
fn deltas(text: Option<&str>) -> Vec<f32> {
    /// No text object is longer.
    const MOST: usize = 10_000;
    let mut deltas = Vec::new();
    let mut words = text.unwrap_or_default().split_whitespace();
    while let Some(word) = words.next() {
        if word == "g" {
            let count = words.next().and_then(|count| count.parse::<usize>().ok());
            let step = words.next().and_then(|step| step.parse::<f32>().ok());
            let count = count.unwrap_or_default().min(MOST);
            deltas.extend(std::iter::repeat_n(step.unwrap_or_default(), count));
        } else if let Ok(step) = word.parse() {
            deltas.push(step);
        }
        if deltas.len() > MOST {
            break;
        }
    }
    deltas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_steps_are_read() {
        assert_eq!(deltas(Some("1 g 2 3.5 4")), [1.0, 3.5, 3.5, 4.0]);
        assert_eq!(deltas(Some("g 99999999999 1")).len(), 10_000);
        assert_eq!(deltas(None), [0.0; 0]);
    }
}
