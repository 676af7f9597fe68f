//! The Stream gateway (protocol reference §9.2): tickets, pushes, acknowledgements, repeats, ends of connections.

mod support;

use std::time::Duration;

use dingtalk_emulator::{DeadPushes, Emulator, Fate, Fault, RawPush, Utterance};
use serde_json::json;
use support::{Http, OPEN, Socket, data, open_body, ticket};
use tokio_tungstenite::tungstenite::{Error, Message};

const PERSON: &str = "林小满";

#[tokio::test(start_paused = true)]
async fn a_message_is_pushed_acknowledged_and_answered() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    let said = emulator.say(PERSON, "你好").unwrap();
    assert!(said.is_pushed());

    let frame = socket.push().await.unwrap();
    assert_eq!(
        (&frame["specVersion"], &frame["type"]),
        (&json!("1.0"), &json!("CALLBACK"))
    );
    assert_eq!(frame["headers"]["topic"], "/v1.0/im/bot/messages/get");
    assert_eq!(frame["headers"]["contentType"], "application/json");
    assert!(frame["headers"]["time"].is_string());
    let data = data(&frame);
    assert_eq!(data["msgId"], said.message.as_str());
    assert_eq!(data["conversationType"], "1");
    assert_eq!(data["senderStaffId"], "manager7675");
    assert_eq!(data["text"], json!({"content": "你好"}));
    assert_eq!(data["robotCode"], emulator.app().robot_code.as_str());
    let expiry =
        data["sessionWebhookExpiredTime"].as_i64().unwrap() - data["createAt"].as_i64().unwrap();
    assert!((5_400_000..5_400_300).contains(&expiry), "{expiry}");
    socket.ack(&frame).await;

    let webhook = data["sessionWebhook"].as_str().unwrap();
    let body = json!({"msgtype": "text", "text": {"content": "你好，我是小钳"}});
    assert_eq!(
        Http::of(&emulator).post(webhook, &body).await.json(),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    let answers = emulator
        .wait_for_answers(&said.conversation, 1)
        .await
        .unwrap();
    assert_eq!(answers[0].text, "你好，我是小钳");
    assert_eq!(answers[0].answers.as_ref(), Some(&said.message));
    emulator
        .wait_until(|view| view.ack_count() == 1)
        .await
        .unwrap();
    let steps: Vec<String> = emulator.look(|view| {
        view.way(&said.message)
            .unwrap()
            .steps
            .iter()
            .map(|step| step.name.clone())
            .collect()
    });
    assert_eq!(steps, ["said", "pushed", "acked", "delivered"]);
    assert_eq!(emulator.counters().unacked, 0);
    emulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_group_hears_only_what_mentions_the_bot() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    let ignored = emulator
        .utter(&Utterance::text(PERSON, "大家好").in_group("项目讨论群"))
        .unwrap();
    assert!(ignored.deliveries.is_empty());
    let said = emulator
        .say_in_group(PERSON, "项目讨论群", "预算是多少？")
        .unwrap();

    let data = data(&socket.push().await.unwrap());
    assert_eq!(data["text"]["content"], " 预算是多少？");
    assert_eq!(
        (&data["conversationTitle"], &data["isInAtList"]),
        (&json!("项目讨论群"), &json!(true))
    );
    assert_eq!(
        data["atUsers"],
        json!([{"dingtalkId": data["chatbotUserId"]}])
    );
    let id = data["conversationId"].as_str().unwrap();
    assert!(
        id.starts_with("cid")
            && ["/", "+", "="]
                .iter()
                .all(|character| id.contains(character)),
        "{id}"
    );
    let texts: Vec<String> = emulator
        .conversation(&said.conversation)
        .into_iter()
        .map(|shown| shown.text)
        .collect();
    assert_eq!(texts, ["大家好", "@小钳 预算是多少？"]);
}

