//! Fonts whose characters have one byte: Type 1, TrueType, Type 3.

use hayro_syntax::object::{Array, Dict, Name, Object};

use super::encoding::{self, Base};
use crate::layout::Text;

/// The text of each byte, as far as the font tells without `ToUnicode`.
pub(super) fn table(font: &Dict<'_>, name: &str) -> Vec<Option<Text>> {
    let declared = font.get::<Object<'_>>("Encoding");
    let base = base(font, name, declared.as_ref());
    let mut table: Vec<Option<Text>> = (0..=255)
        .map(|code| base.character(code).map(Text::One))
        .collect();
    if let Some(Object::Dict(declared)) = declared
        && let Some(differences) = declared.get::<Array<'_>>("Differences")
    {
        let mut code = 0_usize;
        for item in differences.iter::<Object<'_>>() {
            match item {
                Object::Number(number) => {
                    code = usize::try_from(number.as_i64()).unwrap_or(usize::MAX);
                }
                Object::Name(name) => {
                    if let Some(place) = table.get_mut(code) {
                        *place = encoding::glyph(name.as_str()).map(text);
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }
    table
}

fn base(font: &Dict<'_>, name: &str, declared: Option<&Object<'_>>) -> Base {
    let named = match declared {
        Some(Object::Name(name)) => Base::named(name),
        Some(Object::Dict(declared)) => declared
            .get::<Name<'_>>("BaseEncoding")
            .and_then(|name| Base::named(&name)),
        _ => None,
    };
    let is_truetype = || {
        font.get::<Name<'_>>("Subtype")
            .is_some_and(|kind| &*kind == b"TrueType")
    };
    named.unwrap_or_else(|| {
        if name.ends_with("Symbol") {
            Base::Symbol
        } else if is_truetype() {
            Base::Windows
        } else {
            Base::Standard
        }
    })
}

/// The text of a glyph.
pub(super) fn text(text: String) -> Text {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Text::One(character),
        _ => Text::Many(text.into_boxed_str()),
    }
}
