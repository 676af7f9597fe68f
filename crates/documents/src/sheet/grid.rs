//! The cells of one sheet, row by row, and no more of them than may be read.

use crate::job::Job;
use crate::note::Note;

/// A sheet that is being read. Empty rows, and the empty columns around the others, are left out.
#[derive(Debug)]
pub(crate) struct Grid {
    name: String,
    rows: Vec<Vec<(usize, String)>>,
    /// The number of the row that is being read, of those in the sheet.
    current: Option<usize>,
    most_rows: usize,
    /// How many characters there is room for.
    room: usize,
    is_cut: bool,
}

impl Grid {
    pub(crate) fn new(name: &str, job: &Job<'_>) -> Self {
        Self {
            name: name.to_owned(),
            rows: Vec::new(),
            current: None,
            most_rows: job.limits().rows,
            room: job.markdown.room(),
            is_cut: false,
        }
    }

    /// Takes a cell. Rows come in order, and so do the cells of each. False: no more is wanted.
    pub(crate) fn cell(&mut self, row: usize, column: usize, text: String) -> bool {
        if text.trim().is_empty() {
            return true;
        }
        if self.current != Some(row) {
            if self.rows.len() == self.most_rows || self.room == 0 {
                self.is_cut = true;
                return false;
            }
            self.current = Some(row);
            self.rows.push(Vec::new());
        }
        self.room = self.room.saturating_sub(text.chars().count() + 3);
        if let Some(cells) = self.rows.last_mut() {
            cells.push((column, text));
        }
        true
    }

    /// Writes the table; `total` is how many rows the sheet has, where somebody knows.
    pub(crate) fn finish(self, total: Option<usize>, job: &mut Job<'_>) {
        let cells = || self.rows.iter().flatten().map(|(column, _)| *column);
        let first = cells().min().unwrap_or_default();
        let width = cells().max().map_or(0, |last| last + 1 - first);
        let columns = width.min(job.limits().columns);
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|cells| {
                let mut row = vec![String::new(); columns];
                for (column, text) in cells {
                    if let Some(cell) = row.get_mut(column - first) {
                        cell.clone_from(text);
                    }
                }
                row
            })
            .collect();
        job.markdown.heading(2, &self.name);
        job.markdown.table(&rows);
        if self.is_cut {
            let read = rows.len();
            job.note(Note::Rows {
                sheet: self.name.clone(),
                read,
                total: total.filter(|&total| total > read),
            });
        }
        if width > columns {
            job.note(Note::Columns {
                sheet: self.name,
                read: columns,
                total: width,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn only_what_is_there_is_shown() {
        let limits = Limits {
            rows: 2,
            columns: 2,
            ..Limits::default()
        };
        let mut job = Job::new(&limits);
        let mut grid = Grid::new("排期", &job);
        assert!(grid.cell(0, 0, " ".to_owned()));
        assert!(grid.cell(4, 3, "a".to_owned()));
        assert!(grid.cell(4, 9, "b".to_owned()));
        assert!(grid.cell(7, 2, "c".to_owned()));
        assert!(!grid.cell(8, 2, "d".to_owned()));
        grid.finish(Some(5), &mut job);
        let (markdown, notes) = job.finish();
        assert_eq!(markdown, "## 排期\n\n|  | a |\n| --- | --- |\n| c |  |\n");
        let sheet = || "排期".to_owned();
        assert_eq!(
            notes,
            [
                Note::Rows {
                    sheet: sheet(),
                    read: 2,
                    total: Some(5)
                },
                Note::Columns {
                    sheet: sheet(),
                    read: 2,
                    total: 8
                },
            ]
        );
    }
}
