//! `cron` of the real binary: jobs are made on the store or through the gateway, are asked when they are due, once, and
//! their answers go where they should (A31, A55).

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::process::{Output, Stdio};
use std::time::Duration;

use dingtalk_emulator::{ConversationId, Shown, Via};
use serde_json::Value;
use site::{Site, colleague};

const BINARY: &str = env!("CARGO_BIN_EXE_chela");

async fn site() -> Site {
    Site::with_colleagues(BINARY, Duration::ZERO, 1).await
}

async fn run(site: &Site, arguments: &[&str]) -> Output {
    let mut command = site.command();
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.output().await.expect("the program starts")
}

/// What is printed for programs by a command that works.
async fn json(site: &Site, arguments: &[&str]) -> Value {
    let output = run(site, &[arguments, &["--json"]].concat()).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}: {text}");
    serde_json::from_str(&text).expect("the output is JSON")
}

/// Waits until the newest run of a job has come to its end.
async fn run_of(site: &Site, job: &str, status: &str) -> Value {
    let wait = async {
        loop {
            let runs = json(site, &["cron", "runs", job]).await;
            if runs["runs"][0]["status"] == status {
                return runs["runs"][0].clone();
            }
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), wait).await;
    waited.expect("the run comes to its end")
}

fn answers(site: &Site, chat: &ConversationId) -> Vec<Shown> {
    site.emulator.answers(chat)
}

/// Makes a job with a target, runs it and waits for its answer.
async fn send(site: &Site, to: &str, message: &str) -> Value {
    let added = json(
        site,
        &[
            "cron",
            "add",
            "--every",
            "1d",
            "--message",
            message,
            "--to",
            to,
        ],
    )
    .await;
    let job = added["job"]["id"].as_str().unwrap();
    json(site, &["cron", "run", job]).await;
    let ran = run_of(site, job, "delivered").await;
    assert_eq!(ran["outcome"], "answer");
    assert!(ran["durationMs"].is_u64());
    added["job"].clone()
}

#[tokio::test]
async fn answers_go_to_people_and_groups_by_the_right_interface() {
    let site = site().await;
    let group = site.emulator.group("项目讨论群").unwrap();
    let person = site.chats[0].clone();
    // Before there is a gateway, a job waits in the store; the id keeps its case over the restart (A31).
    let target = format!("dingtalk:group:{group}");
    let line = "cron add --cron 0_9_*_*_1-5 --tz Asia/Shanghai --name 晨会 --announce --channel dingtalk --message 站会🌞 --to";
    let arguments: Vec<String> = line.split(' ').map(|word| word.replace('_', " ")).collect();
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.push(&target);
    let added = json(&site, &arguments).await;
    let job = added["job"]["id"].as_str().unwrap().to_owned();
    let job_id = job.clone();
    assert_eq!(added["job"]["to"], format!("group:{group}"));
    let next = added["job"]["nextRun"].as_str().unwrap();
    assert!(next.ends_with("09:00 Asia/Shanghai"), "{next}");

    let mut gateway = site.start();
    site.emulator.wait_for_connections(1).await.unwrap();
    json(&site, &["cron", "run", &job]).await;
    run_of(&site, &job, "delivered").await;
    let shown = answers(&site, &group);
    assert_eq!((shown.len(), shown[0].via), (1, Via::GroupSend));
    assert!(shown[0].text.contains("站会🌞") && shown[0].text.starts_with("> ⏰ **晨会**"));
    // A bare id of a conversation.
    send(&site, group.as_str(), "第二").await;
    assert_eq!(answers(&site, &group)[1].via, Via::GroupSend);
    // A person who has never written.
    send(&site, "dingtalk:user:staff0", "喝水").await;
    let shown = answers(&site, &person);
    assert_eq!((shown.len(), shown[0].via), (1, Via::BatchSend));
    // The names of who has written.
    site.emulator.say(&colleague(0), "在吗").unwrap();
    site.emulator.wait_for_answers(&person, 2).await.unwrap();
    let job = send(&site, &colleague(0), "开会").await;
    assert_eq!(job["to"], "user:staff0");
    assert_eq!(answers(&site, &person)[2].via, Via::BatchSend);
    site::terminate(&mut gateway).await;

    // All of it is still there without a gateway.
    let listed = json(&site, &["cron", "list"]).await;
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 4);
    assert_eq!(listed["jobs"][0]["lastRun"]["status"], "delivered");
    // One is switched off and on again, and stays as it was otherwise.
    let off = json(&site, &["cron", "disable", &job_id]).await;
    assert_eq!(off["job"]["enabled"], false);
    assert_eq!(off["job"]["nextRun"], Value::Null);
    let on = json(&site, &["cron", "enable", &job_id]).await;
    assert_eq!(on["job"]["nextRun"], added["job"]["nextRun"]);
    assert_eq!(on["job"]["message"], added["job"]["message"]);
    let unknown = run(&site, &["cron", "enable", "12345678"]).await;
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("CHELA-4055"));
    let id = listed["jobs"][0]["id"].as_str().unwrap();
    json(&site, &["cron", "rm", id]).await;
    let gone = run(&site, &["cron", "rm", id]).await;
    assert_eq!(gone.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("CHELA-4055"));
}

