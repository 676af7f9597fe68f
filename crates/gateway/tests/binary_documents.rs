//! Documents are read by the real program, in a process of their own.

use std::path::Path;
use std::sync::Arc;

use chela_engine::attachment::AttachmentKind;
use chela_engine::media_type::MediaType;
use chela_engine::ports::{AttachmentReader, FileToRead, Reading};
use chela_gateway::catalogue::Language;
use chela_gateway::media::{Documents, Reader};
use chela_store::DiskMedia;

async fn read(name: &str, characters: usize) -> Reading {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let store = DiskMedia::open(folder.path().join("media")).expect("a folder");
    let program = env!("CARGO_BIN_EXE_chela").into();
    let documents = Documents::with_program(program, characters);
    let mut reader = Reader::new(Arc::new(store), Arc::new(documents), Language::Chinese);
    reader.characters = characters;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../documents/samples");
    let path = samples.join(name);
    let bytes = std::fs::read(&path).expect("the sample is there");
    let file = FileToRead {
        kind: AttachmentKind::File,
        name: Some(name.to_owned()),
        path,
        size: bytes.len() as u64,
        media_type: MediaType::sniff(&bytes),
        transcribed: false,
    };
    AttachmentReader::read(&reader, file).await
}

#[tokio::test]
async fn old_chinese_encodings_become_text() {
    let reading = read("gbk.txt", 20_000).await;
    let text = reading.text.expect("it is text");
    assert!(
        text.chars()
            .any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character)),
        "{text}"
    );
    assert!(!text.contains('\u{fffd}'), "{text}");
}

#[tokio::test]
async fn long_documents_are_cut_and_say_so() {
    let reading = read("gbk.txt", 10).await;
    let text = reading.text.expect("it is text");
    assert!(text.chars().count() <= 10, "{text}");
    assert!(
        reading
            .remarks
            .iter()
            .any(|remark| remark.contains("10 个字")),
        "{:?}",
        reading.remarks
    );
}

#[tokio::test]
async fn what_is_protected_by_a_password_says_so() {
    let reading = read("encrypted.pdf", 20_000).await;
    assert_eq!(reading.text, None);
    assert!(reading.remarks[0].contains("密码"), "{:?}", reading.remarks);
}
