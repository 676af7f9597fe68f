//! Files that want to do harm, read by real child processes. Whatever they do costs one attachment and is said in one
//! value; whoever asked lives on.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod support;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Duration;

use chela_documents::{Cause, Error, Extract, Format, Limit, Limits, Note, Worker};
use support::{archive, docx, manifest, pdf, sample, worker};

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

async fn read(bytes: &[u8], name: &str) -> Result<Extract, Error> {
    worker(Limits::default()).extract(file(bytes), name).await
}

async fn read_within(bytes: &[u8], name: &str, limits: Limits) -> Result<Extract, Error> {
    worker(limits).extract(file(bytes), name).await
}

fn too_large(limit: Limit) -> Result<Extract, Error> {
    Err(Error::TooLarge { limit })
}

#[tokio::test]
async fn a_child_reads_what_this_process_would_read() {
    for name in [
        "python.docx",
        "embedded.pdf",
        "python.xlsx",
        "mail.eml",
        "gbk.txt",
    ] {
        let bytes = sample(name);
        let here = chela_documents::extract(&bytes, name, &Limits::default());
        assert_eq!(read(&bytes, name).await, here, "{name}");
        assert!(here.is_ok());
    }
}

#[tokio::test]
async fn bombs_do_not_burst() {
    let zeros = vec![0; 40 * 1024 * 1024];
    let flat = archive(&[("a.txt", &zeros)]);
    assert_eq!(read(&flat, "a.zip").await, too_large(Limit::Ratio));

    let document = format!(
        "<w:document>{}</w:document>",
        "<w:p></w:p>".repeat(1_000_000)
    );
    assert_eq!(
        read(&docx(&document), "a.docx").await,
        too_large(Limit::Ratio)
    );

    let names: Vec<String> = (0..10_001).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(
        read(&archive(&many), "a.zip").await,
        too_large(Limit::Entries)
    );

    let limits = Limits {
        unpacked: 3 * 1024 * 1024,
        characters: 10_000_000,
        ..Limits::default()
    };
    let half = "十月三十日之前提交整改方案\n".repeat(25_000);
    let two = archive(&[("a.txt", half.as_bytes()), ("b.txt", half.as_bytes())]);
    let both = read_within(&two, "a.zip", limits.clone()).await;
    assert!(both.is_ok_and(|both| both.markdown.contains("十月三十日")));
    let four = archive(&[("a.zip", &two), ("b.zip", &two)]);
    let both = read_within(&four, "a.zip", limits).await.unwrap();
    let error = Error::TooLarge {
        limit: Limit::Unpacked,
    };
    assert!(
        both.notes.iter().any(|note| matches!(note, Note::Members { skipped, .. }
            if skipped.iter().any(|skipped| skipped.cause == Cause::Failed { error: error.clone() }))),
        "{:?}",
        both.notes
    );
}

#[tokio::test]
async fn declared_sizes_are_not_believed() {
    let zeros = vec![b' '; 1024 * 1024];
    let mut bytes = archive(&[("a.txt", &zeros), ("b.txt", &zeros)]);
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|&at| bytes[at..at + 4] == size)
        .collect();
    assert!(places.len() >= 2, "the sizes in the directory at least");
    for at in places {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    let found = read(&bytes, "a.zip").await.unwrap();
    assert!(found.markdown.len() < 100, "{}", found.markdown);
    let damaged = Cause::Failed {
        error: Error::Damaged {
            format: Format::Zip,
        },
    };
    let is_told = |note: &Note| {
        matches!(note, Note::Members { skipped, count: 2, .. }
            if skipped.iter().all(|skipped| skipped.cause == damaged))
    };
    assert!(found.notes.iter().any(is_told), "{:?}", found.notes);
}

#[tokio::test]
async fn archives_in_archives_end() {
    let mut inner = archive(&[("deep.txt", "最里面".as_bytes())]);
    for _ in 0..6 {
        inner = archive(&[("a.zip", &inner), ("b.zip", &inner), ("c.zip", &inner)]);
    }
    let found = read(&inner, "a.zip").await.unwrap();
    assert!(!found.markdown.contains("最里面"));
    let is_told = |note: &Note| {
        matches!(note, Note::Members { skipped, .. }
            if skipped.iter().any(|skipped| skipped.cause == Cause::Nesting))
    };
    assert!(found.notes.iter().any(is_told), "{:?}", found.notes);
}

