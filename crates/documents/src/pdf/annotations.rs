//! What is laid over a page: links, and the texts of forms and stamps.

use hayro_syntax::object::{Array, Dict, Name, Object, Rect, Stream, String};
use hayro_syntax::page::Page;

use super::matrix::Matrix;

/// No page has more that are looked at.
const MOST: usize = 2_000;

/// The place and the address of a link.
#[derive(Debug)]
pub(super) struct Link {
    /// Left, bottom, right, top.
    pub(super) place: [f32; 4],
    pub(super) address: std::string::String,
}

/// The links of a page that lead out of the document, where they are when the page is upright.
pub(super) fn links(page: &Page<'_>, upright: Matrix) -> Vec<Link> {
    let link = |annotation: Dict<'_>| {
        let place = annotation.get::<Rect>("Rect")?;
        let action = annotation.get::<Dict<'_>>("A")?;
        let address = action.get::<String<'_>>("URI")?;
        Some(Link {
            place: turned(corners(&place), upright),
            address: std::string::String::from_utf8_lossy(&address).into_owned(),
        })
    };
    of_kind(page, &[b"Link"])
        .into_iter()
        .filter_map(link)
        .collect()
}

/// The drawings of forms and stamps that have text, and where they are put.
pub(super) fn drawings<'a>(page: &Page<'a>) -> Vec<(Stream<'a>, Matrix)> {
    let drawing = |annotation: Dict<'a>| {
        // Hidden ones, and those that are only for the screen's fields.
        let flags = annotation.get::<i32>("F").unwrap_or_default();
        if flags & 2 != 0 {
            return None;
        }
        let place = corners(&annotation.get::<Rect>("Rect")?);
        let appearances = annotation.get::<Dict<'a>>("AP")?;
        let stream = match appearances.get::<Object<'a>>("N")? {
            Object::Stream(stream) => stream,
            Object::Dict(states) => {
                let state = annotation.get::<Name<'a>>("AS")?;
                states.get::<Stream<'a>>(&*state)?
            }
            _ => return None,
        };
        let inner = corners(&stream.dict().get::<Rect>("BBox")?);
        let shift = Matrix::shift(place[0] - inner[0], place[1] - inner[1]);
        Some((stream, shift))
    };
    of_kind(page, &[b"Widget", b"FreeText", b"Stamp"])
        .into_iter()
        .filter_map(drawing)
        .collect()
}

fn of_kind<'a>(page: &Page<'a>, kinds: &[&[u8]]) -> Vec<Dict<'a>> {
    let Some(annotations) = page.raw().get::<Array<'a>>("Annots") else {
        return Vec::new();
    };
    annotations
        .iter::<Dict<'a>>()
        .take(MOST)
        .filter(|annotation| {
            let kind = annotation.get::<Name<'_>>("Subtype");
            kind.is_some_and(|kind| kinds.contains(&&*kind))
        })
        .collect()
}

fn turned([x0, y0, x1, y1]: [f32; 4], upright: Matrix) -> [f32; 4] {
    let (ax, ay) = upright.apply(x0, y0);
    let (bx, by) = upright.apply(x1, y1);
    [ax.min(bx), ay.min(by), ax.max(bx), ay.max(by)]
}

#[expect(clippy::cast_possible_truncation, reason = "pages are small")]
fn corners(rect: &Rect) -> [f32; 4] {
    [
        rect.x0.min(rect.x1) as f32,
        rect.y0.min(rect.y1) as f32,
        rect.x0.max(rect.x1) as f32,
        rect.y0.max(rect.y1) as f32,
    ]
}
