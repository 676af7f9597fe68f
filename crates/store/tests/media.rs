//! The folder of kept files, with real files.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use chela_engine::attachment::KeptFile;
use chela_engine::media_type::MediaType;
use chela_engine::ports::{ByteStream, FetchError, KeepError, MediaStore};
use chela_engine::time::Timestamp;
use chela_store::{DiskMedia, Retention};
use futures_util::{FutureExt, StreamExt, stream};
use tempfile::TempDir;

const HOUR: u64 = 60 * 60;
/// In the middle of a day long after every file of these tests.
const NOW: Timestamp = Timestamp(4_000_000_000_000);

fn media() -> (TempDir, DiskMedia) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let media = DiskMedia::open(folder.path().join("media")).expect("the folder can be made");
    (folder, media)
}

fn pieces(pieces: &[&'static [u8]]) -> ByteStream {
    let pieces: Vec<_> = pieces
        .iter()
        .map(|piece| Ok(Bytes::from_static(piece)))
        .collect();
    stream::iter(pieces).boxed()
}

fn names(media: &DiskMedia) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(media.folder())
        .expect("the folder is there")
        .map(|entry| {
            entry
                .expect("it is there")
                .file_name()
                .into_string()
                .expect("names are text")
        })
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("the file is there")
        .permissions()
        .mode()
        & 0o777
}

/// Gives a file an age.
fn age(path: &Path, hours: u64) {
    let now = UNIX_EPOCH + Duration::from_millis(NOW.0.unsigned_abs());
    let file = fs::File::options()
        .write(true)
        .open(path)
        .expect("the file is there");
    file.set_modified(now - Duration::from_secs(hours * HOUR))
        .expect("it takes a time");
}

#[tokio::test]
async fn a_file_is_named_by_what_it_holds_and_only_its_owner_reads_it() {
    let (_folder, media) = media();
    let file = media.keep(pieces(&[b"he", b"llo"]), 5).await.unwrap();
    assert_eq!(
        file.hash,
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    );
    assert_eq!((file.size, file.media_type.as_str()), (5, "text/plain"));
    let path = media.path(&file);
    assert_eq!(fs::read(&path).unwrap(), b"hello");
    assert_eq!((mode(&path), mode(media.folder())), (0o600, 0o700));
    assert_eq!(names(&media), [file.hash]);
}

#[tokio::test]
async fn the_type_is_told_by_bytes_that_come_one_by_one() {
    let (_folder, media) = media();
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let bytes: Vec<_> = picture
        .iter()
        .map(|byte| Ok(Bytes::copy_from_slice(&[*byte])))
        .collect();
    let file = media.keep(stream::iter(bytes).boxed(), 100).await.unwrap();
    assert_eq!(file.media_type.as_str(), "image/png");
}

