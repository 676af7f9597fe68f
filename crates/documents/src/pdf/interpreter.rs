//! Runs the drawing program of a page, and keeps what it writes.

use std::rc::Rc;

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Stream, String as Bytes};
use hayro_syntax::page::{Page, Resources};

use super::annotations::{self, Link};
use super::font::{Font, Fonts};
use super::matrix::Matrix;
use crate::layout::{Glyph, Text};

/// How deep drawings may use each other, and how many may be used on a page: they can be made to multiply.
const DEPTH: usize = 12;
const DRAWINGS: usize = 5_000;
/// How many characters of a page are kept.
const GLYPHS: usize = 200_000;
/// How deep states may be saved.
const SAVED: usize = 512;

/// What is on a page.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) glyphs: Vec<Glyph>,
    /// The addresses of its links.
    pub(super) links: Vec<std::string::String>,
    /// How many characters nobody can read.
    pub(super) unknown: usize,
    pub(super) images: usize,
}

/// Reads a page, turned as it is shown.
pub(super) fn read(page: &Page<'_>, fonts: &mut Fonts) -> Found {
    let upright = page.initial_transform(false).as_coeffs();
    #[expect(clippy::cast_possible_truncation, reason = "pages are small")]
    let upright = Matrix(upright.map(|value| value as f32));
    let links = annotations::links(page, upright);
    let mut interpreter = Interpreter {
        fonts,
        found: Found::default(),
        links: &links,
        drawings: 0,
        is_start: true,
    };
    interpreter.run(page.typed_operations(), page.resources(), upright, 0);
    for (drawing, matrix) in annotations::drawings(page) {
        interpreter.draw(&drawing, page.resources(), matrix.then(upright), 0);
    }
    let mut found = interpreter.found;
    found.links = links.into_iter().map(|link| link.address).collect();
    found
}

struct Interpreter<'b> {
    fonts: &'b mut Fonts,
    found: Found,
    links: &'b [Link],
    drawings: usize,
    /// Whether the next character is the first of its piece of text.
    is_start: bool,
}

/// What `q` saves and `Q` restores.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f32,
    character_spacing: f32,
    word_spacing: f32,
    scaling: f32,
    leading: f32,
    rise: f32,
}

/// Text that a piece of content says it is, whatever it draws (`ActualText`).
enum Actual {
    /// It will stand where the first character is drawn.
    Waiting(Text),
    /// It stands there.
    Placed,
}

/// Where the next character goes.
struct Pen {
    text: Matrix,
    line: Matrix,
    /// Marked contents that are open, each with the text that it brings, if it does.
    marks: Vec<Option<Actual>>,
}

