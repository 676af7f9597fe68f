//! What is pushed and what is answered: in time, whatever else happens, and never by mistake.

use std::time::Duration;

use dingtalk::stream::State;
use dingtalk_emulator::{Emulator, RawPush};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{PERSON, Robot, platform};

fn say(emulator: &Emulator, text: &str) -> String {
    let said = emulator.say(PERSON, text).expect("it is said");
    assert!(said.is_pushed());
    said.message.as_str().to_owned()
}

async fn acknowledged(emulator: &Emulator, count: u64) {
    emulator
        .wait_until(|view| view.ack_count() >= count)
        .await
        .expect("they are acknowledged");
    assert_eq!(emulator.counters().acks, count);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_now_comes_again_after_a_minute() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    let message = say(&emulator, "later");
    let began = Instant::now();
    let seen = robot.handler.wait_for(2).await;
    assert_eq!(began.elapsed().as_secs(), 60);
    assert!(
        seen.iter()
            .all(|one| one.message.as_ref() == Some(&message))
    );
    assert_ne!(seen[0].push, seen[1].push);
    acknowledged(&emulator, 1).await;
}

#[tokio::test(start_paused = true)]
async fn one_slow_handler_delays_nobody_else() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    say(&emulator, "hang");
    for _ in 0..100 {
        say(&emulator, "你好");
    }
    acknowledged(&emulator, 100).await;
    assert!(emulator.counters().longest_ack < Duration::from_millis(500));
    robot.handler.release();
    acknowledged(&emulator, 101).await;
    assert_eq!(emulator.counters().unknown_acks, 0);
}

#[tokio::test(start_paused = true)]
async fn at_most_1024_pushes_are_on_their_way() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    for _ in 0..1_100 {
        say(&emulator, "hang");
    }
    robot.handler.wait_for(1_024).await;
    tokio::time::sleep(Duration::from_secs(50)).await;
    assert_eq!(robot.handler.seen().len(), 1_024);
    // That we did not listen says nothing about the platform.
    assert_eq!(emulator.counters().connections_opened, 1);
    robot.handler.release();
    acknowledged(&emulator, 1_100).await;
    assert_eq!(robot.handler.messages().len(), 1_100);
}

#[tokio::test(start_paused = true)]
async fn at_the_end_what_is_on_its_way_is_answered_and_nobody_waits_for_what_hangs() {
    let emulator = platform().await;
    let mut robot = Robot::connected(&emulator).await;
    for text in ["hang", "slow 1", "slow 3"] {
        say(&emulator, text);
    }
    robot.handler.wait_for(3).await;
    let began = Instant::now();
    robot.stop().await;
    assert_eq!(began.elapsed().as_secs(), 5);
    acknowledged(&emulator, 2).await;
    assert_eq!(robot.health.borrow().state, State::Stopped);
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_no_frame_ends_the_connection() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let garbage = ["", "不是 JSON", "[]", "{}", "\0", r#"{"type":7}"#, &deep];
    for frame in garbage {
        assert!(emulator.send_text_frame(frame));
    }
    assert!(emulator.send_binary_frame(vec![0xff; 100_000]));
    assert!(emulator.send_text_frame(r#"{"type":"SYSTEM","headers":{"topic":"KEEPALIVE"}}"#));
    let message = say(&emulator, "还好吗");
    acknowledged(&emulator, 1).await;
    assert!(robot.handler.messages().contains(&message));
    assert_eq!(emulator.counters().connections_opened, 1);
    let counted = robot.health.borrow().malformed_frames;
    assert_eq!(counted, garbage.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_asked_for_or_makes_no_sense_is_refused_by_its_id() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    for kind in [json!("CALLBACK"), json!(7)] {
        let headers = json!({"topic": "/v1.0/graph/api/invoke", "messageId": "p1"});
        emulator
            .send_text_frame(json!({"type": kind, "headers": headers, "data": "{}"}).to_string());
    }
    // The platform has never heard of them, and says so.
    emulator
        .wait_until(|view| view.counters().unknown_acks == 2)
        .await
        .expect("both are refused");
    assert!(robot.handler.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_megabyte_in_one_frame_is_a_message_like_any_other() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    let text = "长".repeat(350_000);
    let data = json!({"msgId": "msgLong==", "conversationId": "cidLong+/=", "msgtype": "text", "text": {"content": text}});
    emulator
        .push(RawPush::bot_message(data.to_string()))
        .expect("the app is known");
    acknowledged(&emulator, 1).await;
    assert!(robot.handler.messages().contains("msgLong=="));
}
