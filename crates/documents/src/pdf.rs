//! PDF: the objects by hayro-syntax, everything about text by us, because no library for it reads the Chinese encodings
//! of fonts that are not embedded and can be stopped after a number of pages. markitdown-core, which can do the former,
//! is asked where too much stays unreadable.

mod annotations;
mod composite;
mod encoding;
mod font;
mod interpreter;
mod matrix;
mod simple;
mod widths;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use markitdown_core::{Options, StreamInfo};

use self::font::Fonts;
use self::interpreter::Found;
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::layout::{self, Page};
use crate::note::Note;

/// How many pages without text are named.
const NAMED: usize = 100;
/// How many pages are laid out together: headings are found by comparing sizes.
const BATCH: usize = 20;

/// Reads a document.
///
/// # Errors
/// When it cannot be opened, or needs a password.
pub(crate) fn read(bytes: &[u8], job: &mut Job<'_>) -> Result<(), Error> {
    let format = Format::Pdf;
    // The library keeps the bytes for itself.
    let pdf = match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
            return Err(Error::Encrypted);
        }
        Err(_) => return Err(Error::Damaged { format }),
    };
    let pages = pdf.pages();
    let total = pages.len();
    if total == 0 {
        return Err(Error::Damaged { format });
    }
    let mut reading = Reading::default();
    let mut fonts = Fonts::default();
    for (index, page) in pages.iter().enumerate().take(job.limits().pages) {
        if job.is_over() || reading.waiting > job.markdown.room() {
            break;
        }
        let found = interpreter::read(page, &mut fonts);
        reading.take(index + 1, found, job);
    }
    reading.write(job);
    if reading.is_unreadable() && total <= job.limits().pages && again(bytes, job) {
        return Ok(());
    }
    reading.finish(total, job);
    Ok(())
}

/// What has been read of a document.
#[derive(Default)]
struct Reading {
    read: usize,
    /// Pages that are not written yet, with their numbers.
    batch: Vec<(usize, Page)>,
    /// How many characters these have.
    waiting: usize,
    glyphs: usize,
    unknown: usize,
    empty: Vec<usize>,
    empty_count: usize,
    images: usize,
}

impl Reading {
    fn take(&mut self, number: usize, found: Found, job: &mut Job<'_>) {
        self.read = number;
        self.glyphs += found.glyphs.len() + found.unknown;
        self.unknown += found.unknown;
        self.images += found.images;
        if found.glyphs.is_empty() && found.images > 0 {
            self.empty_count += 1;
            if self.empty.len() < NAMED {
                self.empty.push(number);
            }
        }
        let page = Page::new(found.glyphs, found.links);
        self.waiting += page.characters();
        self.batch.push((number, page));
        if self.batch.len() == BATCH {
            self.write(job);
        }
    }

    fn write(&mut self, job: &mut Job<'_>) {
        let (numbers, pages): (Vec<usize>, Vec<Page>) = self.batch.drain(..).unzip();
        let body = layout::body_size(&pages);
        for (number, page) in numbers.into_iter().zip(&pages) {
            job.markdown.paragraph(&format!("<!-- page {number} -->"));
            layout::write(page, body, &mut job.markdown);
        }
        self.waiting = 0;
    }

    /// Whether so little can be read that another reader may do better.
    fn is_unreadable(&self) -> bool {
        self.unknown * 10 > self.glyphs
    }

    fn finish(self, total: usize, job: &mut Job<'_>) {
        for _ in 0..self.images {
            job.image(None);
        }
        job.unreadable(self.unknown);
        if self.empty_count > 0 {
            job.note(Note::PagesWithoutText {
                pages: self.empty,
                count: self.empty_count,
            });
        }
        if self.read < total {
            job.note(Note::Pages {
                read: self.read,
                total,
            });
        }
    }
}

/// Asks the other reader. True: it has read more than we have.
fn again(bytes: &[u8], job: &mut Job<'_>) -> bool {
    let info = StreamInfo {
        extension: Some(".pdf".to_owned()),
        ..StreamInfo::default()
    };
    let Ok(text) = markitdown_core::convert(bytes, &info, &Options::default()) else {
        return false;
    };
    // It writes `(cid:12)` for what it cannot read either.
    let unknown = text.matches("(cid:").count();
    let known = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .count();
    if unknown * 50 > known || job.is_over() {
        return false;
    }
    job.markdown.cut(0);
    job.markdown.raw(&layout::repair(&text));
    true
}
