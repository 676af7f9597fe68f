//! Lists that come from a style. undoc knows only those that the paragraph itself declares, and programs that build
//! documents (python-docx among them) write nothing but the style.

use std::collections::HashMap;

use undoc::{Block, Document, ListInfo, ListType};

use crate::archive::Package;
use crate::xml::{Event, Xml};

/// A part larger than this is not looked at.
const MOST: u64 = 16 * 1024 * 1024;
/// How many styles may be based on each other.
const DEPTH: usize = 16;

/// Gives every paragraph whose style is a list its place in it.
pub(super) fn complete(document: &mut Document, package: &mut Package<'_>) {
    let styles = part(package, "word/styles.xml").map(|xml| Styles::of(&xml));
    let Some(styles) = styles.filter(|styles| !styles.0.is_empty()) else {
        return;
    };
    let kinds = part(package, "word/numbering.xml")
        .map(|xml| kinds(&xml))
        .unwrap_or_default();
    let mut counters: HashMap<String, usize> = HashMap::new();
    for block in document
        .sections
        .iter_mut()
        .flat_map(|section| &mut section.content)
    {
        let Block::Paragraph(paragraph) = block else {
            continue;
        };
        if paragraph.list_info.is_some() || paragraph.heading.is_heading() {
            continue;
        }
        let style = paragraph.style_id.as_deref().and_then(|id| styles.list(id));
        let Some((list, level)) = style else {
            continue;
        };
        let is_bullet = kinds
            .get(&(list.clone(), level))
            .is_none_or(|kind| kind == "bullet");
        let number = (!is_bullet).then(|| {
            let counter = counters.entry(list.clone()).or_default();
            *counter += 1;
            u32::try_from(*counter).unwrap_or(u32::MAX)
        });
        paragraph.list_info = Some(ListInfo {
            list_type: if is_bullet {
                ListType::Bullet
            } else {
                ListType::Numbered
            },
            level,
            number,
            marker_image: None,
        });
    }
}

fn part(package: &mut Package<'_>, name: &str) -> Option<String> {
    let content = package.part(name, MOST).ok()??;
    Some(String::from_utf8_lossy(&content).into_owned())
}

/// What is known of a style: on which it is based, and which list it belongs to.
#[derive(Debug, Default)]
struct Style {
    base: Option<String>,
    list: Option<String>,
    level: Option<u8>,
}

struct Styles(HashMap<String, Style>);

impl Styles {
    fn of(xml: &str) -> Self {
        let mut styles: HashMap<String, Style> = HashMap::new();
        let mut current = String::new();
        for event in Xml::new(xml) {
            let Event::Start(element) = event else {
                continue;
            };
            let value = element.attribute("val");
            if element.name() == "style" {
                current = element.attribute("styleId").unwrap_or_default();
                styles.insert(current.clone(), Style::default());
            } else if let Some(style) = styles.get_mut(&current) {
                match element.name() {
                    "basedOn" => style.base = value,
                    "numId" => style.list = value,
                    "ilvl" => style.level = value.and_then(|level| level.parse().ok()),
                    _ => {}
                }
            }
        }
        Self(styles)
    }

    /// The list and the level of a style, its own or inherited.
    fn list(&self, id: &str) -> Option<(String, u8)> {
        let mut style = self.0.get(id)?;
        let mut level = None;
        for _ in 0..DEPTH {
            level = level.or(style.level);
            if let Some(list) = &style.list {
                // The list 0 takes a style out of the list of its base.
                return (list != "0").then(|| (list.clone(), level.unwrap_or_default()));
            }
            style = self.0.get(style.base.as_ref()?)?;
        }
        None
    }
}

/// The kind of every level of every list: `bullet`, `decimal`, `chineseCounting` …
fn kinds(xml: &str) -> HashMap<(String, u8), String> {
    let mut abstracts: HashMap<(String, u8), String> = HashMap::new();
    let mut lists: HashMap<String, String> = HashMap::new();
    let (mut of, mut list, mut level) = (String::new(), String::new(), 0);
    for event in Xml::new(xml) {
        let Event::Start(element) = event else {
            continue;
        };
        let value = element.attribute("val").unwrap_or_default();
        match element.name() {
            "abstractNum" => of = element.attribute("abstractNumId").unwrap_or_default(),
            "num" => list = element.attribute("numId").unwrap_or_default(),
            "lvl" => {
                let index = element.attribute("ilvl");
                level = index
                    .and_then(|index| index.parse().ok())
                    .unwrap_or_default();
            }
            "numFmt" => {
                abstracts.insert((of.clone(), level), value);
            }
            "abstractNumId" => {
                lists.insert(list.clone(), value);
            }
            _ => {}
        }
    }
    let mut kinds = HashMap::new();
    for (list, of) in lists {
        for level in 0..9 {
            if let Some(kind) = abstracts.get(&(of.clone(), level)) {
                kinds.insert((list.clone(), level), kind.clone());
            }
        }
    }
    kinds
}
