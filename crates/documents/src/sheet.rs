//! Workbooks: every sheet that can be seen, under its name, as a table.

mod book;
mod grid;
mod shown;
mod value;
mod xlsx;

pub(crate) use self::book::read;
pub(crate) use self::grid::Grid;
