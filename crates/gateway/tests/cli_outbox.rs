//! `outbox list|retry|drop` of the real binary: on the store while no gateway runs, and through one that does.

mod site;

use std::process::{Output, Stdio};
use std::time::Duration;

use chela_engine::id::OutboxId;
use chela_engine::message::{Destination, Format, InboundMessage, OutboundMessage};
use chela_engine::ports::{Accepted, Clock as _, Finish, Settlement, Store};
use chela_engine::testing::direct_message;
use chela_gateway::clock::SystemClock;
use chela_store::SqliteStore;
use serde_json::Value;
use site::Site;

async fn run(site: &Site, line: &str) -> Output {
    let mut command = site.command();
    command
        .args(line.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.output().await.expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("the output is JSON")
}

fn reply(message: &InboundMessage, body: &str) -> OutboundMessage {
    OutboundMessage {
        destination: Destination {
            channel: message.channel.clone(),
            account: message.account.clone(),
            conversation: message.conversation.clone(),
            person: message.sender.clone(),
            reply_route: message.reply_route.clone(),
            private: false,
        },
        in_reply_to: message.id.clone(),
        part: 1,
        parts: 1,
        format: Format::Text,
        title: "标题".to_owned(),
        body: body.to_owned(),
        attachment: None,
        card: None,
        inquiry: None,
    }
}

/// Three replies that were given up, the second perhaps delivered, and one that waits.
async fn fill(site: &Site) {
    std::fs::create_dir_all(site.state()).expect("a folder can be made");
    let store = SqliteStore::open(&site.state().join("chela.db")).expect("it opens");
    let now = SystemClock.now();
    let message = direct_message("m1", "manager7675", "问");
    let accepted = store.accept(message.clone(), now).await.expect("it works");
    let Accepted::New(sequence) = accepted else {
        panic!("the message is new")
    };
    let replies = ["一", "二", "三", "四"].map(|body| reply(&message, body));
    let finish = Finish {
        sequence,
        joined: Vec::new(),
        outcome: "answer",
        transcript: None,
        spent: None,
        follow_ups: Vec::new(),
        replies: replies.into(),
        at: now,
    };
    store.finish(finish).await.expect("it works");
    for id in [1, 2, 3] {
        let reason = "机器人没有权限\n(request 7)".to_owned();
        if id == 2 {
            let (reason, uncertain) = (reason.clone(), true);
            let unsure = Settlement::Retry { reason, uncertain };
            let settled = store.settle(OutboxId(id), unsure, now).await;
            settled.expect("it works");
        }
        let settled = store.settle(OutboxId(id), Settlement::Failed { reason }, now);
        settled.await.expect("it works");
    }
    store.close();
}

#[tokio::test]
async fn replies_that_were_given_up_are_listed_dropped_and_sent_again() {
    let site = Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await;
    // There has never been a gateway here.
    let nothing = run(&site, "outbox list --json").await;
    assert_eq!(json(&nothing)["rows"], Value::Array(Vec::new()));
    let nobody = run(&site, "outbox drop 7").await;
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody).contains("7：没有这一条"), "{nobody:?}");

    fill(&site).await;
    let listed = run(&site, "outbox list").await;
    let listed = text(&listed);
    let lines: Vec<Vec<&str>> = listed
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), 4, "{listed}");
    assert!(lines.iter().all(|line| line.len() == 8), "{listed}");
    assert_eq!(lines[0][1], "发送失败");
    assert_eq!(lines[1][1], "结果不明");
    assert!(lines[1][7].starts_with("可能已经送达：机器人没有权限 (request 7)"));
    assert_eq!((lines[3][0], lines[3][1]), ("4", "待发送"));

    let careful = run(&site, "outbox retry 2 4 --json").await;
    assert_eq!(careful.status.code(), Some(1));
    let handled = &json(&careful)["rows"];
    assert_eq!(handled[0]["result"], "uncertain");
    assert_eq!(handled[1]["result"], "waiting");
    let dropped = run(&site, "outbox drop 3 4 --lang en").await;
    assert_eq!(dropped.status.code(), Some(0));
    assert_eq!(text(&dropped), "3: dropped\n4: dropped\n");
    let forced = run(&site, "outbox retry 2 --force").await;
    assert_eq!(text(&forced), "2：将重新发送，新编号 5\n");

    // What a gateway that runs holds is dealt with by it.
    let _gateway = site.start();
    let connected = site.emulator.wait_for_connections(1).await;
    connected.expect("the gateway connects");
    let chat = site.emulator.direct("林小满").expect("she exists");
    let answers = site.emulator.wait_for_answers(&chat, 1).await;
    assert_eq!(answers.expect("it is sent")[0].text, "二");
    let all = run(&site, "outbox retry --all --json").await;
    assert_eq!(all.status.code(), Some(0), "{all:?}");
    assert_eq!(json(&all)["rows"][0]["result"], "queued");
    let answers = site.emulator.wait_for_answers(&chat, 2).await;
    assert_eq!(answers.expect("it is sent")[1].text, "一");
    let none = run(&site, "outbox drop --all").await;
    assert_eq!(text(&none), "没有发送失败的回复。\n");
}

#[tokio::test]
async fn a_wrong_command_line_is_told() {
    let site = Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await;
    for line in [
        "outbox retry",
        "outbox drop",
        "outbox retry x",
        "outbox retry 1 --all",
    ] {
        let output = run(&site, line).await;
        assert_eq!(output.status.code(), Some(64), "{line}: {output:?}");
    }
}
