//! The HTTP side (protocol reference §9.1, §9.4): one file for each concern, and what they share.

#![allow(clippy::unwrap_used, reason = "a failure in a helper is a failed test")]

mod cards;
mod custom_robots;
mod drive;
mod faults;
mod kinds;
mod limits;
mod media;
mod quotes;
mod reactions;
mod recall;
mod sending;
mod tokens;

#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use dingtalk_emulator::{
    App, AttachmentKind, Audio, Author, Card, ChatRecord, Content, Emulator, Entry, Error, Fault,
    Format, Group, Media, Mention, MessageId, Part, Person, PersonId, Quota, QuotaSpelling,
    QuoteShape, QuotedText, RecordShape, Utterance, Via, World,
};
use serde_json::{Value, json};
use support::{ACCESS_TOKEN, BATCH_SEND, GROUP_SEND, Http, Socket, data};

const PERSON: &str = "林小满";
const STAFF: &str = "manager7675";
const GROUP: &str = "项目讨论群";
const DOWNLOAD: &str = "/v1.0/robot/messageFiles/download";

fn png(text: &str) -> Media {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend_from_slice(text.as_bytes());
    Media::new("截图.png", bytes)
}

/// One of everything that the checks distinguish: two applications, one person whom only the second one sees.
fn world() -> World {
    let first = App::new("dingfirst", "secret-1", "小钳").visible_only_to([STAFF, "0425zhou"]);
    let second = App::new("dingsecond", "secret-2", "小螯").robot_code("robot-two");
    World::new("示例科技")
        .group(
            Group::new("项目讨论群")
                .bot(&first)
                .members([STAFF, "0425zhou"]),
        )
        .group(Group::new("没有机器人的群").members([STAFF]))
        .app(first)
        .app(second)
        .person(Person::new(PERSON, STAFF))
        .person(Person::new("周大川", "0425zhou"))
        .person(Person::new("何青禾", "0812-He_Qinghe"))
        .person(Person::new("来访者", "guest").external())
}

async fn start() -> (Emulator, Http) {
    let emulator = Emulator::builder().world(world()).start().await.unwrap();
    let http = Http::of(&emulator);
    (emulator, http)
}

fn batch(changes: Value) -> Value {
    let base = json!({"robotCode": "dingfirst", "userIds": [STAFF], "msgKey": "sampleText", "msgParam": "{\"content\":\"hi\"}"});
    changed(base, changes)
}

/// `null` removes a field.
fn changed(mut base: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

/// What a bot gets of an utterance.
async fn pushed(emulator: &Emulator, socket: &mut Socket, utterance: &Utterance) -> Value {
    emulator.utter(utterance).unwrap();
    let frame = socket.push().await.unwrap();
    socket.ack(&frame).await;
    data(&frame)
}

/// A refusal's code, of either host.
fn code(answer: &support::Answer) -> (u16, Value) {
    let (status, body) = answer.refusal();
    let code = if body["code"].is_null() {
        body["errcode"].clone()
    } else {
        body["code"].clone()
    };
    (status, code)
}

/// A session webhook of the group, and the conversation.
async fn webhook(emulator: &Emulator, utterance: Utterance) -> (String, Value) {
    let mut socket = Socket::connect(emulator).await;
    emulator.utter(&utterance).unwrap();
    let frame = socket.push().await.unwrap();
    socket.ack(&frame).await;
    socket.close().await;
    emulator
        .wait_until(|view| view.connections() == 0)
        .await
        .unwrap();
    let data = data(&frame);
    (data["sessionWebhook"].as_str().unwrap().to_owned(), data)
}
