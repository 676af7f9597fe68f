//! Workbooks of Excel since 2007, cell by cell: a sheet is read only as far as it is shown.

use std::collections::HashMap;

use super::grid::Grid;
use super::shown::Shown;
use super::value;
use crate::archive::Package;
use crate::extract::Error;
use crate::job::Job;
use crate::note::Note;
use crate::xml::{self, Element, Event, Xml};

/// Reads a workbook. False: its parts are not where they usually are.
///
/// # Errors
/// When a part cannot be unpacked.
pub(super) fn read(package: &mut Package<'_>, job: &mut Job<'_>) -> Result<bool, Error> {
    let most = job.limits().unpacked;
    let Some(workbook) = package.part("xl/workbook.xml", most)? else {
        return Ok(false);
    };
    let relations = package
        .part("xl/_rels/workbook.xml.rels", most)?
        .unwrap_or_default();
    let mut book = Book::of(&xml::decode(&workbook), &targets(&xml::decode(&relations)));
    if let Some(styles) = package.part("xl/styles.xml", most)? {
        book.formats = formats(&xml::decode(&styles));
    }
    if let Some(strings) = package.part("xl/sharedStrings.xml", most)? {
        book.strings = strings_of(&xml::decode(&strings));
    }
    let sheets = std::mem::take(&mut book.sheets);
    for (name, path) in sheets {
        if job.is_over() {
            break;
        }
        match package.part(&path, most) {
            Ok(Some(content)) => sheet(&name, &xml::decode(&content), &book, job),
            Ok(None) | Err(Error::Damaged { .. }) => job.damaged(),
            Err(error) => return Err(error),
        }
    }
    if !book.hidden.is_empty() {
        job.note(Note::HiddenSheets { names: book.hidden });
    }
    Ok(true)
}

/// What must be known to read a sheet.
#[derive(Debug, Default)]
struct Book {
    /// Names and parts of the sheets that are shown.
    sheets: Vec<(String, String)>,
    hidden: Vec<String>,
    strings: Vec<String>,
    /// The formats of numbers, by the style of a cell.
    formats: Vec<Shown>,
    /// Whether days are counted from 1904, as old Macintoshes did.
    is_1904: bool,
}