impl Interpreter<'_> {
    fn run(
        &mut self,
        mut program: TypedIter<'_>,
        resources: &Resources<'_>,
        matrix: Matrix,
        depth: usize,
    ) {
        let mut state = State {
            matrix,
            font: None,
            size: 0.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            scaling: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut saved: Vec<State> = Vec::new();
        let mut pen = Pen {
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            marks: Vec::new(),
        };
        while let Some(op) = program.next() {
            if self.found.glyphs.len() > GLYPHS {
                break;
            }
            match op {
                Op::SaveState(_) if saved.len() < SAVED => saved.push(state.clone()),
                Op::RestoreState(_) => state = saved.pop().unwrap_or(state),
                Op::Transform(op) => {
                    let matrix = numbers([&op.0, &op.1, &op.2, &op.3, &op.4, &op.5]);
                    state.matrix = Matrix(matrix).then(state.matrix);
                }
                Op::XObject(op) => {
                    if let Some(drawing) = resources.get_x_object(op.0) {
                        self.draw(&drawing, resources, state.matrix, depth);
                    }
                }
                Op::InlineImage(_) => self.found.images += 1,
                Op::BeginMarkedContentWithProperties(op) => {
                    pen.marks.push(actual(op.1, resources));
                }
                Op::BeginMarkedContent(_) => pen.marks.push(None),
                Op::EndMarkedContent(_) => {
                    pen.marks.pop();
                }
                op => self.text(&op, resources, &mut state, &mut pen),
            }
        }
    }

    /// Operators of text.
    fn text(
        &mut self,
        op: &Op<'_, '_>,
        resources: &Resources<'_>,
        state: &mut State,
        pen: &mut Pen,
    ) {
        match op {
            Op::BeginText(_) => {
                self.is_start = true;
                pen.place(Matrix::IDENTITY);
            }
            Op::TextFont(op) => {
                let font = resources.get_font(op.0);
                state.font = font.map(|font| self.fonts.get(&font));
                state.size = op.1.as_f32();
            }
            Op::CharacterSpacing(op) => state.character_spacing = op.0.as_f32(),
            Op::WordSpacing(op) => state.word_spacing = op.0.as_f32(),
            Op::HorizontalScaling(op) => state.scaling = op.0.as_f32() / 100.0,
            Op::TextLeading(op) => state.leading = op.0.as_f32(),
            Op::TextRise(op) => state.rise = op.0.as_f32(),
            Op::SetTextMatrix(op) => {
                pen.place(Matrix(numbers([&op.0, &op.1, &op.2, &op.3, &op.4, &op.5])));
            }
            Op::NextLine(op) => pen.next_line(op.0.as_f32(), op.1.as_f32()),
            Op::NextLineAndSetLeading(op) => {
                state.leading = -op.1.as_f32();
                pen.next_line(op.0.as_f32(), op.1.as_f32());
            }
            Op::NextLineUsingLeading(_) => pen.next_line(0.0, -state.leading),
            Op::ShowText(op) => self.show(op.0, state, pen),
            Op::NextLineAndShowText(op) => {
                pen.next_line(0.0, -state.leading);
                self.show(op.0, state, pen);
            }
            Op::ShowTextWithParameters(op) => {
                state.word_spacing = op.0.as_f32();
                state.character_spacing = op.1.as_f32();
                pen.next_line(0.0, -state.leading);
                self.show(op.2, state, pen);
            }
            Op::ShowTexts(op) => self.show_all(op.0, state, pen),
            _ => {}
        }
    }

    fn show_all(&mut self, items: &Array<'_>, state: &State, pen: &mut Pen) {
        let is_vertical = state.font.as_ref().is_some_and(|font| font.is_vertical);
        for item in items.iter::<Object<'_>>() {
            match item {
                Object::String(text) => self.show(&text, state, pen),
                Object::Number(number) => {
                    let shift = -number.as_f32() / 1_000.0 * state.size;
                    pen.advance(if is_vertical {
                        (0.0, shift)
                    } else {
                        (shift * state.scaling, 0.0)
                    });
                }
                _ => {}
            }
        }
    }

    fn show(&mut self, text: &Bytes<'_>, state: &State, pen: &mut Pen) {
        let Some(font) = state.font.clone() else {
            return;
        };
        font.read(text.as_bytes(), |character| {
            let spacing = if character.is_space {
                state.character_spacing + state.word_spacing
            } else {
                state.character_spacing
            };
            match pen.marks.iter_mut().flatten().next() {
                None => match character.text {
                    Some(text) => self.keep(text, character.width, state, pen.text),
                    None if character.width > 0.0 => self.found.unknown += 1,
                    None => {}
                },
                Some(actual) => match std::mem::replace(actual, Actual::Placed) {
                    Actual::Waiting(text) => self.keep(text, character.width, state, pen.text),
                    Actual::Placed => self.widen(character.width, state, pen.text),
                },
            }
            pen.advance(if font.is_vertical {
                (0.0, spacing - state.size)
            } else {
                (
                    (character.width * state.size + spacing) * state.scaling,
                    0.0,
                )
            });
        });
    }

    fn keep(&mut self, text: Text, width: f32, state: &State, pen: Matrix) {
        let matrix = pen.then(state.matrix);
        let (x, y) = matrix.apply(0.0, state.rise);
        let (dx, dy) = matrix.turn(width * state.size * state.scaling, 0.0);
        let (along, across) = matrix.turn(1.0, 0.0);
        let (ux, uy) = matrix.turn(0.0, state.size);
        let size = ux.hypot(uy);
        if !(x.is_finite() && y.is_finite() && size.is_finite()) {
            return;
        }
        let is_vertical = state.font.as_ref().is_some_and(|font| font.is_vertical);
        let (left, right) = (x.min(x + dx), x.max(x + dx));
        let (link, _) = (1..)
            .zip(self.links)
            .find(|(_, link)| {
                let [x0, y0, x1, y1] = link.place;
                let (middle, height) = (f32::midpoint(left, right), y + size * 0.3);
                (x0..=x1).contains(&middle) && (y0..=y1).contains(&height)
            })
            .unzip();
        self.found.glyphs.push(Glyph {
            text,
            x,
            y,
            width: dx.hypot(dy),
            size,
            is_level: !is_vertical && along > 0.0 && across.abs() < 0.3 * along && uy > 0.0,
            is_start: std::mem::take(&mut self.is_start),
            link: link.unwrap_or_default(),
        });
    }

    /// The last character is as wide as all that was drawn for it.
    fn widen(&mut self, width: f32, state: &State, pen: Matrix) {
        let matrix = pen.then(state.matrix);
        let (x, y) = matrix.apply(width * state.size * state.scaling, state.rise);
        if let Some(last) = self.found.glyphs.last_mut()
            && (y - last.y).abs() < last.size
        {
            last.width = last.width.max(x - last.x);
        }
    }

    /// A picture, or a drawing with a program of its own.
    fn draw(&mut self, drawing: &Stream<'_>, around: &Resources<'_>, matrix: Matrix, depth: usize) {
        let kind = drawing.dict().get::<Name<'_>>("Subtype");
        if kind.is_some_and(|kind| &*kind == b"Image") {
            self.found.images += 1;
            return;
        }
        self.drawings += 1;
        if depth == DEPTH || self.drawings > DRAWINGS {
            return;
        }
        let Ok(program) = drawing.decoded_data() else {
            return;
        };
        let own = drawing.dict().get::<Array<'_>>("Matrix");
        let own: Vec<f32> = own
            .map(|own| own.iter::<f32>().collect())
            .unwrap_or_default();
        let own = own.try_into().map_or(Matrix::IDENTITY, Matrix);
        let resources = drawing
            .dict()
            .get::<Dict<'_>>("Resources")
            .map(Resources::new);
        let resources = resources.as_ref().unwrap_or(around);
        self.run(
            TypedIter::new(&program),
            resources,
            own.then(matrix),
            depth + 1,
        );
    }
}

