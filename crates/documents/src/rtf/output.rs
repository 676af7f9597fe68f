//! Paragraphs, lists and tables of rich text, as they come.

use crate::job::Job;
use crate::markdown::{Markdown, Marker};

/// What stands in the current paragraph, and around it.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) text: String,
    /// The mark of the list, as it is shown: `1.`, `•`.
    pub(super) marker: String,
    /// The level of the heading, from 1.
    pub(super) heading: Option<usize>,
    pub(super) is_in_table: bool,
    cells: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Output {
    /// The paragraph is over.
    pub(super) fn paragraph(&mut self, job: &mut Job<'_>) {
        if self.is_in_table {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            return;
        }
        self.table(job);
        let text = std::mem::take(&mut self.text);
        let marker = std::mem::take(&mut self.marker);
        let markdown = &mut job.markdown;
        match self.heading {
            Some(level) => markdown.heading(level, &format!("{} {text}", marker.trim())),
            None if marker.trim().is_empty() => markdown.paragraph(&text),
            None => item(marker.trim(), &text, markdown),
        }
    }

    pub(super) fn cell(&mut self) {
        let text = std::mem::take(&mut self.text);
        let marker = std::mem::take(&mut self.marker);
        let text = format!("{} {}", marker.trim(), text.trim());
        self.cells.push(text.trim().to_owned());
    }

    pub(super) fn row(&mut self) {
        self.text.clear();
        let cells = std::mem::take(&mut self.cells);
        if !cells.is_empty() {
            self.rows.push(cells);
        }
    }

    /// The table is over, if there was one.
    pub(super) fn table(&mut self, job: &mut Job<'_>) {
        self.row_rest();
        let rows = std::mem::take(&mut self.rows);
        job.markdown.table(&rows);
    }

    /// Cells without the end of their row.
    fn row_rest(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        if !cells.is_empty() {
            self.rows.push(cells);
        }
    }
}

fn item(marker: &str, text: &str, markdown: &mut Markdown) {
    let digits = marker.trim_matches(|character: char| !character.is_ascii_digit());
    match digits.parse() {
        Ok(number) if marker.len() <= digits.len() + 2 => {
            markdown.item(0, Marker::Number(number), text);
        }
        // `第一条` or `1.2.3` say more than a number.
        _ if marker.chars().any(char::is_alphanumeric) => {
            markdown.paragraph(&format!("{marker} {text}"));
        }
        _ => markdown.item(0, Marker::Bullet, text),
    }
}
