//! Tables in text files.

use csv::{ReaderBuilder, StringRecord};

use super::encoding;
use crate::extract::Error;
use crate::format::Format;
use crate::job::Job;
use crate::note::Note;

/// Reads a table. Which character parts the cells is found out: Excel writes semicolons and tabs, too.
///
/// # Errors
/// When not one row can be read.
pub(crate) fn read(bytes: &[u8], name: &str, job: &mut Job<'_>) -> Result<(), Error> {
    let text = encoding::decode(bytes, job);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text, name))
        .from_reader(text.as_bytes());
    let limits = job.limits();
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    let mut widest = 0;
    let mut room = job.markdown.room();
    let is_cut = loop {
        match reader.read_record(&mut record) {
            Ok(true) if rows.len() == limits.rows || room == 0 => break true,
            Ok(true) => {
                widest = widest.max(record.len());
                let cells = record.iter().take(limits.columns);
                let cells: Vec<String> = cells.map(str::to_owned).collect();
                room = room.saturating_sub(cells.iter().map(|cell| cell.chars().count() + 3).sum());
                rows.push(cells);
            }
            Ok(false) => break false,
            Err(_) if rows.is_empty() => {
                return Err(Error::Damaged {
                    format: Format::Csv,
                });
            }
            Err(_) => {
                job.damaged();
                break false;
            }
        }
    };
    job.markdown.table(&rows);
    if is_cut {
        let total = Some(rows.len() + 1 + rest(reader));
        job.note(Note::Rows {
            sheet: String::new(),
            read: rows.len(),
            total,
        });
    }
    if widest > limits.columns {
        job.note(Note::Columns {
            sheet: String::new(),
            read: limits.columns,
            total: widest,
        });
    }
    Ok(())
}

fn rest(mut reader: csv::Reader<&[u8]>) -> usize {
    let mut record = csv::ByteRecord::new();
    let mut count = 0;
    while matches!(reader.read_byte_record(&mut record), Ok(true)) {
        count += 1;
    }
    count
}

/// The character that occurs equally often in the first lines, and most often of those.
fn delimiter(text: &str, name: &str) -> u8 {
    if matches!(crate::format::ending(name).as_str(), "tsv" | "tab") {
        return b'\t';
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty())
        .take(10)
        .collect();
    let count = |line: &str, delimiter: u8| {
        let mut is_quoted = false;
        let outside = line.bytes().filter(|&byte| {
            is_quoted ^= byte == b'"';
            byte == delimiter && !is_quoted
        });
        outside.count()
    };
    let score = |delimiter: u8| {
        let counts: Vec<usize> = lines.iter().map(|line| count(line, delimiter)).collect();
        let first = counts.first().copied().unwrap_or_default();
        let alike = counts.iter().filter(|&&count| count == first).count();
        if first == 0 { (0, 0) } else { (alike, first) }
    };
    // The last of equals wins, and a comma is what the name says.
    let candidates = [b'|', b'\t', b';', b','];
    candidates
        .into_iter()
        .max_by_key(|&delimiter| score(delimiter))
        .unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found() {
        for (text, expected) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n", b';'),
            ("a\tb\n1,2\t3\n", b'\t'),
            ("\"a,b\"|c\n1|2", b'|'),
            ("", b','),
        ] {
            assert_eq!(delimiter(text, "a.csv"), expected, "{text:?}");
        }
    }
}