#[tokio::test]
async fn names_do_no_harm() {
    let long = format!("{}.txt", "长".repeat(300));
    let bytes = archive(&[
        ("../../etc/passwd", b"slipped"),
        ("C:\\windows\\a\u{202e}txt.exe", b"turned"),
        (&long, b"long"),
    ]);
    for name in [
        "../../a.zip",
        "a\0.zip",
        "\u{202e}piz.a",
        &format!("{long}.zip"),
    ] {
        let found = read(&bytes, name).await.unwrap();
        for text in ["## etc/passwd\n\nslipped", "turned", "long"] {
            assert!(found.markdown.contains(text), "{}", found.markdown);
        }
        assert!(!found.markdown.contains(".."));
        assert!(!found.markdown.contains(['\u{202e}', '\0', '\\']));
        assert!(!found.markdown.contains(&"长".repeat(121)));
    }
}

#[tokio::test]
async fn entities_are_not_expanded() {
    let mut declarations = "<!ENTITY a0 \"哈哈\">".to_owned();
    for level in 1..12 {
        let inner = format!("&a{};", level - 1).repeat(10);
        declarations.push_str(&format!("<!ENTITY a{level} \"{inner}\">"));
    }
    let bomb = format!("<!DOCTYPE x [{declarations}]><x>&a11;</x>");
    let found = read(bomb.as_bytes(), "a.xml").await.unwrap();
    assert!(found.markdown.len() < 2 * bomb.len());

    let word = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    let document = format!(
        "<!DOCTYPE x [{declarations}]><w:document {word}><w:body><w:p><w:r><w:t>前&a11;后</w:t></w:r></w:p></w:body></w:document>"
    );
    let found = read(&docx(&document), "a.docx").await;
    assert!(found.is_ok_and(|found| found.markdown.len() < 1_000));
}

#[tokio::test]
async fn depth_costs_one_attachment() {
    let deep = 200_000;
    let nested = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{}{}",
        "<w:tbl><w:tr><w:tc>".repeat(deep),
        "</w:tc></w:tr></w:tbl>".repeat(deep)
    );
    let page = "<div>".repeat(deep);
    assert_eq!(
        read(page.as_bytes(), "a.html").await,
        too_large(Limit::Nesting)
    );
    for (bytes, name) in [
        (docx(&nested), "a.docx"),
        ("[".repeat(deep).into_bytes(), "a.json"),
        (
            format!("{{\\rtf1{}x", "{\\b ".repeat(deep)).into_bytes(),
            "a.rtf",
        ),
        (
            format!("{} [] {}", "<< /A ".repeat(deep), pdf_header()).into_bytes(),
            "a.pdf",
        ),
    ] {
        // Whether it is read or refused does not matter; that there is an answer does.
        let result = read(&bytes, name).await;
        assert_ne!(result, Err(Error::WorkerUnavailable), "{name}");
    }
}

fn pdf_header() -> &'static str {
    "%PDF-1.4"
}

#[tokio::test]
async fn long_and_looping_pdfs_end() {
    let found = read(&pdf(10_000), "a.pdf").await.unwrap();
    assert!(found.markdown.contains("<!-- page 500 -->\n\npage 500\n"));
    assert_eq!(
        found.notes,
        [Note::Pages {
            read: 500,
            total: 10_000
        }]
    );

    // Drawings that draw each other, ten times each.
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R 2 0 R 3 0 R] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"
            .to_owned(),
        "<< /Length 5 >> stream\n/X Do\nendstream".to_owned(),
    ];
    let program = "/X Do ".repeat(10);
    for next in [6, 5] {
        objects.push(format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {next} 0 R >> >> /Length {} >> stream\n{program}\nendstream",
            program.len()
        ));
    }
    let found = read(&support::assemble(&objects), "a.pdf").await;
    assert!(found.is_ok(), "{found:?}");
}

#[tokio::test]
async fn passwords_are_asked_for() {
    assert_eq!(
        read(&sample("encrypted.pdf"), "a.pdf").await,
        Err(Error::Encrypted)
    );
    let mut bytes = archive(&[("a.txt", b"secret")]);
    let starts: Vec<(usize, usize)> = (0..bytes.len() - 4)
        .filter_map(|at| match &bytes[at..at + 4] {
            b"PK\x03\x04" => Some((at, 6)),
            b"PK\x01\x02" => Some((at, 8)),
            _ => None,
        })
        .collect();
    for (at, flags) in starts {
        bytes[at + flags] |= 1;
    }
    assert_eq!(read(&bytes, "a.zip").await, Err(Error::Encrypted));
}

