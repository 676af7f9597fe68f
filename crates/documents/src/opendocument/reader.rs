//! From the events of the content to markdown.

use super::list::Lists;
use super::styles::Styles;
use super::table::{Small, Table};
use crate::format::Format;
use crate::job::Job;
use crate::markdown;
use crate::note::Note;
use crate::xml::{Element, Event};

/// How deep paragraphs (of notes, of text boxes) and tables may lie in each other.
const DEPTH: usize = 64;

/// Reads the content.
pub(super) struct Reader<'a, 'b, 'c> {
    styles: &'a Styles,
    format: Format,
    job: &'b mut Job<'c>,
    /// The paragraphs that are open: a note or a text box stands within another.
    paragraphs: Vec<Paragraph>,
    lists: Lists,
    tables: Vec<(Table, String)>,
    /// How many items the numbered list that ended last had, by its style: lists may be continued.
    ended: Option<(String, usize)>,
    /// How many elements are open since the one that is left out.
    skipped: usize,
    notes: usize,
    footnotes: Vec<String>,
    hidden: Vec<String>,
    pages: usize,
    /// Whether the text belongs to the notes of a slide.
    is_speaker: bool,
    /// The role of the frame on a slide.
    is_title: bool,
}

#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    kind: Kind,
    link: Option<(String, usize)>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Kind {
    #[default]
    Plain,
    Heading(usize),
    Note,
}

impl<'a, 'b, 'c> Reader<'a, 'b, 'c> {
    pub(super) fn new(styles: &'a Styles, format: Format, job: &'b mut Job<'c>) -> Self {
        Self {
            styles,
            format,
            job,
            paragraphs: Vec::new(),
            lists: Lists::default(),
            tables: Vec::new(),
            ended: None,
            skipped: 0,
            notes: 0,
            footnotes: Vec::new(),
            hidden: Vec::new(),
            pages: 0,
            is_speaker: false,
            is_title: false,
        }
    }

    pub(super) fn is_over(&mut self) -> bool {
        self.job.is_over()
    }

