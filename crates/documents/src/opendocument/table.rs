//! Tables: in texts they are small and written whole, in workbooks they are sheets of any size.

use crate::job::Job;
use crate::sheet::Grid;

/// A table that is being read.
#[derive(Debug)]
pub(super) enum Table {
    /// In a text.
    Small(Small),
    /// A sheet.
    Sheet(Sheet),
    /// A sheet that the author hides.
    Hidden,
}

/// A table in a text.
#[derive(Debug, Default)]
pub(super) struct Small {
    pub(super) rows: Vec<Vec<String>>,
    repeat: usize,
}

/// A sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    grid: Grid,
    row: usize,
    column: usize,
    /// How many rows the current one stands for.
    rows: usize,
    /// How many cells the current one stands for.
    columns: usize,
    wants_more: bool,
}

/// No cell or row is repeated more often than this. Formats of empty sheets repeat millions of times.
const REPEAT: usize = 1_000;

impl Table {
    pub(super) fn sheet(name: &str, job: &Job<'_>) -> Self {
        Self::Sheet(Sheet {
            grid: Grid::new(name, job),
            row: 0,
            column: 0,
            rows: 1,
            columns: 1,
            wants_more: true,
        })
    }

    pub(super) fn begin_row(&mut self, repeat: usize) {
        match self {
            Self::Small(table) => {
                if table.rows.len() < 10_000 {
                    table.rows.push(Vec::new());
                }
            }
            Self::Sheet(sheet) => {
                sheet.rows = repeat.max(1);
                sheet.column = 0;
            }
            Self::Hidden => {}
        }
    }

    pub(super) fn end_row(&mut self) {
        if let Self::Sheet(sheet) = self {
            sheet.row += sheet.rows;
        }
    }

    pub(super) fn begin_cell(&mut self, repeat: usize) {
        match self {
            Self::Small(table) => table.repeat = repeat.clamp(1, 64),
            Self::Sheet(sheet) => sheet.columns = repeat.max(1),
            Self::Hidden => {}
        }
    }

    pub(super) fn end_cell(&mut self, text: &str) {
        match self {
            Self::Small(table) => {
                if let Some(row) = table.rows.last_mut() {
                    row.extend(vec![text.to_owned(); table.repeat]);
                }
            }
            Self::Sheet(sheet) => {
                if !text.is_empty() && sheet.wants_more {
                    // A row that is repeated is read once: its copies say nothing new.
                    for column in 0..sheet.columns.min(REPEAT) {
                        let column = sheet.column + column;
                        sheet.wants_more &= sheet.grid.cell(sheet.row, column, text.to_owned());
                    }
                }
                sheet.column += sheet.columns;
            }
            Self::Hidden => {}
        }
    }

    pub(super) fn finish(self, job: &mut Job<'_>) {
        match self {
            Self::Small(table) => job.markdown.table(&table.rows),
            Self::Sheet(sheet) => sheet.grid.finish(Some(sheet.row), job),
            Self::Hidden => {}
        }
    }
}
