//! What is said about documents that were not read, or not to the end. Agents read it.

use chela_documents::{Cause, Error, Format, Limit, Note, Skipped};

use super::text::phrase;
use super::{Phrase, attachments};

/// Names that are told of a longer list.
const NAMED: usize = 10;

/// Why there is no text.
pub fn unread(error: &Error) -> Phrase {
    match error {
        Error::Empty => attachments::empty(),
        Error::Unsupported { .. } => attachments::not_read(),
        Error::Encrypted => phrase!(
            "文件有密码，读不了；请去掉密码后再发",
            "the file is protected by a password; please send it without one",
        ),
        Error::Damaged { format } => {
            let name = name(*format);
            phrase!(
                "文件已损坏，或者不是真正的 {name} 文件，读不了",
                "the file is damaged, or is not really of the kind {name}",
            )
        }
        Error::TooLarge { limit } => too_large(*limit),
        Error::TimedOut => phrase!(
            "文件太复杂，没能在限定时间内读完",
            "the file is too complex to be read in time",
        ),
        Error::WorkerDied => phrase!(
            "文件读到一半出错了，内容没有取到",
            "reading the file failed half-way, and nothing of it is here",
        ),
        Error::WorkerUnavailable => phrase!(
            "读文件的程序暂时启动不了，请稍后再发一次",
            "files cannot be read right now; please send it again later",
        ),
    }
}

fn too_large(limit: Limit) -> Phrase {
    match limit {
        Limit::Bytes => phrase!("文件太大，没有读", "the file is too large to be read"),
        Limit::Entries => phrase!(
            "压缩包里的文件太多，没有读",
            "the archive has too many entries to be read",
        ),
        Limit::Unpacked | Limit::Ratio => phrase!(
            "文件解压后大得不正常，没有读",
            "the file becomes suspiciously large when unpacked, and was not read",
        ),
        Limit::Memory | Limit::Nesting => phrase!(
            "文件的结构太复杂，没有读",
            "the structure of the file is too complex to be read",
        ),
    }
}

/// What is not in the text.
pub fn remark(note: &Note) -> Phrase {
    match note {
        Note::Pages { read, total } => phrase!(
            "共 {total} 页，只读了前 {read} 页",
            "only the first {read} of {total} pages were read",
        ),
        Note::PagesWithoutText { pages, count } => {
            let numbers = list(pages.iter().map(ToString::to_string), *count);
            phrase!(
                "有 {count} 页没有文字，可能是扫描件，没有识别：第 {numbers} 页",
                "{count} pages have no text and may be scans, which are not recognised: {numbers}",
            )
        }
        Note::Images { count, .. } => phrase!(
            "文件里有 {count} 张图片没有看",
            "{count} pictures in the file were not looked at",
        ),
        Note::Truncated { characters } => attachments::cut(*characters),
        Note::HiddenSheets { names } => {
            let (names, count) = (list(names.iter().cloned(), names.len()), names.len());
            phrase!(
                "有 {count} 个隐藏的工作表没有读：{names}",
                "{count} hidden sheets were not read: {names}",
            )
        }
        Note::Rows { sheet, read, total } => rows(sheet, *read, *total),
        Note::Columns { sheet, read, total } => {
            let (zh, en) = of_sheet(sheet);
            phrase!(
                "{zh}共 {total} 列，只读了前 {read} 列",
                "only the first {read} of {total} columns{en} were read",
            )
        }
        Note::Members {
            total,
            skipped,
            count,
        } => members(*total, skipped, *count),
        Note::Mislabelled { found } => {
            let name = name(*found);
            phrase!(
                "文件名和内容不符，实际是 {name} 格式，按实际格式读了",
                "the file is not what its name says; it was read as {name}",
            )
        }
        Note::UnreadableCharacters { count } => phrase!(
            "有 {count} 个字符认不出来",
            "{count} characters could not be read",
        ),
        Note::DamagedParts { count } => phrase!(
            "有 {count} 处已损坏，跳过了",
            "{count} damaged parts were left out",
        ),
        Note::OutOfTime => phrase!(
            "没能在限定时间内读完，只有前面的部分",
            "the time was over before the end; only the beginning is here",
        ),
    }
}

fn rows(sheet: &str, read: usize, total: Option<usize>) -> Phrase {
    let (zh, en) = of_sheet(sheet);
    match total {
        Some(total) => phrase!(
            "{zh}共 {total} 行，只读了前 {read} 行",
            "only the first {read} of {total} rows{en} were read",
        ),
        None => phrase!(
            "{zh}只读了前 {read} 行",
            "only the first {read} rows{en} were read",
        ),
    }
}

