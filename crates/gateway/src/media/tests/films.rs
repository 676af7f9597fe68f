//! What ffmpeg is asked for, and that it can do no harm.

use std::fs;

use chela_engine::attachment::AttachmentKind;
use chela_engine::ports::{AttachmentReader, FileCollector};

use super::support::{Home, PlainText, amr};
use crate::catalogue::Language;
use crate::media::{Allowlist, Ffmpeg, Guard, Reader};

/// A film of 12 seconds, as far as its header goes.
fn film() -> Vec<u8> {
    let boxed = |name: &[u8], content: &[u8]| {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes()[..], name, content].concat()
    };
    let mut header = vec![0; 12];
    header.extend(1_000u32.to_be_bytes());
    header.extend(12_000u32.to_be_bytes());
    header.extend([0; 80]);
    let moov = boxed(b"moov", &boxed(b"mvhd", &header));
    [boxed(b"ftyp", b"isom"), moov].concat()
}

async fn collect(
    home: &Home,
    ffmpeg: Ffmpeg,
    name: &str,
    kind: AttachmentKind,
) -> (AttachmentKind, Option<u64>, bool) {
    let guard = Guard::for_answers(Allowlist::default());
    let collector = home.collector_with(guard, Some(ffmpeg));
    let path = home.path(name).display().to_string();
    let sent = FileCollector::collect(&collector, path, Some(kind), Vec::new()).await;
    let sent = sent.unwrap();
    (sent.kind, sent.duration_ms, sent.cover.is_some())
}

#[tokio::test]
async fn a_film_gets_its_cover_and_its_length() {
    let home = Home::new();
    home.write("workspace/-i evil; $(rm).mp4", film());
    let ffmpeg = home.ffmpeg("printf '\\377\\330\\377\\340jpeg'").await;
    let sent = collect(
        &home,
        ffmpeg,
        "workspace/-i evil; $(rm).mp4",
        AttachmentKind::Video,
    )
    .await;
    assert_eq!(sent, (AttachmentKind::Video, Some(12_000), true));
    let arguments = fs::read_to_string(home.path("ffmpeg.log")).unwrap();
    assert!(!arguments.contains("evil"), "{arguments}");
    for part in [
        "-nostdin\n",
        "-protocol_whitelist\nfile\n",
        "-f\nmov\n-i\nfile:/",
        "pipe:1\n",
    ] {
        assert!(arguments.contains(part), "{part:?}: {arguments}");
    }
}

#[tokio::test]
async fn what_ffmpeg_cannot_do_is_sent_as_a_file() {
    let home = Home::new();
    home.write("workspace/film.mp4", film());
    home.write("workspace/sound.mp3", b"ID3\x03\0\0sound");
    for script in ["exit 1", "exit 0", "cat /dev/zero"] {
        let ffmpeg = home.ffmpeg(script).await;
        let sent = collect(
            &home,
            ffmpeg.clone(),
            "workspace/film.mp4",
            AttachmentKind::Video,
        )
        .await;
        assert_eq!(sent.0, AttachmentKind::File, "{script}");
        let sent = collect(&home, ffmpeg, "workspace/sound.mp3", AttachmentKind::Voice).await;
        assert_eq!(sent.0, AttachmentKind::File, "{script}");
    }
}

#[tokio::test]
async fn sound_becomes_a_voice() {
    let home = Home::new();
    home.write("workspace/sound.mp3", b"ID3\x03\0\0sound");
    fs::write(home.path("voice.amr"), amr()).unwrap();
    let script = format!("cat '{}'", home.path("voice.amr").display());
    let ffmpeg = home.ffmpeg(&script).await;
    let sent = collect(&home, ffmpeg, "workspace/sound.mp3", AttachmentKind::Voice).await;
    assert_eq!(sent, (AttachmentKind::Voice, Some(1_000), false));
}

#[tokio::test]
async fn agents_see_the_first_picture_of_a_film() {
    let home = Home::new();
    let mut reader = Reader::new(
        std::sync::Arc::new(home.store.clone()),
        std::sync::Arc::new(PlainText),
        Language::Chinese,
    );
    let reading = AttachmentReader::read(&reader, home.received(&film())).await;
    assert!(reading.pictures.is_empty() && reading.remarks[0].contains("ffmpeg"));
    reader.ffmpeg = Some(home.ffmpeg("printf '\\377\\330\\377\\340jpeg'").await);
    let reading = AttachmentReader::read(&reader, home.received(&film())).await;
    assert_eq!(reading.pictures[0].media_type.as_str(), "image/jpeg");
    assert!(reading.remarks[0].contains("第一帧"));
}

#[tokio::test]
async fn a_machine_without_ffmpeg_is_told_from_one_with() {
    assert!(Ffmpeg::find("/nonexistent/ffmpeg").await.is_none());
    assert!(Ffmpeg::find("false").await.is_none());
}
