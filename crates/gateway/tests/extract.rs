//! `chela extract`, the hidden command that reads one attachment: the real binary, with its own allocator, as the child
//! of a [`Worker`].

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::process::Command;

use chela_documents::{Error, Extract, Format, Limit, Limits, Worker};

async fn read(bytes: &[u8], name: &str, limits: Limits) -> Result<Extract, Error> {
    let mut file = tempfile::tempfile().expect("there is a folder for such files");
    file.write_all(bytes).expect("it can be written");
    file.seek(SeekFrom::Start(0)).expect("it can be sought");
    worker(limits).extract(file, name).await
}

fn worker(limits: Limits) -> Worker {
    Worker::new(env!("CARGO_BIN_EXE_chela"), ["extract"], limits, 1)
}

#[tokio::test]
async fn the_binary_reads_documents() {
    for name in ["python.docx", "gbk_euc.pdf", "office.xls"] {
        let path = format!("{}/../documents/samples/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = File::open(path).expect("the sample is there");
        let found = worker(Limits::default()).extract(file, name).await;
        let found = found.expect("the sample is read");
        assert!(found.markdown.contains("华东"), "{}", found.markdown);
    }
}

#[tokio::test]
async fn the_memory_of_the_reader_is_limited() {
    let text = "一行文字\n".repeat(4_000_000);
    let memory = |memory| Limits {
        memory,
        ..Limits::default()
    };
    let enough = read(text.as_bytes(), "a.txt", memory(1 << 30)).await;
    assert_eq!(enough.map(|found| found.format), Ok(Format::Text));
    let refused = Err(Error::TooLarge {
        limit: Limit::Memory,
    });
    assert_eq!(
        read(text.as_bytes(), "a.txt", memory(160 << 20)).await,
        refused
    );
}

#[test]
fn the_command_is_not_for_people() {
    let help = Command::new(env!("CARGO_BIN_EXE_chela"))
        .arg("--help")
        .output();
    let help = help.expect("the binary runs");
    assert!(!String::from_utf8_lossy(&help.stdout).contains("extract"));
    let wrong = Command::new(env!("CARGO_BIN_EXE_chela"))
        .args(["extract", "nonsense"])
        .output();
    assert!(!wrong.expect("the binary runs").status.success());
}