#[tokio::test]
async fn a_name_that_several_bear_is_refused_and_so_is_what_cannot_be() {
    let site = site().await;
    let refused = async |arguments: &str, code: &str, words: &str| {
        let arguments: Vec<String> = arguments
            .split_whitespace()
            .map(|word| word.replace('_', " "))
            .collect();
        let mut all = vec!["cron"];
        all.extend(arguments.iter().map(String::as_str));
        let output = run(&site, &all).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            said.contains(code) && said.contains(words),
            "{all:?}: {said}"
        );
        assert_ne!(output.status.code(), Some(0));
    };
    let to = "--message 你好 --to user:staff0";
    refused(
        &format!("add --cron 0_9_31_2_* {to}"),
        "CHELA-4052",
        "0 9 29 2 *",
    )
    .await;
    refused(
        &format!("add --cron 75_9_*_*_* {to}"),
        "CHELA-4052",
        "59 9 * * *",
    )
    .await;
    refused(&format!("add --cron 0_9_*_* {to}"), "CHELA-4052", "五段").await;
    refused(
        &format!("add --at 2020-01-01T09:00 --tz Asia/Shanghai {to}"),
        "CHELA-4052",
        "已经过去",
    )
    .await;
    refused(&format!("add --at 明天 {to}"), "CHELA-4052", "看不懂时间").await;
    refused(&format!("add --every 5s {to}"), "CHELA-4052", "最短 1m").await;
    refused(&format!("add {to}"), "CHELA-4052", "--at、--every、--cron").await;
    refused(
        &format!("add --every 1h --tz Asia/Shangai {to}"),
        "CHELA-4052",
        "Asia/Shanghai",
    )
    .await;
    refused(
        &format!("add --every 1h --tz Shanghai {to}"),
        "CHELA-4052",
        "Asia/Shanghai",
    )
    .await;
    refused(
        &format!("add --every 1h --agent mian {to}"),
        "CHELA-4053",
        "\"main\"",
    )
    .await;
    refused(
        &format!("add --every 1h --account other {to}"),
        "CHELA-4053",
        "default",
    )
    .await;
    refused("add --every 1h --message 你好 --to 谁", "CHELA-4053", "谁").await;
    refused("add --every 1h --message 你好", "CHELA-4052", "to").await;
    refused("run 12345678", "CHELA-4055", "12345678").await;
    let nothing = json(&site, &["cron", "list"]).await;
    assert_eq!(nothing["jobs"], Value::Array(Vec::new()));
    // Two people with one name have written.
    let store = chela_store::SqliteStore::open(&site.state().join("chela.db")).unwrap();
    for (id, person) in [("m1", "chen1"), ("m2", "chen2")] {
        let mut message = chela_engine::testing::direct_message(id, person, "在吗");
        message.sender.name = "陈晨".to_owned();
        chela_engine::ports::Store::accept(&store, message, chela_engine::time::Timestamp(1))
            .await
            .unwrap();
    }
    store.close();
    refused(
        "add --every 1h --message 你好 --to 陈晨",
        "CHELA-4053",
        "user:chen1",
    )
    .await;
}

#[tokio::test]
async fn a_reminder_comes_when_it_is_due_and_one_that_cannot_arrive_stays_in_sight() {
    let site = site().await;
    let mut gateway = site.start();
    site.emulator.wait_for_connections(1).await.unwrap();
    let add = async |to: &str| {
        let arguments = [
            "cron",
            "add",
            "--at",
            "+2s",
            "--message",
            "该走了",
            "--to",
            to,
        ];
        let added = json(&site, &arguments).await;
        added["job"]["id"].as_str().unwrap().to_owned()
    };
    let (good, bad) = (add("user:staff0").await, add("user:nobody").await);
    run_of(&site, &good, "delivered").await;
    let failed = run_of(&site, &bad, "delivery_failed").await;
    assert!(!failed["reason"].as_str().unwrap().is_empty());
    let shown = site.emulator.wait_for_answers(&site.chats[0], 1).await;
    assert!(shown.unwrap()[0].text.contains("该走了"));
    // The one that has arrived is forgotten, the other one tells why it has not.
    let waiting = async {
        loop {
            let listed = json(&site, &["cron", "list"]).await;
            let jobs = listed["jobs"].as_array().unwrap().clone();
            if jobs.len() == 1 {
                return jobs[0].clone();
            }
        }
    };
    let left = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    let left = left.expect("the delivered one is forgotten");
    assert_eq!(left["id"], bad.as_str());
    assert_eq!(left["enabled"], false);
    assert_eq!(left["lastRun"]["status"], "delivery_failed");
    let line = String::from_utf8(run(&site, &["cron", "list"]).await.stdout).unwrap();
    assert!(line.contains("停用") && line.contains("没有送达"), "{line}");
    site::terminate(&mut gateway).await;
}
