//! Whatever arrives at the real binary, whole or broken: each message is answered once or visibly refused, the process lives,
//! and its memory stays bounded.

mod site;

use std::time::Duration;

use dingtalk_emulator::{Fate, RawPush, View};
use serde_json::{Value, json};
use site::relay::Relay;
use site::{Site, colleague, terminate};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the process may need at its worst, in KiB. It stood at 70 MB when this was written.
const MEMORY: u64 = 160 * 1024;

#[tokio::test]
async fn messages_of_all_kinds_are_answered_once_or_refused() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let mut gateway = site.start_after("");
    let platform = &site.emulator;
    platform
        .wait_for_connections(1)
        .await
        .expect("the gateway connects");
    let push = |data: String| {
        let fate = platform.push(RawPush::bot_message(data)).unwrap();
        assert_eq!(fate, Fate::Pushed);
    };

    let mut hologram = message("unknown kind", "");
    hologram["msgtype"] = "hologram".into();
    let taken = [
        message("NUL", "a\0b").to_string(),
        message("long", &"x".repeat(1_000_000)).to_string(),
        message("half", "H 半个")
            .to_string()
            .replace('H', "\\ud83d"),
        hologram.to_string(),
    ];
    taken.into_iter().for_each(push);
    for _ in 0..50 {
        push(message("again and again", "很多次").to_string());
    }
    let mut from_nobody = message("from nobody", "问");
    let fields = from_nobody.as_object_mut().unwrap();
    fields.retain(|name, _| !name.starts_with("sender"));
    let refused = [
        String::new(),
        "不是 JSON".to_owned(),
        "[]".to_owned(),
        "[".repeat(200_000),
        json!({"msgId": "nowhere", "senderStaffId": "staff1"}).to_string(),
        from_nobody.to_string(),
    ];
    let count = u64::try_from(refused.len()).unwrap();
    refused.into_iter().for_each(push);

    let settled = |view: &View<'_>| view.answer_count() >= 5 && view.oldest_unacked_ms().is_none();
    let settled = platform.wait_within(PATIENCE, settled).await;
    assert!(settled.is_ok(), "{}", site.printed());
    site.assert_answered_once(&[
        "ab",
        "1000000 个字",
        "\u{fffd} 半个",
        "[暂不支持的消息类型：hologram]",
        "很多次",
    ]);
    let counters = platform.counters();
    assert_eq!((counters.refusing_acks, counters.repeats), (count, 0));
    assert_eq!(
        site.printed().matches("code=CHELA-3008").count(),
        6,
        "{}",
        site.printed()
    );
    still_answers(&site, 5).await;
    site::assert_memory(&gateway, MEMORY);
    terminate(&mut gateway).await;
}

#[tokio::test]
async fn frames_that_are_none_cost_at_most_their_connection() {
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::ZERO).await;
    let platform = &site.emulator;
    let relay = Relay::before(platform.address()).await;
    site.configure(|config| {
        config["channels"]["dingtalk"]["endpoint"] = format!("http://{}", relay.address).into();
    });
    let mut gateway = site.start_after("");
    platform
        .wait_for_connections(1)
        .await
        .expect("the gateway connects");

    let frames = [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "\0",
        r#"{"type":"CALLBACK"}"#,
        r#"{"type":"SYSTEM"}"#,
        r#"{"type":"CALLBACK","headers":[],"data":[]}"#,
        r#"{"type":"HOLOGRAM","headers":{"messageId":"m1","topic":"t"}}"#,
        r#"{"type":7,"headers":{"messageId":"m2"}}"#,
    ];
    for frame in frames {
        assert!(platform.send_text_frame(frame));
    }
    assert!(platform.send_text_frame("[".repeat(1_000_000)));
    assert!(platform.send_binary_frame(vec![0xff; 300_000]));
    platform
        .push(RawPush::callback("/v1.0/hologram", "{}"))
        .unwrap();
    platform
        .push(RawPush::event("hologram", "e1", "\u{0}"))
        .unwrap();
    still_answers(&site, 0).await;
    assert_eq!(platform.counters().connections_opened, 1);
    assert!(
        site.printed().contains("收到看不懂的推送"),
        "{}",
        site.printed()
    );

    // Broken UTF-8 in a text frame, then what is no WebSocket at all: another connection takes over.
    for (answered, bytes) in [(1, vec![0x81, 0x03, 0xff, 0xfe, 0xfd]), (2, vec![0xff; 40])] {
        let opened = platform.counters().connections_opened;
        relay.inject(bytes);
        replaced(&site, opened).await;
        still_answers(&site, answered).await;
    }
    // A frame sixteen times as long as the platform's longest.
    let opened = platform.counters().connections_opened;
    let huge = message("huge", &"x".repeat(5_000_000)).to_string();
    platform.push(RawPush::bot_message(huge)).unwrap();
    replaced(&site, opened).await;
    still_answers(&site, 3).await;
    site::assert_memory(&gateway, MEMORY);
    terminate(&mut gateway).await;
}

/// A message of 同事1号 as the platform pushes it (protocol reference §3.2), without a session webhook.
fn message(id: &str, text: &str) -> Value {
    json!({
        "msgId": id,
        "conversationId": "cid/made+up=",
        "conversationType": "1",
        "senderId": "$:LWCP_v1:$made-up",
        "senderStaffId": "staff1",
        "senderNick": colleague(1),
        "chatbotUserId": "$:LWCP_v1:$bot",
        "createAt": 1_790_000_000_000_i64,
        "msgtype": "text",
        "text": {"content": text},
    })
}

/// A question comes to its one answer, after so many others.
async fn still_answers(site: &Site, before: u64) {
    let said = site
        .emulator
        .say(&colleague(2), "还在吗")
        .expect("it is said");
    let answered =
        |view: &View<'_>| view.answer_count() > before && view.oldest_unacked_ms().is_none();
    let answered = site.emulator.wait_within(PATIENCE, answered).await;
    assert!(answered.is_ok(), "{}", site.printed());
    let answers = site.emulator.answers(&said.conversation);
    let own = answers
        .iter()
        .filter(|shown| shown.answers.as_ref() == Some(&said.message));
    assert_eq!(own.count(), 1, "{answers:?}");
    assert_eq!(site.emulator.look(|view| view.answer_count()), before + 1);
}

async fn replaced(site: &Site, opened: u64) {
    let replaced =
        |view: &View<'_>| view.counters().connections_opened > opened && view.connections() == 1;
    let replaced = site.emulator.wait_within(PATIENCE, replaced).await;
    assert!(replaced.is_ok(), "{}", site.printed());
}