impl Pen {
    fn place(&mut self, matrix: Matrix) {
        self.text = matrix;
        self.line = matrix;
    }

    fn next_line(&mut self, x: f32, y: f32) {
        self.place(Matrix::shift(x, y).then(self.line));
    }

    fn advance(&mut self, (x, y): (f32, f32)) {
        self.text = Matrix::shift(x, y).then(self.text);
    }
}

fn numbers(numbers: [&Number; 6]) -> [f32; 6] {
    numbers.map(Number::as_f32)
}

/// The text that a piece of content brings. It may be empty, which is a text, too.
fn actual(properties: &Object<'_>, resources: &Resources<'_>) -> Option<Actual> {
    let properties = match properties {
        Object::Dict(properties) => properties.clone(),
        Object::Name(name) => resources.properties.get::<Dict<'_>>(&**name)?,
        _ => return None,
    };
    let text = string(&properties.get::<Bytes<'_>>("ActualText")?);
    Some(Actual::Waiting(super::simple::text(text)))
}

/// A string for people: UTF-16 or UTF-8 with its mark, or an encoding that begins like Latin-1.
fn string(bytes: &[u8]) -> std::string::String {
    if bytes.starts_with(b"\xfe\xff") || bytes.starts_with(b"\xef\xbb\xbf") {
        encoding_rs::UTF_8.decode(bytes).0.into_owned()
    } else {
        encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned()
    }
}