impl Book {
    fn of(workbook: &str, targets: &HashMap<String, String>) -> Self {
        let mut book = Self::default();
        for event in Xml::new(workbook) {
            let Event::Start(element) = event else {
                continue;
            };
            match element.name() {
                "workbookPr" => {
                    let value = element.attribute("date1904");
                    book.is_1904 = matches!(value.as_deref(), Some("1" | "true"));
                }
                "sheet" => {
                    let name = element.attribute("name").unwrap_or_default();
                    let state = element.attribute("state");
                    // The attribute `r:id`; `sheetId` is another.
                    let target = element.attribute("id").and_then(|id| targets.get(&id));
                    match (state.as_deref(), target) {
                        (Some("hidden" | "veryHidden"), _) => book.hidden.push(name),
                        // Sheets that are a chart have no cells.
                        (_, Some(target)) if target.contains("worksheets/") => {
                            book.sheets.push((name, target.clone()));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        book
    }
}

/// The parts that a workbook names, by their identifiers.
fn targets(relations: &str) -> HashMap<String, String> {
    let mut targets = HashMap::new();
    for event in Xml::new(relations) {
        if let Event::Start(element) = event
            && let (Some(id), Some(target)) = (element.attribute("Id"), element.attribute("Target"))
        {
            let path = match target.strip_prefix('/') {
                Some(path) => path.to_owned(),
                None => format!("xl/{}", target.trim_start_matches("./")),
            };
            targets.insert(id, path);
        }
    }
    targets
}

fn formats(styles: &str) -> Vec<Shown> {
    let mut described: HashMap<u32, Shown> = HashMap::new();
    let mut formats = Vec::new();
    let mut is_of_cells = false;
    for event in Xml::new(styles) {
        match event {
            Event::Start(element) => {
                let id = || element.attribute("numFmtId").and_then(|id| id.parse().ok());
                match element.name() {
                    "numFmt" => {
                        let code = element.attribute("formatCode").unwrap_or_default();
                        described.extend(id().map(|id| (id, Shown::described(&code))));
                    }
                    "cellXfs" => is_of_cells = true,
                    "xf" if is_of_cells => {
                        let id = id().unwrap_or_default();
                        let known = described.get(&id).copied();
                        formats.push(known.unwrap_or_else(|| Shown::built_in(id)));
                    }
                    _ => {}
                }
            }
            Event::End(end) if end.name() == "cellXfs" => is_of_cells = false,
            Event::End(_) | Event::Text(_) => {}
        }
    }
    formats
}

/// The texts that cells refer to by number. How they are pronounced (`rPh`) is not part of them.
fn strings_of(part: &str) -> Vec<String> {
    let mut strings: Vec<String> = Vec::new();
    let (mut is_text, mut is_spoken) = (false, false);
    for event in Xml::new(part) {
        match event {
            Event::Start(element) => match element.name() {
                "si" => strings.push(String::new()),
                "t" => is_text = !is_spoken,
                "rPh" => is_spoken = true,
                _ => {}
            },
            Event::End(end) => match end.name() {
                "t" => is_text = false,
                "rPh" => is_spoken = false,
                _ => {}
            },
            Event::Text(text) => {
                if let Some(string) = strings.last_mut().filter(|_| is_text) {
                    string.push_str(&text);
                }
            }
        }
    }
    strings
}

fn sheet(name: &str, content: &str, book: &Book, job: &mut Job<'_>) {
    let mut grid = Grid::new(name, job);
    let mut total = None;
    let mut cell = Cell::default();
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut events = Xml::new(content);
    for event in events.by_ref() {
        match event {
            Event::Start(element) => match element.name() {
                "dimension" => total = element.attribute("ref").as_deref().and_then(height),
                "row" => {
                    let number = element.attribute("r").and_then(|row| row.parse().ok());
                    row = number.unwrap_or(row + 1);
                    column = 0;
                    if row.is_multiple_of(1_024) && job.is_over() {
                        break;
                    }
                }
                "c" => {
                    cell.begin(&element);
                    column = cell.column.unwrap_or(column);
                }
                "v" | "t" => cell.part = Part::Value,
                "f" => cell.part = Part::Formula,
                "rPh" => cell.part = Part::Nothing,
                _ => {}
            },
            Event::Text(text) => cell.push(&text),
            Event::End(end) => match end.name() {
                "c" => {
                    if !grid.cell(row, column, cell.text(book)) {
                        break;
                    }
                    column += 1;
                }
                "sheetData" => break,
                _ => cell.part = Part::Nothing,
            },
        }
    }
    if events.is_damaged() {
        job.damaged();
    }
    grid.finish(total, job);
}

/// The number of rows of an area such as `A1:D50004`.
fn height(area: &str) -> Option<usize> {
    let (first, last) = area.split_once(':')?;
    let row = |place: &str| {
        let digits = place.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        digits.parse::<usize>().ok()
    };
    Some(row(last)?.saturating_sub(row(first)?) + 1)
}

/// The cell that is being read.
#[derive(Debug, Default)]
struct Cell {
    /// Its column, from 0, where it says so.
    column: Option<usize>,
    kind: Kind,
    style: usize,
    part: Part,
    value: String,
    formula: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Part {
    #[default]
    Nothing,
    Value,
    Formula,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Kind {
    #[default]
    Number,
    /// The number of a shared text.
    Shared,
    Text,
    Boolean,
}

impl Cell {
    fn begin(&mut self, element: &Element<'_>) {
        self.column = None;
        self.kind = Kind::Number;
        self.style = 0;
        self.part = Part::Nothing;
        self.value.clear();
        self.formula.clear();
        for (name, value) in element.attributes() {
            match name {
                "r" => self.column = column(&value),
                "s" => self.style = value.parse().unwrap_or_default(),
                "t" => {
                    self.kind = match &*value {
                        "s" => Kind::Shared,
                        "n" => Kind::Number,
                        "b" => Kind::Boolean,
                        _ => Kind::Text,
                    }
                }
                _ => {}
            }
        }
    }

    fn push(&mut self, text: &str) {
        match self.part {
            Part::Nothing => {}
            Part::Value => self.value.push_str(text),
            Part::Formula => self.formula.push_str(text),
        }
    }

    fn text(&self, book: &Book) -> String {
        if self.value.is_empty() {
            // Programs that make workbooks do not calculate: the formula is all there is.
            return if self.formula.is_empty() {
                String::new()
            } else {
                format!("={}", self.formula)
            };
        }
        match self.kind {
            Kind::Text => self.value.clone(),
            Kind::Boolean => value::boolean(self.value != "0").to_owned(),
            Kind::Shared => {
                let string = self
                    .value
                    .parse()
                    .ok()
                    .and_then(|index: usize| book.strings.get(index));
                string.cloned().unwrap_or_default()
            }
            Kind::Number => match self.value.parse() {
                Ok(number) => {
                    let format = book.formats.get(self.style).copied();
                    format.unwrap_or(Shown::Number).text(number, book.is_1904)
                }
                Err(_) => self.value.clone(),
            },
        }
    }
}

/// The column of a place such as `AB12`, from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take(3).take_while(u8::is_ascii_alphabetic);
    let number = letters.fold(0, |number, letter| {
        number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        for (place, expected) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("AB12", Some(27)),
            ("1", None),
        ] {
            assert_eq!(column(place), expected, "{place}");
        }
        assert_eq!(height("B2:D50004"), Some(50_003));
        assert_eq!(height("A1"), None);
    }
}