#[tokio::test]
async fn what_does_not_arrive_whole_leaves_nothing_behind() {
    let (_folder, media) = media();
    let long = media.keep(pieces(&[b"hel", b"lo!"]), 5).await;
    assert_eq!(long, Err(KeepError::TooLarge { limit: 5 }));
    let lost = FetchError::Unreachable {
        reason: "cut".to_owned(),
    };
    let broken = stream::iter([Ok(Bytes::from_static(b"he")), Err(lost.clone())]).boxed();
    assert_eq!(media.keep(broken, 5).await, Err(KeepError::Broken(lost)));
    // Dropped in the middle.
    let endless = stream::iter([Ok(Bytes::from_static(b"he"))]).chain(stream::pending());
    let kept = media.keep(endless.boxed(), 5);
    let dropped = tokio::time::timeout(Duration::from_millis(50), kept).await;
    assert!(dropped.is_err());
    assert!(names(&media).is_empty(), "{:?}", names(&media));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_said() {
    let (_folder, media) = media();
    fs::remove_dir(media.folder()).unwrap();
    let kept = media.keep(pieces(&[b"hello"]), 5).await;
    assert!(matches!(kept, Err(KeepError::Disk { .. })), "{kept:?}");
}

#[tokio::test]
async fn no_hash_leads_out_of_the_folder() {
    let (_folder, media) = media();
    for hash in ["../../etc/passwd", "/etc/passwd", "", "ABC"] {
        let file = KeptFile {
            hash: hash.to_owned(),
            size: 1,
            media_type: MediaType::sniff(b""),
        };
        assert_eq!(media.path(&file), media.folder().join("none"));
    }
}

#[tokio::test]
async fn what_is_old_goes_and_what_was_kept_again_is_young() {
    let (_folder, media) = media();
    let old = media.keep(pieces(&[b"old"]), 9).await.unwrap();
    let again = media.keep(pieces(&[b"again"]), 9).await.unwrap();
    let young = media.keep(pieces(&[b"young"]), 9).await.unwrap();
    age(&media.path(&old), 24 * 8);
    age(&media.path(&again), 24 * 8);
    media.keep(pieces(&[b"again"]), 9).await.unwrap();
    age(&media.path(&young), 24 * 6);
    // What was kept again carries the time of this machine, long before `NOW`.
    let written = fs::metadata(media.path(&again))
        .unwrap()
        .modified()
        .unwrap();
    let millis = written.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now = Timestamp(i64::try_from(millis).unwrap());
    let cleaned = media.clean(Retention::default(), now).await.unwrap();
    assert_eq!(cleaned.removed, 0, "nothing is old as seen from today");
    age(&media.path(&again), 1);
    let cleaned = media.clean(Retention::default(), NOW).await.unwrap();
    assert_eq!((cleaned.removed, cleaned.bytes), (1, 10));
    assert!(!media.path(&old).exists() && media.path(&again).exists());
}

#[tokio::test]
async fn the_oldest_go_first_and_what_is_young_stays() {
    let (_folder, media) = media();
    let mut files = Vec::new();
    for (content, hours) in [(&b"11111"[..], 100), (b"22222", 50), (b"33333", 2)] {
        let file = media.keep(pieces(&[content]), 9).await.unwrap();
        age(&media.path(&file), hours);
        files.push(media.path(&file));
    }
    let retention = |bytes| Retention {
        bytes,
        ..Retention::default()
    };
    let cleaned = media.clean(retention(10), NOW).await.unwrap();
    assert_eq!(
        (cleaned.removed, cleaned.bytes, cleaned.is_over),
        (1, 10, false)
    );
    assert!(!files[0].exists() && files[1].exists());
    let cleaned = media.clean(retention(1), NOW).await.unwrap();
    assert_eq!(
        (cleaned.removed, cleaned.bytes, cleaned.is_over),
        (1, 5, true)
    );
    assert!(files[2].exists());
}

#[tokio::test]
async fn leftovers_go_and_links_are_not_followed() {
    let (folder, media) = media();
    let outside = folder.path().join("outside");
    fs::write(&outside, "precious").unwrap();
    age(&outside, 24 * 30);
    symlink(&outside, media.folder().join("a".repeat(64))).unwrap();
    fs::write(media.folder().join(".arriving-old"), "x").unwrap();
    age(&media.folder().join(".arriving-old"), 2);
    fs::write(media.folder().join(".arriving-now"), "x").unwrap();
    age(&media.folder().join(".arriving-now"), 0);
    fs::write(media.folder().join("notes.txt"), "x").unwrap();
    age(&media.folder().join("notes.txt"), 24 * 30);
    let cleaned = media.clean(Retention::default(), NOW).await.unwrap();
    assert_eq!((cleaned.removed, cleaned.bytes), (2, 0));
    assert_eq!(names(&media), [".arriving-now", "notes.txt"]);
    assert_eq!(fs::read(&outside).unwrap(), b"precious");
}

#[tokio::test]
async fn something_else_in_its_place_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("media");
    symlink(folder.path(), &path).unwrap();
    assert!(DiskMedia::open(path).is_err());
}

#[tokio::test]
async fn many_at_once_keep_one() {
    let (_folder, media) = media();
    let kept = (0..16).map(|_| media.keep(pieces(&[b"same"]), 9).map(Result::unwrap));
    let kept = futures_util::future::join_all(kept).await;
    assert!(kept.iter().all(|file| *file == kept[0]));
    assert_eq!(names(&media), [kept[0].hash.clone()]);
}