fn of_sheet(sheet: &str) -> (String, String) {
    if sheet.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("工作表“{sheet}”"), format!(" of sheet “{sheet}”"))
    }
}

fn members(total: usize, skipped: &[Skipped], count: usize) -> Phrase {
    let names = list(skipped.iter().map(|skipped| skipped.name.clone()), count);
    let locked = skipped.iter().any(|skipped| {
        matches!(
            skipped.cause,
            Cause::Failed {
                error: Error::Encrypted
            }
        )
    });
    if locked {
        return phrase!(
            "里面共有 {total} 个文件，{count} 个没有读（有的带密码）：{names}",
            "{count} of {total} files inside were not read, some because of a password: {names}",
        );
    }
    phrase!(
        "里面共有 {total} 个文件，{count} 个没有读：{names}",
        "{count} of {total} files inside were not read: {names}",
    )
}

/// The first few names of a list, and an ellipsis for the rest.
fn list(names: impl Iterator<Item = String>, count: usize) -> String {
    let shown: Vec<String> = names.take(NAMED).collect();
    let rest = if shown.len() < count { ", …" } else { "" };
    format!("{}{rest}", shown.join(", "))
}

fn name(format: Format) -> &'static str {
    match format {
        Format::Pdf => "PDF",
        Format::Docx => "DOCX",
        Format::Xlsx => "XLSX",
        Format::Xlsb => "XLSB",
        Format::Pptx => "PPTX",
        Format::Doc => "DOC",
        Format::Xls => "XLS",
        Format::Ppt => "PPT",
        Format::Rtf => "RTF",
        Format::Odt => "ODT",
        Format::Ods => "ODS",
        Format::Odp => "ODP",
        Format::Ofd => "OFD",
        Format::Eml => "EML",
        Format::Zip => "ZIP",
        Format::Html => "HTML",
        Format::Csv => "CSV",
        Format::Json => "JSON",
        Format::Xml => "XML",
        Format::Yaml => "YAML",
        Format::Markdown => "Markdown",
        Format::Text => "TXT",
        Format::Code => "source code",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::text::is_chinese;
    use super::*;

    fn every_phrase() -> Vec<Phrase> {
        let limits = [
            Limit::Bytes,
            Limit::Entries,
            Limit::Unpacked,
            Limit::Ratio,
            Limit::Memory,
            Limit::Nesting,
        ];
        let format = Format::Docx;
        let found = "binary".to_owned();
        let errors = [
            Error::Empty,
            Error::Unsupported { found },
            Error::Encrypted,
            Error::Damaged { format },
            Error::TimedOut,
            Error::WorkerDied,
            Error::WorkerUnavailable,
        ];
        let limits = limits.map(|limit| Error::TooLarge { limit });
        let errors = errors.iter().chain(&limits).map(unread);
        let sheet = || "Sheet1".to_owned();
        let locked = Skipped {
            name: "a.docx".to_owned(),
            cause: Cause::Failed {
                error: Error::Encrypted,
            },
        };
        let deep = Skipped {
            name: "b.zip".to_owned(),
            cause: Cause::Nesting,
        };
        let (read, total, count) = (3, 340, 2);
        let notes = [
            Note::Pages { read, total },
            Note::PagesWithoutText {
                pages: (1..=20).collect(),
                count: 20,
            },
            Note::Images {
                count,
                names: Vec::new(),
            },
            Note::Truncated { characters: 20_000 },
            Note::HiddenSheets {
                names: vec![sheet()],
            },
            Note::Rows {
                sheet: sheet(),
                read,
                total: Some(total),
            },
            Note::Rows {
                sheet: String::new(),
                read,
                total: None,
            },
            Note::Columns {
                sheet: sheet(),
                read,
                total,
            },
            Note::Members {
                total,
                skipped: vec![locked],
                count,
            },
            Note::Members {
                total,
                skipped: vec![deep],
                count,
            },
            Note::Mislabelled { found: format },
            Note::UnreadableCharacters { count },
            Note::DamagedParts { count },
            Note::OutOfTime,
        ];
        errors.chain(notes.iter().map(remark)).collect()
    }

    #[test]
    fn everything_is_said_in_both_languages() {
        for words in every_phrase() {
            let (zh, en) = (words.get(Language::Chinese), words.get(Language::English));
            assert!(is_chinese(zh), "{zh}");
            assert!(!en.is_empty() && !is_chinese(en), "{en}");
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let pages = Note::PagesWithoutText {
            pages: (1..=100).collect(),
            count: 150,
        };
        let said = remark(&pages);
        let said = said.get(Language::Chinese);
        assert!(
            said.contains("150 页") && said.ends_with("9, 10, … 页"),
            "{said}"
        );
    }
}
