//! What agents get to read and to see.

use std::sync::{Arc, Mutex};

use chela_agents::openai::Recording;
use chela_engine::attachment::AttachmentKind;
use chela_engine::ports::{AgentError, AgentErrorKind, AttachmentReader, FileToRead, Reading};
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use image::{DynamicImage, ImageFormat};

use super::support::{Home, PlainText, amr, dimensions, picture};
use crate::catalogue::Language;
use crate::media::{Reader, Transcribe};

fn reader(home: &Home) -> Reader {
    let store = Arc::new(home.store.clone());
    Reader::new(store, Arc::new(PlainText), Language::Chinese)
}

async fn read(reader: &Reader, file: FileToRead) -> Reading {
    AttachmentReader::read(reader, file).await
}

#[tokio::test]
async fn small_pictures_stay_as_they_are() {
    let home = Home::new();
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ] {
        let bytes = picture(20, 10, format);
        let file = home.received(&bytes);
        let reading = read(&reader(&home), file.clone()).await;
        assert_eq!(reading.pictures[0].path, file.path, "{format:?}");
        assert!(reading.remarks.is_empty());
    }
}

#[tokio::test]
async fn large_and_unusual_pictures_are_made_fit() {
    let home = Home::new();
    let bytes = picture(3_200, 800, ImageFormat::Png);
    let reading = read(&reader(&home), home.received(&bytes)).await;
    assert_eq!(dimensions(&reading.pictures[0].path), (1_568, 392));
    assert_eq!(reading.pictures[0].media_type.as_str(), "image/jpeg");
    let bytes = picture(20, 10, ImageFormat::Bmp);
    let reading = read(&reader(&home), home.received(&bytes)).await;
    assert_eq!(reading.pictures[0].media_type.as_str(), "image/jpeg");
    // What shines through still does.
    let mut bytes = std::io::Cursor::new(Vec::new());
    let clear = DynamicImage::new_rgba8(2_000, 10);
    clear.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let reading = read(&reader(&home), home.received(bytes.get_ref())).await;
    assert_eq!(reading.pictures[0].media_type.as_str(), "image/png");
}

#[tokio::test]
async fn damaged_pictures_and_bombs_harm_nobody() {
    let home = Home::new();
    let whole = picture(400, 300, ImageFormat::Png);
    let half = whole.get(..whole.len() / 2).unwrap();
    let reading = read(&reader(&home), home.received(half)).await;
    assert!(reading.pictures.is_empty() && reading.remarks[0].contains("损坏"));
    // A hundred bytes that say they are 50,000 pixels wide and high.
    let mut bomb = whole.clone();
    bomb.splice(16..24, [0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    // The checksum of the header must fit.
    let checksum = checksum(bomb.get(12..29).unwrap());
    bomb.splice(29..33, checksum.to_be_bytes());
    let reading = read(&reader(&home), home.received(&bomb)).await;
    assert!(reading.pictures.is_empty());
    assert!(
        reading.remarks[0].contains("尺寸太大"),
        "{:?}",
        reading.remarks
    );
}

/// CRC-32 as PNG uses it.
fn checksum(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    !crc
}

#[tokio::test]
async fn texts_are_read_and_cut_on_characters() {
    let home = Home::new();
    let file = home.received("姓名,部门\n林小满,产品".as_bytes());
    let reading = read(&reader(&home), file).await;
    assert_eq!(reading.text.as_deref(), Some("姓名,部门\n林小满,产品"));
    let mut short = reader(&home);
    short.characters = 4;
    let reading = read(&short, home.received("一二三四五六".as_bytes())).await;
    assert_eq!(reading.text.as_deref(), Some("一二三四"));
    assert!(reading.remarks[0].contains("前 4 个字"));
    let reading = read(&reader(&home), home.received(b"\0\x01binary")).await;
    assert_eq!(reading.text, None);
    assert_eq!(reading.remarks.len(), 1);
    let reading = read(&reader(&home), home.received(b"")).await;
    assert!(reading.remarks[0].contains("空"));
}

/// Writes down always the same, and remembers what it got.
struct Echo(Mutex<Vec<String>>, Result<String, AgentErrorKind>);

impl Transcribe for Echo {
    fn transcribe(&self, recording: Recording) -> BoxFuture<'static, Result<String, AgentError>> {
        self.0.lock().unwrap().push(format!("{recording:?}"));
        let result = self.1.clone().map_err(|kind| AgentError {
            kind,
            detail: "refused".to_owned(),
            retry_after: None,
        });
        future::ready(result).boxed()
    }
}

fn voice(home: &Home, bytes: &[u8]) -> FileToRead {
    FileToRead {
        kind: AttachmentKind::Voice,
        ..home.received(bytes)
    }
}

#[tokio::test]
async fn speech_without_transcript_is_written_down() {
    let home = Home::new();
    let mut reader = reader(&home);
    let ogg = b"OggS speech";
    let reading = read(&reader, voice(&home, ogg)).await;
    assert!(reading.remarks[0].contains("tools.media.audio"));
    let echo = Arc::new(Echo(Mutex::default(), Ok("明天开会".to_owned())));
    reader.transcriber = Some(Arc::clone(&echo) as _);
    let reading = read(&reader, voice(&home, ogg)).await;
    assert_eq!(reading.text.as_deref(), Some("明天开会"));
    // AMR is converted, and cannot be without ffmpeg.
    let reading = read(&reader, voice(&home, &amr())).await;
    assert!(reading.remarks[0].contains("CHELA-2013"), "{reading:?}");
    reader.ffmpeg = Some(home.ffmpeg("printf 'RIFF0000WAVE'").await);
    let reading = read(&reader, voice(&home, &amr())).await;
    assert_eq!(reading.text.as_deref(), Some("明天开会"));
    // The platform knew already.
    let known = FileToRead {
        transcribed: true,
        ..voice(&home, ogg)
    };
    assert_eq!(read(&reader, known).await, Reading::default());
    let heard = echo.0.lock().unwrap().clone();
    assert_eq!(
        heard,
        [
            "Recording(audio/ogg, 11 bytes)",
            "Recording(audio/wav, 12 bytes)"
        ]
    );
}

#[tokio::test]
async fn speech_that_is_not_written_down_says_why() {
    let home = Home::new();
    let mut reader = reader(&home);
    reader.transcriber = Some(Arc::new(Echo(Mutex::default(), Err(AgentErrorKind::Auth))));
    let reading = read(&reader, voice(&home, b"OggS speech")).await;
    assert!(reading.remarks[0].contains("CHELA-4002"), "{reading:?}");
    reader.transcriber = Some(Arc::new(Echo(Mutex::default(), Ok(" ".to_owned()))));
    reader.language = Language::English;
    let reading = read(&reader, voice(&home, b"OggS speech")).await;
    assert_eq!(reading.remarks, ["nothing is spoken in this recording"]);
}
