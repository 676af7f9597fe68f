//! What must be known of the styles: which lists are numbered, which paragraphs are titles, which sheets are hidden.

use std::collections::{HashMap, HashSet};

use crate::xml::{Event, Xml};

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles {
    /// Levels of lists that are numbered: name of the style and level, from 1.
    numbered: HashSet<(String, usize)>,
    /// On which style a paragraph's style is based.
    bases: HashMap<String, String>,
    hidden: HashSet<String>,
}

impl Styles {
    /// Adds those of a part.
    pub(super) fn add(&mut self, events: Xml<'_>) {
        let mut current = String::new();
        for event in events {
            let Event::Start(element) = event else {
                continue;
            };
            match element.name() {
                // What follows is the text.
                "body" => break,
                "style" | "list-style" => {
                    current = element.attribute("name").unwrap_or_default();
                    if let Some(base) = element.attribute("parent-style-name") {
                        self.bases.insert(current.clone(), base);
                    }
                }
                "list-level-style-number" => {
                    let level = element
                        .attribute("level")
                        .and_then(|level| level.parse().ok());
                    // A numbering without a format shows no numbers.
                    if element
                        .attribute("num-format")
                        .is_some_and(|format| !format.is_empty())
                    {
                        self.numbered.insert((current.clone(), level.unwrap_or(1)));
                    }
                }
                "table-properties" if element.attribute("display").as_deref() == Some("false") => {
                    self.hidden.insert(current.clone());
                }
                _ => {}
            }
        }
    }

    pub(super) fn is_numbered(&self, list: &str, level: usize) -> bool {
        self.numbered.contains(&(list.to_owned(), level))
    }

    pub(super) fn is_hidden(&self, table: &str) -> bool {
        self.hidden.contains(table)
    }

    /// Whether a paragraph is the title of the document.
    pub(super) fn is_title(&self, paragraph: &str) -> bool {
        paragraph == "Title"
            || self
                .bases
                .get(paragraph)
                .is_some_and(|base| base == "Title")
    }
}