#[tokio::test]
async fn mislabelled_files_are_read_as_what_they_are() {
    let found = read(&sample("python.docx"), "scan.pdf").await.unwrap();
    assert_eq!(found.format, Format::Docx);
    assert!(found.notes.contains(&Note::Mislabelled {
        found: Format::Docx
    }));
    assert_eq!(
        read(&sample("page.html"), "export.xls")
            .await
            .unwrap()
            .format,
        Format::Html
    );
    assert_eq!(read(b"", "a.docx").await, Err(Error::Empty));
    let noise: Vec<u8> = (0..4_000_u32)
        .map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let format = Format::Docx;
    assert_eq!(read(&noise, "a.docx").await, Err(Error::Damaged { format }));
}

#[tokio::test]
async fn truncated_files_get_an_answer() {
    for file in manifest().keys() {
        let bytes = sample(file);
        for part in [1, 5, 9] {
            let result = read(&bytes[..bytes.len() * part / 10], file).await;
            let is_expected = match &result {
                Ok(_) => true,
                Err(error) => matches!(
                    error,
                    Error::Damaged { .. } | Error::Encrypted | Error::Unsupported { .. }
                ),
            };
            assert!(is_expected, "{file}, {part} tenths: {result:?}");
        }
    }
}

#[tokio::test]
async fn a_reader_may_not_take_more_than_it_is_given() {
    let text = "一行文字\n".repeat(4_000_000);
    let limits = Limits {
        memory: 160 * 1024 * 1024,
        ..Limits::default()
    };
    assert_eq!(
        read_within(text.as_bytes(), "a.txt", limits).await,
        too_large(Limit::Memory)
    );
    let limits = Limits {
        bytes: 1_000,
        ..Limits::default()
    };
    assert_eq!(
        read_within(text.as_bytes(), "a.txt", limits).await,
        too_large(Limit::Bytes)
    );
}

#[tokio::test]
async fn readers_that_misbehave_are_ended() {
    let limits = Limits {
        time: Duration::from_millis(100),
        ..Limits::default()
    };
    for (script, expected) in [
        ("sleep 600", Error::TimedOut),
        ("while :; do :; done", Error::TimedOut),
        ("kill -SEGV $$", Error::WorkerDied),
        ("echo nonsense", Error::WorkerDied),
        ("exit 3", Error::WorkerDied),
        ("cat /dev/zero", Error::WorkerDied),
    ] {
        let limits = Limits {
            time: if expected == Error::TimedOut {
                limits.time
            } else {
                Duration::from_secs(30)
            },
            ..limits.clone()
        };
        let worker = Worker::new("/bin/sh", ["-c", script], limits, 1);
        // The second one finds the place of the first free.
        for _ in 0..2 {
            assert_eq!(
                worker.extract(file(b"x"), "a.txt").await,
                Err(expected.clone()),
                "{script}"
            );
        }
    }
    let arguments: [&str; 0] = [];
    let worker = Worker::new("/nowhere/chela", arguments, limits, 1);
    assert_eq!(
        worker.extract(file(b"x"), "a.txt").await,
        Err(Error::WorkerUnavailable)
    );
}

/// What made a reader hang, ask for all memory there is, or die, when the targets of `fuzz/` found it: each costs one
/// attachment. Those that are here are damaged workbooks and documents of calamine 0.37 and undoc 0.27.
#[tokio::test]
async fn what_fuzzing_found_costs_one_attachment() {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    let mut seen = 0;
    for entry in std::fs::read_dir(found).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let limits = Limits {
            time: Duration::from_secs(2),
            memory: 256 * 1024 * 1024,
            ..Limits::default()
        };
        let result = read_within(&std::fs::read(&path).unwrap(), &name, limits).await;
        let is_ended = matches!(
            result,
            Ok(_) | Err(Error::TimedOut | Error::WorkerDied | Error::Damaged { .. })
        ) || result == too_large(Limit::Memory);
        assert!(is_ended, "{name}: {result:?}");
        seen += 1;
    }
    assert!(seen >= 3);
}