#[tokio::test(start_paused = true)]
async fn an_unacknowledged_message_comes_again_once_after_a_minute() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    let said = emulator.say(PERSON, "一").unwrap();
    let first = socket.push().await.unwrap();
    let pushed = tokio::time::Instant::now();
    let second = socket.push().await.unwrap();
    assert_eq!(pushed.elapsed().as_secs(), 60);
    assert_ne!(
        first["headers"]["messageId"],
        second["headers"]["messageId"]
    );
    assert_ne!(first["headers"]["time"], second["headers"]["time"]);
    assert_eq!(first["data"], second["data"]);
    // The first push is over: only the second can be acknowledged, and then nothing comes any more.
    socket.ack(&first).await;
    socket.ack(&second).await;
    emulator
        .wait_until(|view| view.ack_count() == 1)
        .await
        .unwrap();
    let counters = emulator.counters();
    assert_eq!(
        (counters.pushes, counters.repeats, counters.unknown_acks),
        (2, 1, 1)
    );

    emulator.say(PERSON, "二").unwrap();
    for _ in 0..2 {
        socket.push().await.unwrap();
    }
    emulator
        .wait_within(Duration::from_secs(90), |view| {
            view.counters().given_up == 1
        })
        .await
        .unwrap();
    assert_eq!(
        emulator.look(|view| view.pushes_of(&said.message).count()),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_ticket_works_once_and_for_ninety_seconds() {
    let emulator = Emulator::builder().start().await.unwrap();
    let http = Http::of(&emulator);
    let url = |(endpoint, ticket): (String, String)| format!("{endpoint}?ticket={ticket}");
    let used = url(ticket(&http, &open_body(&emulator)).await);
    let late = url(ticket(&http, &open_body(&emulator)).await);
    let _socket = Socket::handshake(&emulator, &used)
        .await
        .expect("the first use");
    assert_refused(Socket::handshake(&emulator, &used).await.err());
    tokio::time::advance(Duration::from_millis(90_001)).await;
    assert_refused(Socket::handshake(&emulator, &late).await.err());
    let unknown = format!("ws://{}/connect", emulator.address());
    assert_refused(Socket::handshake(&emulator, &unknown).await.err());
}

fn assert_refused(error: Option<Error>) {
    assert!(
        matches!(&error, Some(Error::Http(response)) if response.status() == 400),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn opening_is_validated() {
    let emulator = Emulator::builder().start().await.unwrap();
    let http = Http::of(&emulator);
    let mut body = open_body(&emulator);
    let xml = http.post(OPEN, &body).await;
    assert!(
        xml.text.starts_with("<?xml") && xml.text.contains("<ticket>"),
        "{}",
        xml.text
    );

    body["clientSecret"] = json!("wrong");
    assert_eq!(
        http.post(OPEN, &body).await.refusal(),
        (401, json!({"code": "authFailed", "message": "鉴权失败"}))
    );
    for subscriptions in [
        json!(null),
        json!([]),
        json!([{"type": "EVENT", "topic": "x"}]),
        json!([{"type": "OTHER", "topic": "*"}]),
    ] {
        let mut body = open_body(&emulator);
        body["subscriptions"] = subscriptions;
        let expected = (
            400,
            json!({"code": "invalidParameter", "message": "subscriptions invalid"}),
        );
        assert_eq!(http.post(OPEN, &body).await.refusal(), expected);
    }
    let broken = http
        .request("POST", OPEN)
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(http.send(broken).await.unwrap().status, 400);
}

#[tokio::test(start_paused = true)]
async fn after_a_disconnect_frame_nothing_comes_and_tcp_ends_in_ten_seconds() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut old = Socket::connect(&emulator).await;
    let pending = emulator.say(PERSON, "零").unwrap();
    let unacked = old.push().await.unwrap();
    assert_eq!(emulator.disconnect_all(), 1);
    let frame = old.push().await.unwrap();
    assert_eq!(
        (&frame["type"], &frame["headers"]["topic"]),
        (&json!("SYSTEM"), &json!("disconnect"))
    );
    assert_eq!(data(&frame), json!({"reason": "connection is expired"}));
    let noticed = tokio::time::Instant::now();
    assert_eq!(
        emulator.say(PERSON, "一").unwrap().deliveries[0].fate,
        Fate::NobodyConnected
    );

    let mut new = Socket::connect(&emulator).await;
    assert!(emulator.say(PERSON, "二").unwrap().is_pushed());
    assert_eq!(data(&new.push().await.unwrap())["text"]["content"], "二");
    // What was pushed before the frame can still be acknowledged on the old socket.
    old.ack(&unacked).await;
    emulator
        .wait_until(|view| {
            view.pushes_of(&pending.message)
                .all(|push| push.acked_at_ms.is_some())
        })
        .await
        .unwrap();
    let end = old.raw().await;
    assert!(
        matches!(end, Some(Err(_)) | None),
        "no close frame: {end:?}"
    );
    assert_eq!(noticed.elapsed().as_secs(), 10);
    assert_eq!(
        emulator.look(|view| (view.connections(), view.sockets())),
        (1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_cut_is_an_end_without_a_close_frame_and_the_platform_notices_late() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    assert_eq!(emulator.cut_all(), 1);
    assert!(matches!(socket.raw().await, Some(Err(_)) | None));
    assert_eq!(
        emulator.say(PERSON, "一").unwrap().deliveries[0].fate,
        Fate::LostOnDeadConnection
    );
    tokio::time::advance(Duration::from_secs(31)).await;
    emulator
        .wait_until(|view| view.counters().lost_pushes == 1)
        .await
        .unwrap();
    emulator.advance(Duration::ZERO);
    assert_eq!(
        emulator.say(PERSON, "二").unwrap().deliveries[0].fate,
        Fate::NobodyConnected
    );
}

#[tokio::test(start_paused = true)]
async fn a_reset_reaches_the_client() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    assert_eq!(emulator.reset_all(), 1);
    assert!(matches!(socket.raw().await, Some(Err(_))));
}

#[tokio::test(start_paused = true)]
async fn pushes_of_a_dead_connection_may_be_repeated_elsewhere() {
    let builder =
        Emulator::builder().configure(|settings| settings.dead_pushes = DeadPushes::Repeated);
    let emulator = builder.start().await.unwrap();
    let _dead = Socket::connect(&emulator).await;
    emulator.half_open_all();
    let said = emulator.say(PERSON, "一").unwrap();
    assert_eq!(said.deliveries[0].fate, Fate::LostOnDeadConnection);
    let mut socket = Socket::connect(&emulator).await;
    let began = tokio::time::Instant::now();
    assert_eq!(
        data(&socket.push().await.unwrap())["msgId"],
        said.message.as_str()
    );
    assert!(
        (59..=60).contains(&began.elapsed().as_secs()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_half_open_connection_is_silent_but_stays() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    assert_eq!(emulator.half_open_all(), 1);
    emulator.say(PERSON, "一").unwrap();
    socket.write(Message::Ping(vec![1].into())).await;
    socket.silent_for(Duration::from_secs(200)).await;
    assert_eq!(
        emulator.look(|view| (view.connections(), view.counters().acks)),
        (0, 0)
    );
    emulator.advance(Duration::from_secs(900));
    let end = socket.raw().await;
    assert!(
        end.is_none_or(|end| end.is_err()),
        "the operating system gives it up"
    );
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_or_the_connection_ends() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    socket.write(Message::Ping(vec![7].into())).await;
    assert_eq!(
        socket.raw().await.unwrap().unwrap(),
        Message::Pong(vec![7].into())
    );

    let began = tokio::time::Instant::now();
    let ping = socket.frame().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 25);
    assert!(data(&ping)["opaque"].is_string());
    socket
        .answer(&ping, 200, ping["data"].as_str().unwrap())
        .await;
    for _ in 0..3 {
        assert_eq!(socket.frame().await.unwrap()["headers"]["topic"], "ping");
    }
    assert!(
        socket.frame().await.is_none(),
        "three unanswered pings are enough"
    );
    assert_eq!(emulator.counters().unknown_acks, 0);
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_is_noticed_at_once() {
    let emulator = Emulator::builder().start().await.unwrap();
    let socket = Socket::connect(&emulator).await;
    socket.close().await;
    emulator
        .wait_until(|view| view.connections() == 0)
        .await
        .unwrap();
    assert_eq!(
        emulator.say(PERSON, "一").unwrap().deliveries[0].fate,
        Fate::NobodyConnected
    );
}

#[tokio::test(start_paused = true)]
async fn a_vanished_client_stays_in_the_pool_for_a_while() {
    let emulator = Emulator::builder().start().await.unwrap();
    drop(Socket::connect(&emulator).await);
    emulator
        .wait_until(|view| view.connections() == 0)
        .await
        .unwrap();
    assert_eq!(
        emulator.say(PERSON, "一").unwrap().deliveries[0].fate,
        Fate::LostOnDeadConnection
    );
    emulator.advance(Duration::from_secs(30));
    assert_eq!(
        emulator.say(PERSON, "二").unwrap().deliveries[0].fate,
        Fate::NobodyConnected
    );
}

#[tokio::test(start_paused = true)]
async fn pushes_spread_over_sockets_at_random_and_respect_subscriptions() {
    let emulator = Emulator::builder().start().await.unwrap();
    let http = Http::of(&emulator);
    let mut body = open_body(&emulator);
    body["subscriptions"] = json!([{"type": "EVENT", "topic": "*"}]);
    let (endpoint, ticket) = ticket(&http, &body).await;
    let mut events_only = Socket::handshake(&emulator, &format!("{endpoint}?ticket={ticket}"))
        .await
        .unwrap();
    assert_eq!(
        emulator.say(PERSON, "零").unwrap().deliveries[0].fate,
        Fate::NobodySubscribed
    );

    let _sockets = [
        Socket::connect(&emulator).await,
        Socket::connect(&emulator).await,
    ];
    for _ in 0..40 {
        emulator.say(PERSON, "一").unwrap();
    }
    let mut counts = std::collections::BTreeMap::new();
    emulator.look(|view| {
        for push in view.pushes().filter(|push| push.fate == Fate::Pushed) {
            *counts.entry(push.connection.clone()).or_insert(0) += 1;
        }
    });
    assert_eq!(counts.len(), 2, "{counts:?}");
    assert!(counts.values().all(|count| *count > 8), "{counts:?}");
    events_only.silent_for(Duration::from_secs(5)).await;
}

#[tokio::test(start_paused = true)]
async fn an_event_comes_until_it_is_taken() {
    let emulator = Emulator::builder().start().await.unwrap();
    let event = RawPush::event("chat_disband", "event-1", "{}");
    assert_eq!(emulator.push(event).unwrap(), Fate::NobodyConnected);
    let mut socket = Socket::connect(&emulator).await;
    let first = socket.push().await.unwrap();
    assert_eq!(
        (&first["type"], &first["headers"]["eventId"]),
        (&json!("EVENT"), &json!("event-1"))
    );
    socket
        .answer(&first, 200, r#"{"status":"LATER","message":"busy"}"#)
        .await;
    let began = tokio::time::Instant::now();
    let second = socket.push().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 60);
    socket
        .answer(&second, 200, r#"{"status":"SUCCESS","message":"success"}"#)
        .await;
    emulator
        .wait_until(|view| view.ack_count() == 2)
        .await
        .unwrap();
    assert_eq!(emulator.counters().unacked, 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_can_be_delivered_twice_and_again() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    emulator.deliver_twice(1);
    let said = emulator.say(PERSON, "一").unwrap();
    emulator.push_again(&said.message).unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let frame = socket.push().await.unwrap();
        assert_eq!(data(&frame)["msgId"], said.message.as_str());
        ids.push(frame["headers"]["messageId"].to_string());
        socket.ack(&frame).await;
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    emulator
        .wait_until(|view| view.ack_count() == 3)
        .await
        .unwrap();
    assert_eq!(
        emulator.conversation(&said.conversation).len(),
        1,
        "the person typed once"
    );
}

#[tokio::test(start_paused = true)]
async fn anything_can_be_pushed() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    assert!(emulator.send_text_frame("{not json"));
    assert_eq!(
        socket.raw().await.unwrap().unwrap(),
        Message::text("{not json")
    );
    assert!(emulator.send_binary_frame([0xff, 0xfe]));
    assert_eq!(
        socket.raw().await.unwrap().unwrap(),
        Message::binary(vec![0xff, 0xfe])
    );

    let huge = "很".repeat(350_000);
    let error = emulator.say(PERSON, &huge).unwrap_err();
    assert!(
        error.to_string().starts_with("the frame would have"),
        "{error}"
    );
    let raw = RawPush::bot_message(json!({"msgId": "m", "text": {"content": huge}}).to_string());
    assert_eq!(emulator.push(raw).unwrap(), Fate::Pushed);
    assert!(socket.push().await.unwrap()["data"].as_str().unwrap().len() > 1_000_000);

    let sticker = Utterance::other(PERSON, "unknownMsgType", json!({"unknownMsgType": "表情"}))
        .field("senderStaffId", json!(null));
    emulator.utter(&sticker).unwrap();
    let sticker = data(&socket.push().await.unwrap());
    assert_eq!(sticker["msgtype"], "unknownMsgType");
    assert_eq!(sticker.get("senderStaffId"), None);
    emulator.utter(&Utterance::over_quota(PERSON)).unwrap();
    let over = data(&socket.push().await.unwrap());
    assert_eq!(
        (&over["errorCode"], over.get("text")),
        (&json!("20001"), None)
    );
}

#[tokio::test(start_paused = true)]
async fn odd_acknowledgements_are_tolerated_and_counted() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    emulator.say(PERSON, "一").unwrap();
    let frame = socket.push().await.unwrap();
    socket.write(Message::text("hello?")).await;
    let id = &frame["headers"]["messageId"];
    let ack =
        json!({"code": 500, "headers": {"messageId": id, "more": 1}, "data": {"response": null}});
    socket.write(Message::text(ack.to_string())).await;
    emulator
        .wait_until(|view| view.ack_count() == 1)
        .await
        .unwrap();
    let counters = emulator.counters();
    assert_eq!(
        (
            counters.bad_frames,
            counters.odd_acks,
            counters.refusing_acks
        ),
        (1, 1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn an_old_connection_is_asked_to_leave() {
    let builder = Emulator::builder()
        .configure(|settings| settings.connection_lifetime = Some(Duration::from_secs(300)));
    let emulator = builder.start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    let began = tokio::time::Instant::now();
    assert_eq!(
        socket.push().await.unwrap()["headers"]["topic"],
        "disconnect"
    );
    assert_eq!(began.elapsed().as_secs(), 300);
}

#[tokio::test(start_paused = true)]
async fn moods_of_the_platform_can_be_switched_on() {
    let builder = Emulator::builder().configure(|settings| {
        settings.greets = true;
        settings.duplicate_probability = 1.0;
        settings.repeats = 0;
    });
    let emulator = builder.start().await.unwrap();
    let mut socket = Socket::connect(&emulator).await;
    for topic in ["CONNECTED", "REGISTERED"] {
        let frame = socket.push().await.unwrap();
        assert_eq!(
            (&frame["type"], &frame["headers"]["topic"]),
            (&json!("SYSTEM"), &json!(topic))
        );
        socket.ack(&frame).await;
    }
    emulator.say(PERSON, "一").unwrap();
    let first = socket.push().await.unwrap();
    socket.ack(&first).await;
    let duplicate = socket.push().await.unwrap();
    assert_eq!(first["data"], duplicate["data"]);
    socket.ack(&duplicate).await;
    emulator
        .wait_until(|view| view.ack_count() == 2)
        .await
        .unwrap();
    assert_eq!(
        emulator.counters().unacked,
        0,
        "a duplicate has no duplicates"
    );
    emulator.say(PERSON, "二").unwrap();
    // Nobody acknowledges this one, and it is not repeated.
    emulator
        .wait_within(Duration::from_secs(90), |view| {
            view.counters().given_up == 1
        })
        .await
        .unwrap();
    assert_eq!(emulator.counters().unknown_acks, 0);
}

#[tokio::test(start_paused = true)]
async fn faults_strike_the_handshake_too() {
    let emulator = Emulator::builder().start().await.unwrap();
    let (endpoint, ticket) = ticket(&Http::of(&emulator), &open_body(&emulator)).await;
    let url = format!("{endpoint}?ticket={ticket}");
    emulator.fault(Fault::status(503).on("/connect"));
    let refused = Socket::handshake(&emulator, &url).await.err();
    assert!(
        matches!(&refused, Some(Error::Http(response)) if response.status() == 503),
        "{refused:?}"
    );
    emulator.fault(Fault::cut_before().on("/connect"));
    assert!(Socket::handshake(&emulator, &url).await.is_err());
    // The ticket was not used by either, but it is by a handshake whose answer is lost.
    emulator.fault(Fault::lose_response().on("/connect"));
    assert!(Socket::handshake(&emulator, &url).await.is_err());
    assert_refused(Socket::handshake(&emulator, &url).await.err());
}
