//! OFD, the Chinese government's format for fixed pages (GB/T 33190): a zip archive of XML.

mod page;

use self::page::Drawing;
use crate::archive::{self, Package};
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::layout::{self, Page};
use crate::note::Note;
use crate::xml::{self, Event, Xml};

/// Reads a document.
///
/// # Errors
/// When it cannot be opened, or its main part is missing.
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let format = Format::Ofd;
    let mut package = archive::open(bytes, format, job)?;
    let root = part(&mut package, "OFD.xml", job)?;
    let roots = texts(&root, "DocRoot");
    if roots.is_empty() {
        return Err(Error::Damaged { format });
    }
    let mut pages = Vec::new();
    let mut total = 0;
    for root in roots {
        let path = resolve("", &root);
        let document = Document::of(&part(&mut package, &path, job)?, &path);
        total += document.pages.len();
        read_pages(&document, &mut package, &mut pages, job);
    }
    let body = layout::body_size(&pages);
    for (number, page) in (1..).zip(&pages) {
        job.markdown.paragraph(&format!("<!-- page {number} -->"));
        layout::write(page, body, &mut job.markdown);
    }
    if pages.len() < total {
        job.note(Note::Pages {
            read: pages.len(),
            total,
        });
    }
    Ok(())
}

fn read_pages(
    document: &Document,
    package: &mut Package<'_>,
    pages: &mut Vec<Page>,
    job: &mut Job<'_>,
) {
    let mut characters = pages.iter().map(Page::characters).sum::<usize>();
    for path in &document.pages {
        let is_enough = pages.len() == job.limits().pages || characters > job.markdown.room();
        if is_enough || job.is_over() {
            return;
        }
        let Ok(content) = part(package, path, job) else {
            job.damaged();
            pages.push(Page::new(Vec::new(), Vec::new()));
            continue;
        };
        let mut drawing = Drawing::default();
        // The form of an invoice is in a template, its values on the page.
        for id in page::templates(&content) {
            let template = document
                .templates
                .iter()
                .find(|(template, _)| *template == id);
            if let Some((_, path)) = template
                && let Ok(content) = part(package, path, job)
            {
                drawing.add(&content);
            }
        }
        drawing.add(&content);
        for _ in 0..drawing.images {
            job.image(None);
        }
        let page = Page::new(drawing.glyphs, Vec::new());
        characters += page.characters();
        pages.push(page);
    }
}

/// What the main part says: where the pages are, and the templates by their numbers.
struct Document {
    pages: Vec<String>,
    templates: Vec<(String, String)>,
}

impl Document {
    fn of(content: &str, path: &str) -> Self {
        let mut document = Self {
            pages: Vec::new(),
            templates: Vec::new(),
        };
        for event in Xml::new(content) {
            let Event::Start(element) = event else {
                continue;
            };
            let Some(place) = element.attribute("BaseLoc") else {
                continue;
            };
            let place = resolve(path, &place);
            match element.name() {
                "Page" => document.pages.push(place),
                "TemplatePage" => {
                    let id = element.attribute("ID").unwrap_or_default();
                    document.templates.push((id, place));
                }
                _ => {}
            }
        }
        document
    }
}

fn part(package: &mut Package<'_>, path: &str, job: &Job<'_>) -> Result<String, Error> {
    let content = package.part(path, job.limits().unpacked)?;
    let content = content.ok_or(Error::Damaged {
        format: Format::Ofd,
    })?;
    Ok(xml::decode(&content).into_owned())
}

/// A place, which is relative to the folder of the part that names it unless it begins with a slash.
fn resolve(from: &str, place: &str) -> String {
    let place = place.trim().replace('\\', "/");
    match (place.strip_prefix('/'), from.rsplit_once('/')) {
        (Some(place), _) => place.to_owned(),
        (None, Some((folder, _))) => format!("{folder}/{place}"),
        (None, None) => place,
    }
}

/// The texts of the elements of a name.
fn texts(content: &str, name: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut is_inside = false;
    for event in Xml::new(content) {
        match event {
            Event::Start(element) if element.name() == name => {
                is_inside = true;
                texts.push(String::new());
            }
            Event::End(end) if end.name() == name => is_inside = false,
            Event::Text(text) if is_inside => {
                if let Some(last) = texts.last_mut() {
                    last.push_str(&text);
                }
            }
            _ => {}
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_relative_to_their_part() {
        assert_eq!(
            resolve("Doc_0/Document.xml", "Pages/a.xml"),
            "Doc_0/Pages/a.xml"
        );
        assert_eq!(resolve("Doc_0/Document.xml", "/Pages/a.xml"), "Pages/a.xml");
        assert_eq!(resolve("", "Doc_0\\Document.xml"), "Doc_0/Document.xml");
    }
}
