//! Which files of this machine an answer may carry.

use std::fs;
use std::os::unix::fs::symlink;

use chela_engine::attachment::AttachmentKind;
use chela_engine::ports::{CollectError, FileCollector};

use super::support::Home;

#[tokio::test]
async fn what_may_not_be_sent_is_not_kept_either() {
    let home = Home::new();
    let secret = home.write(".ssh/id_rsa", "PRIVATE KEY");
    home.write("state/chela.db", "database");
    symlink(&secret, home.path("workspace/report.txt")).unwrap();
    symlink(home.path(".ssh"), home.path("workspace/folder")).unwrap();
    symlink("/etc", home.path("workspace/etc")).unwrap();
    let workspace = home.path("workspace").display().to_string();
    for reference in [
        "/etc/passwd".to_owned(),
        "file:///etc/passwd".to_owned(),
        "file://localhost/etc/passwd".to_owned(),
        "file:///%65tc/passwd".to_owned(),
        "~/.ssh/id_rsa".to_owned(),
        "/proc/self/environ".to_owned(),
        secret.clone(),
        home.path("state/chela.db").display().to_string(),
        format!("{workspace}/report.txt"),
        format!("{workspace}/folder/id_rsa"),
        format!("{workspace}/etc/passwd"),
        format!("{workspace}/../.ssh/id_rsa"),
        format!("{workspace}/"),
        "../.ssh/id_rsa".to_owned(),
        "folder/id_rsa".to_owned(),
        format!("{workspace}/missing.txt"),
        format!("{workspace}/a\0b"),
        "~root/x".to_owned(),
        String::new(),
    ] {
        let collected = home.collect(&reference).await;
        assert_eq!(collected, Err(CollectError::NotAllowed), "{reference}");
    }
    assert_eq!(fs::read_dir(home.store.folder()).unwrap().count(), 0);
}

#[tokio::test]
async fn pipes_devices_and_folders_are_no_files() {
    let home = Home::new();
    let pipe = home.path("workspace/pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    fs::create_dir(home.path("workspace/inner")).unwrap();
    for name in ["pipe", "inner"] {
        let path = home.path("workspace").join(name).display().to_string();
        assert_eq!(home.collect(&path).await, Err(CollectError::NotAllowed));
    }
}

#[tokio::test]
async fn files_of_the_workspace_are_sent_however_they_are_written() {
    let home = Home::new();
    let path = home.write("workspace/季度 报告.txt", "内容");
    symlink(&path, home.path("workspace/link.txt")).unwrap();
    for reference in [
        path.clone(),
        format!("file://{path}"),
        format!("file://{}", path.replace(' ', "%20")),
        "~/workspace/季度 报告.txt".to_owned(),
        "./季度 报告.txt".to_owned(),
        "季度 报告.txt".to_owned(),
        home.path("workspace/link.txt").display().to_string(),
    ] {
        let sent = home.collect(&reference).await.expect("it may be sent");
        assert_eq!(sent.name, "季度 报告.txt", "{reference}");
        assert_eq!(sent.kind, AttachmentKind::File);
        assert_eq!(home.content(&sent.file), "内容".as_bytes());
    }
    // What came with a message may go out again.
    let kept = home.collect(&path).await.unwrap().file;
    let kept = home.store.folder().join(kept.hash);
    let again = home.collect(&kept.display().to_string()).await;
    assert!(again.is_ok(), "{again:?}");
}

#[tokio::test]
async fn what_a_tool_has_made_in_this_turn_is_sent_from_anywhere() {
    let home = Home::new();
    let made = home.write("made.csv", "a,b\n");
    assert_eq!(home.collect(&made).await, Err(CollectError::NotAllowed));
    let collector = home.collector();
    let files = vec![home.path("made.csv")];
    let sent = FileCollector::collect(&collector, made.clone(), None, files.clone()).await;
    assert_eq!(sent.unwrap().name, "made.csv");
    // Nothing else beside it.
    let other = home.write("other.csv", "secret");
    let sent = FileCollector::collect(&collector, other, None, files).await;
    assert_eq!(sent, Err(CollectError::NotAllowed));
}

#[tokio::test]
async fn nothing_and_too_much_are_said() {
    let home = Home::new();
    let empty = home.write("workspace/empty.txt", "");
    assert_eq!(home.collect(&empty).await, Err(CollectError::Empty));
    let large = home.path("workspace/large.bin");
    let file = fs::File::create(&large).unwrap();
    file.set_len(20 * 1024 * 1024 + 1).unwrap();
    let limit = 20 * 1024 * 1024;
    let collected = home.collect(&large.display().to_string()).await;
    assert_eq!(collected, Err(CollectError::TooLarge { limit }));
}