    pub(super) fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(_) if self.skipped > 0 => self.skipped += 1,
            Event::End(_) if self.skipped > 0 => self.skipped -= 1,
            Event::Text(_) if self.skipped > 0 => {}
            Event::Start(element) => self.start(&element),
            Event::End(end) => self.end(end.name()),
            Event::Text(text) => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.text.push_str(&text);
                }
            }
        }
    }

    pub(super) fn finish(mut self) {
        while let Some(paragraph) = self.paragraphs.pop() {
            self.write(paragraph);
        }
        while let Some((table, _)) = self.tables.pop() {
            table.finish(self.job);
        }
        for (number, note) in (1..).zip(&self.footnotes) {
            self.job.markdown.paragraph(&format!("[^{number}]: {note}"));
        }
        if !self.hidden.is_empty() {
            let names = self.hidden;
            self.job.note(Note::HiddenSheets { names });
        }
    }

    fn start(&mut self, element: &Element<'_>) {
        let number = |name: &str| element.attribute(name).and_then(|value| value.parse().ok());
        match element.name() {
            // What is not part of the text as a reader sees it.
            "automatic-styles" | "font-face-decls" | "scripts" | "tracked-changes"
            | "annotation" | "note-citation" | "forms" | "settings" | "shapes" | "title"
            | "desc" | "sequence-decls" | "event-listeners" | "page-thumbnail" | "object-ole" => {
                self.skipped = 1;
            }
            "p" => self.paragraph(element, Kind::Plain),
            "h" => {
                let level = number("outline-level").unwrap_or(1);
                self.paragraph(element, Kind::Heading(level));
            }
            "s" => self.push(&" ".repeat(number("c").unwrap_or(1).min(80))),
            "tab" => self.push("\t"),
            "line-break" => self.push("\n"),
            "a" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    let address = element.attribute("href").unwrap_or_default();
                    paragraph.link = Some((address, paragraph.text.len()));
                }
            }
            "note" => {
                self.notes += 1;
                let mark = format!("[^{}]", self.notes);
                self.push(&mark);
            }
            "note-body" => self.open(Kind::Note),
            "image" => {
                let name = element.attribute("href").unwrap_or_default();
                let name = name.trim_start_matches("Pictures/");
                // How a table looks, for programs that cannot draw tables.
                if !name.starts_with("TablePreview") {
                    self.job.image(Some(name));
                }
            }
            "list" => self.list(element),
            "list-item" | "list-header" => self.lists.item(),
            "page" => self.page(),
            "notes" => self.is_speaker = true,
            "frame" => {
                self.is_title = element.attribute("class").as_deref() == Some("title");
                // The number and the picture of the slide on its notes.
                if matches!(
                    element.attribute("class").as_deref(),
                    Some("page-number" | "page")
                ) {
                    self.skipped = 1;
                }
            }
            "table" => self.table(element),
            "table-row" => {
                let repeat = number("number-rows-repeated").unwrap_or(1);
                if let Some((table, _)) = self.tables.last_mut() {
                    table.begin_row(repeat);
                }
            }
            "table-cell" | "covered-table-cell" => {
                let repeat = number("number-columns-repeated").unwrap_or(1);
                if let Some((table, text)) = self.tables.last_mut() {
                    table.begin_cell(repeat);
                    text.clear();
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" | "h" | "note-body" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.write(paragraph);
                }
            }
            "a" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.close_link();
                }
            }
            "list" => {
                let count = self.lists.count();
                if let Some(ended) = self.ended.as_mut() {
                    ended.1 = count;
                }
                self.lists.end();
            }
            "notes" => self.is_speaker = false,
            "frame" => self.is_title = false,
            "table" => {
                if let Some((table, _)) = self.tables.pop() {
                    self.close_table(table);
                }
            }
            "table-row" => {
                if let Some((table, _)) = self.tables.last_mut() {
                    table.end_row();
                }
            }
            "table-cell" | "covered-table-cell" => {
                if let Some((table, text)) = self.tables.last_mut() {
                    table.end_cell(text.trim());
                }
            }
            _ => {}
        }
    }

    fn paragraph(&mut self, element: &Element<'_>, kind: Kind) {
        let style = element.attribute("style-name").unwrap_or_default();
        let is_title = self.styles.is_title(&style) || (self.is_title && !self.is_speaker);
        let kind = if is_title && self.tables.is_empty() {
            Kind::Heading(1)
        } else {
            kind
        };
        self.open(kind);
    }

    fn open(&mut self, kind: Kind) {
        if self.paragraphs.len() == DEPTH {
            self.skipped = 1;
            return;
        }
        self.paragraphs.push(Paragraph {
            kind,
            ..Paragraph::default()
        });
    }

    fn push(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn list(&mut self, element: &Element<'_>) {
        let (style, level) = self.lists.begin(element.attribute("style-name"));
        if self.styles.is_numbered(&style, level) {
            let continued = element.attribute("continue-numbering").as_deref() == Some("true")
                || element.attribute("continue-list").is_some();
            let from = match &self.ended {
                Some((ended, count)) if continued && *ended == style => *count,
                _ => 0,
            };
            self.lists.number(from);
            if level == 1 {
                self.ended = Some((style, from));
            }
        }
    }

    fn page(&mut self) {
        self.pages += 1;
        // As undoc writes it for the other formats.
        let mark = format!("Slide {}", self.pages);
        self.job.markdown.heading(2, &mark);
    }

    fn table(&mut self, element: &Element<'_>) {
        if self.tables.len() == DEPTH {
            self.skipped = 1;
            return;
        }
        let table = if self.format != Format::Ods {
            Table::Small(Small::default())
        } else if self.tables.is_empty() {
            let name = element.attribute("name").unwrap_or_default();
            let style = element.attribute("style-name").unwrap_or_default();
            if self.styles.is_hidden(&style) {
                self.hidden.push(name);
                Table::Hidden
            } else {
                Table::sheet(&name, self.job)
            }
        } else {
            Table::Hidden
        };
        self.tables.push((table, String::new()));
    }

    /// A table in a cell of another becomes text of that cell.
    fn close_table(&mut self, table: Table) {
        match (table, self.tables.last_mut()) {
            (Table::Small(inner), Some((_, text))) => {
                for row in inner.rows {
                    append(text, &row.join(" "));
                }
            }
            (table, _) => table.finish(self.job),
        }
    }

    fn write(&mut self, mut paragraph: Paragraph) {
        paragraph.close_link();
        let text = paragraph.text;
        if paragraph.kind == Kind::Note {
            self.footnotes.push(markdown::one_line(&text));
            return;
        }
        // A paragraph of a note belongs to the note, one of a text box to what is around it.
        let around = self.paragraphs.iter_mut().rev();
        if let Some(note) = around.into_iter().find(|around| around.kind == Kind::Note) {
            append(&mut note.text, &text);
            return;
        }
        if let Some((_, cell)) = self.tables.last_mut() {
            append(cell, &text);
            return;
        }
        let output = &mut self.job.markdown;
        match (paragraph.kind, self.lists.mark()) {
            (Kind::Heading(level), _) => output.heading(level, &text),
            (_, Some((depth, marker))) => output.item(depth, marker, &text),
            _ if self.is_speaker => quote(&text, output),
            _ => output.paragraph(&text),
        }
    }
}

impl Paragraph {
    fn close_link(&mut self) {
        let Some((address, at)) = self.link.take() else {
            return;
        };
        let linked = self
            .text
            .get(at..)
            .map(|text| markdown::link(text, &address));
        if let Some(linked) = linked.filter(|_| !address.starts_with('#')) {
            self.text.truncate(at);
            self.text.push_str(&linked);
        }
    }
}

/// Notes of the speaker, as undoc writes them for the other formats.
fn quote(text: &str, output: &mut markdown::Markdown) {
    if !text.trim().is_empty() {
        output.paragraph(&format!("> {}", text.trim().replace('\n', "\n> ")));
    }
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}
