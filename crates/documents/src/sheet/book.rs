//! A workbook: the usual ones by our own readers, which know how the author shows a number, the others by calamine.

use std::io::{Cursor, Read, Seek};
use std::panic::catch_unwind;

use calamine::{Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb, Xlsx};

use super::grid::Grid;
use super::{value, xlsx};
use crate::archive;
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::note::Note;
use crate::{office, opendocument};

/// Reads a workbook.
///
/// # Errors
/// When it cannot be opened, or may not.
pub(crate) fn read(bytes: &[u8], format: Format, job: &mut Job<'_>) -> Result<(), Error> {
    match format {
        Format::Ods => return opendocument::read(bytes, format, job),
        Format::Xls => return old(bytes, job),
        _ => {
            let mut package = archive::open(bytes, format, job)?;
            pictures(&mut package, job);
            if format == Format::Xlsb {
                let book =
                    Xlsb::new(Cursor::new(bytes)).map_err(|_error| Error::Damaged { format })?;
                whole(book, job);
            } else if !xlsx::read(&mut package, job)? {
                let book =
                    Xlsx::new(Cursor::new(bytes)).map_err(|_error| Error::Damaged { format })?;
                whole(book, job);
            }
        }
    }
    Ok(())
}

/// Reads a workbook of before 2007. calamine panics on some damaged ones; undoc, which shows hidden sheets, too, is asked
/// then.
fn old(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    match catch_unwind(|| Xls::new(Cursor::new(bytes))) {
        Ok(Ok(book)) => {
            whole(book, job);
            Ok(())
        }
        Ok(Err(XlsError::Password)) => Err(Error::Encrypted),
        Ok(Err(_)) | Err(_) => office::read(bytes, Format::Xls, job),
    }
}

/// Reads formats that can only be read sheet by sheet.
fn whole<R: Reader<T>, T: Read + Seek>(mut book: R, job: &mut Job<'_>) {
    for name in visible(book.sheets_metadata().to_vec(), job) {
        if job.is_over() {
            break;
        }
        let Ok(range) = book.worksheet_range(&name) else {
            job.damaged();
            continue;
        };
        let mut grid = Grid::new(&name, job);
        for (row, column, cell) in range.used_cells() {
            if !grid.cell(row, column, value::text(cell)) {
                break;
            }
        }
        grid.finish(Some(range.height()), job);
    }
}

/// The names of the sheets that the author shows.
fn visible(sheets: Vec<Sheet>, job: &mut Job<'_>) -> Vec<String> {
    let (shown, hidden): (Vec<Sheet>, Vec<Sheet>) = sheets
        .into_iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .partition(|sheet| sheet.visible == SheetVisible::Visible);
    if !hidden.is_empty() {
        job.note(Note::HiddenSheets {
            names: hidden.into_iter().map(|sheet| sheet.name).collect(),
        });
    }
    shown.into_iter().map(|sheet| sheet.name).collect()
}

/// Pictures lie in a folder of their own.
fn pictures(package: &mut archive::Package<'_>, job: &mut Job<'_>) {
    for index in 0..package.len() {
        let entry = package.entry(index);
        let name = entry
            .as_ref()
            .and_then(|entry| entry.name.strip_prefix("xl/media/"));
        if name.is_some() {
            job.image(name);
        }
    }
}
