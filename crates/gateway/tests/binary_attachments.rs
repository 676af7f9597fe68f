//! Whatever people attach, the real binary answers once, says what it could not read, lives on, and needs little memory.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::io::{Cursor, Write as _};
use std::time::Duration;

use dingtalk_emulator::{Fault, Media, Said, Utterance, View, World};
use site::{Site, colleague, terminate};
use zip::write::SimpleFileOptions;

/// Long enough for a busy machine, and for a download that hangs for its quarter of a minute.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the gateway may need at its worst, in KiB; the debug build needs more than the one that people run.
const MEMORY: u64 = 150 * 1024;

/// A zip of one file of zeros.
fn bomb(megabytes: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let name = "../../零.txt";
    archive
        .start_file(name, SimpleFileOptions::default())
        .unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..megabytes {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// What was sent by whom, and what the answer must say of it.
struct Case {
    said: Said,
    remark: &'static str,
}

#[tokio::test]
async fn hostile_attachments_cost_one_line_each() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let mut gateway = site.start_after("");
    let platform = &site.emulator;
    platform
        .wait_for_connections(1)
        .await
        .expect("the gateway connects");
    let large = vec![b'x'; 19 << 20];
    let files: [(&str, Vec<u8>, &'static str); 8] = [
        ("炸弹.zip", bomb(512), "大得不正常"),
        ("空.docx", Vec::new(), "空"),
        ("坏.pdf", b"%PDF-1.7\n garbage".to_vec(), "已损坏"),
        ("假.xlsx", b"MZ\x90\0\x03\0\0\0".to_vec(), "读"),
        ("../../etc/passwd", "姓名：林小满".into(), "姓名：林小满"),
        ("大.log", large, "个字"),
        (
            "gbk.txt",
            b"\xd0\xd5\xc3\xfb: \xb2\xbf\xc3\xc5".to_vec(),
            "姓名: 部门",
        ),
        (&"长".repeat(300), b"\0\x01\x02".to_vec(), "读"),
    ];
    let cases: Vec<Case> = files
        .into_iter()
        .enumerate()
        .map(|(number, (name, bytes, remark))| Case {
            said: send(&site, number, name, bytes),
            remark,
        })
        .collect();
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(answered(&site, case).await);
    }
    let faults = [
        (Fault::endless_body(), "20 MB"),
        (Fault::hanging_body(), "15 秒"),
        // Once is trouble that passes.
        (Fault::cut_body(), "abc"),
        (Fault::cut_body().times(3), "下载不了"),
    ];
    for (number, (fault, remark)) in faults.into_iter().enumerate() {
        platform.fault(fault.on("/wukong-file/"));
        let said = send(&site, cases.len() + number, "a.txt", b"abc".to_vec());
        wrong.extend(answered(&site, &Case { said, remark }).await);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    site::assert_memory(&gateway, MEMORY);
    terminate(&mut gateway).await;
}

/// A56: who sends what the app may not fetch is told once what to grant, and where; also when the gateway ended meanwhile.
#[tokio::test]
async fn a56_a_missing_permission_is_told_once_with_the_way_to_grant_it() {
    let mut company = World::demo();
    let apps = std::mem::take(&mut company.apps).into_iter();
    let lacking = apps.map(|app| app.without_scope("qyapi_robot_sendmsg"));
    company.apps = lacking.collect();
    let binary = env!("CARGO_BIN_EXE_chela");
    let site = Site::within(company, binary, Duration::ZERO, 1).await;
    let mut told = Vec::new();
    for number in 1..=2 {
        let mut gateway = site.start();
        site.emulator
            .wait_for_connections(1)
            .await
            .expect("the gateway connects");
        let said = send(&site, 0, "报告🦀.txt", "一".into());
        let is_answered = |view: &View<'_>| view.answers(&said.conversation).count() == number;
        let answered = site.emulator.wait_within(PATIENCE, is_answered).await;
        answered.expect("it is answered");
        terminate(&mut gateway).await;
        let shown = site.emulator.answers(&said.conversation);
        told.push(shown[number - 1].text.clone());
    }
    let link = "https://open-dev.dingtalk.com/appscope/apply?content=dingdemo0clientid%23qyapi_robot_sendmsg";
    for part in ["应用缺少权限 qyapi_robot_sendmsg", link, "CHELA-3004"] {
        assert!(told[0].contains(part), "{told:?}");
    }
    assert!(!told[1].contains(link), "{told:?}");
}

fn send(site: &Site, number: usize, name: &str, bytes: Vec<u8>) -> Said {
    let media = Media::new(name, bytes);
    let file = Utterance::file(&colleague(number), media);
    site.emulator.utter(&file).unwrap()
}

/// The model repeats what it is asked, so that the answer says what it was given. Gives back what says something else.
async fn answered(site: &Site, case: &Case) -> Option<String> {
    let answers = site.emulator.wait_within(PATIENCE, |view| {
        view.answers(&case.said.conversation).next().is_some()
    });
    let answers = answers.await;
    assert!(answers.is_ok(), "{}: {}", case.remark, site.printed());
    let shown = site.emulator.answers(&case.said.conversation);
    let text: String = shown.iter().map(|shown| shown.text.as_str()).collect();
    (!text.contains(case.remark)).then(|| format!("{}: {text}", case.remark))
}
