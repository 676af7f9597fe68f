//! How files of an answer are shown.

use chela_engine::attachment::AttachmentKind;
use image::ImageFormat;

use super::support::{Home, amr, dimensions, picture};

#[tokio::test]
async fn pictures_are_pictures_and_what_the_platform_does_not_show_becomes_one() {
    let home = Home::new();
    let png = home.write("workspace/chart.png", picture(8, 6, ImageFormat::Png));
    let sent = home.collect(&png).await.unwrap();
    assert_eq!(sent.kind, AttachmentKind::Picture);
    let sent = home
        .collect_as(&png, Some(AttachmentKind::File))
        .await
        .unwrap();
    assert_eq!(sent.kind, AttachmentKind::File, "it was asked for");
    let webp = home.write("workspace/chart.webp", picture(8, 6, ImageFormat::WebP));
    let sent = home.collect(&webp).await.unwrap();
    assert_eq!(
        (sent.kind, sent.name.as_str(), sent.file.media_type.as_str()),
        (AttachmentKind::Picture, "chart.jpg", "image/jpeg")
    );
    let path = home.store.folder().join(sent.file.hash);
    assert_eq!(dimensions(&path), (8, 6));
    // A name does not make a picture.
    let text = home.write("workspace/fake.png", "text");
    let sent = home.collect_as(&text, Some(AttachmentKind::Picture)).await;
    assert_eq!(sent.unwrap().kind, AttachmentKind::File);
}

#[tokio::test]
async fn sound_is_a_file_unless_a_voice_is_asked_for() {
    let home = Home::new();
    let path = home.write("workspace/hello.amr", amr());
    let sent = home.collect(&path).await.unwrap();
    assert_eq!(sent.kind, AttachmentKind::File);
    let voice = Some(AttachmentKind::Voice);
    let sent = home.collect_as(&path, voice).await.unwrap();
    assert_eq!(
        (sent.kind, sent.duration_ms),
        (AttachmentKind::Voice, Some(1_000))
    );
    // Longer than the platform takes as a voice.
    let long = amr().repeat(1_400);
    let long = home.write("workspace/long.amr", long);
    let sent = home.collect_as(&long, voice).await.unwrap();
    assert_eq!(sent.kind, AttachmentKind::File);
    // No ffmpeg, no conversion.
    let mp3 = home.write("workspace/hello.mp3", b"ID3\x03\0\0sound");
    let sent = home.collect_as(&mp3, voice).await.unwrap();
    assert_eq!(sent.kind, AttachmentKind::File);
    let mp4 = home.write("workspace/film.mp4", b"\0\0\0\x18ftypisom");
    assert_eq!(home.collect(&mp4).await.unwrap().kind, AttachmentKind::File);
}
