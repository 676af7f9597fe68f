//! Where in its lists a paragraph stands.

use crate::markdown::Marker;

/// The lists around the current paragraph, outermost first.
#[derive(Debug, Default)]
pub(super) struct Lists(Vec<List>);

#[derive(Debug)]
struct List {
    style: String,
    is_numbered: bool,
    count: usize,
    /// Whether the current item has no paragraph yet.
    is_fresh: bool,
}

impl Lists {
    /// A list begins; one without a style has that of the list around it. The answer is its style and its level, from 1.
    pub(super) fn begin(&mut self, style: Option<String>) -> (String, usize) {
        let inherited = || self.0.last().map(|list| list.style.clone());
        let style = style.or_else(inherited).unwrap_or_default();
        self.0.push(List {
            style: style.clone(),
            is_numbered: false,
            count: 0,
            is_fresh: false,
        });
        (style, self.0.len())
    }

    /// The list that began last is numbered.
    pub(super) fn number(&mut self, from: usize) {
        if let Some(list) = self.0.last_mut() {
            list.is_numbered = true;
            list.count = from;
        }
    }

    /// How many items the innermost list has had.
    pub(super) fn count(&self) -> usize {
        self.0.last().map_or(0, |list| list.count)
    }

    pub(super) fn item(&mut self) {
        if let Some(list) = self.0.last_mut() {
            list.count += 1;
            list.is_fresh = true;
        }
    }

    pub(super) fn end(&mut self) {
        self.0.pop();
    }

    /// The depth and the mark of the first paragraph of an item.
    pub(super) fn mark(&mut self) -> Option<(usize, Marker)> {
        let depth = self.0.len().checked_sub(1)?;
        let list = self.0.last_mut()?;
        if !std::mem::take(&mut list.is_fresh) {
            return None;
        }
        let marker = if list.is_numbered {
            Marker::Number(list.count)
        } else {
            Marker::Bullet
        };
        Some((depth, marker))
    }
}
