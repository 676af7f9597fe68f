//! The real client against the local platform, hours of it in a blink: time is paused.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dingtalk::api::{Content, SendToPeople};
use dingtalk::id::{ClientId, RobotCode, UserId};
use dingtalk::stream::{Ack, Handler, Health, Options, Push, State, Stream};
use dingtalk::transport::ReqwestTransport;
use dingtalk::{Client, ClientSecret, Credentials, Message, Settings};
use dingtalk_emulator::Emulator;
use futures_util::future::{self, BoxFuture};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Remembers what it was given.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeSet<String>>>);

impl Handler for Memory {
    fn push(&self, push: Push) -> BoxFuture<'static, Ack> {
        let message = Message::parse(&push.data).expect("the platform pushes messages");
        self.0
            .lock()
            .expect("no panic")
            .insert(message.msg_id.to_string());
        Box::pin(future::ready(Ack::Taken))
    }
}

/// A client in Stream mode.
struct Bot {
    client: Client,
    memory: Memory,
    health: watch::Receiver<Health>,
    /// How far the wall clock has jumped ahead, in milliseconds.
    jumped: Arc<AtomicI64>,
    _running: JoinSet<()>,
}

fn client(emulator: &Emulator, secret: &str) -> Client {
    // Only the first call of a process has an effect.
    drop(rustls::crypto::ring::default_provider().install_default());
    let base = emulator.base_url().parse().expect("an address");
    let settings = Settings {
        endpoint: base,
        oapi_endpoint: emulator.base_url().parse().expect("an address"),
        ..Settings::default()
    };
    let credentials = Credentials {
        client_id: ClientId::new(emulator.app().client_id.as_str()),
        client_secret: ClientSecret::new(secret),
        corp_id: None,
    };
    Client::new(
        settings,
        credentials,
        Arc::new(ReqwestTransport::new(reqwest::Client::new())),
    )
}

fn start(emulator: &Emulator, secret: &str) -> Bot {
    let client = client(emulator, secret);
    let memory = Memory::default();
    let jumped = Arc::new(AtomicI64::new(0));
    let (began, ahead) = (Instant::now(), Arc::clone(&jumped));
    let wall_clock = Arc::new(move || {
        let passed = i64::try_from(began.elapsed().as_millis()).expect("a short test");
        1_790_000_000_000 + passed + ahead.load(Ordering::Relaxed)
    });
    let (stream, health) = Stream::new(
        client.clone(),
        Arc::new(memory.clone()),
        Options::default(),
        wall_clock,
    );
    let mut running = JoinSet::new();
    running.spawn(stream.run(CancellationToken::new()));
    Bot {
        client,
        memory,
        health,
        jumped,
        _running: running,
    }
}

async fn emulator() -> Emulator {
    Emulator::builder()
        .time_ms(1_790_000_000_000)
        .start()
        .await
        .expect("the platform starts")
}

fn secret(emulator: &Emulator) -> String {
    emulator.app().client_secret.reveal().to_owned()
}

#[tokio::test(start_paused = true)]
async fn b05_nothing_is_missed_when_the_platform_disconnects_every_thirty_seconds() {
    let emulator = emulator().await;
    let bot = start(&emulator, &secret(&emulator));
    emulator
        .wait_for_connections(1)
        .await
        .expect("A01: it connects");
    let mut said = BTreeSet::new();
    for tick in 0..12_000 {
        if tick % 600 == 599 {
            assert!(emulator.disconnect_all() > 0);
            // A03: another connection is there before the platform can close this one.
            emulator
                .wait_within(Duration::from_secs(1), |view| view.connections() > 0)
                .await
                .expect("it is replaced");
        }
        said.insert(
            emulator
                .say("林小满", "你好")
                .expect("it is said")
                .message
                .as_str()
                .to_owned(),
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    emulator
        .wait_until(|view| view.oldest_unacked_ms().is_none())
        .await
        .expect("all are acknowledged");
    assert_eq!(*bot.memory.0.lock().expect("no panic"), said);
    assert_eq!(emulator.counters().repeats, 0);
}

#[tokio::test(start_paused = true)]
async fn a04_a_half_open_socket_is_replaced_within_forty_seconds() {
    let emulator = emulator().await;
    let _bot = start(&emulator, &secret(&emulator));
    emulator.wait_for_connections(1).await.expect("it connects");
    let opened = emulator.counters().connections_opened;
    emulator.half_open_all();
    let replaced = |view: &dingtalk_emulator::View<'_>| view.counters().connections_opened > opened;
    emulator
        .wait_within(Duration::from_secs(42), replaced)
        .await
        .expect("it is replaced");
}

#[tokio::test(start_paused = true)]
async fn a05_after_two_hours_without_network_it_is_back_within_a_minute() {
    let emulator = emulator().await;
    let _bot = start(&emulator, &secret(&emulator));
    emulator.wait_for_connections(1).await.expect("it connects");
    emulator.outage(Duration::from_secs(2 * 3_600));
    tokio::time::sleep(Duration::from_secs(2 * 3_600)).await;
    emulator
        .wait_within(Duration::from_secs(60), |view| view.connections() > 0)
        .await
        .expect("it is back");
}

#[tokio::test(start_paused = true)]
async fn b04_after_a_night_of_sleep_the_socket_is_replaced_within_ten_seconds() {
    let emulator = emulator().await;
    let bot = start(&emulator, &secret(&emulator));
    emulator.wait_for_connections(1).await.expect("it connects");
    let opened = emulator.counters().connections_opened;
    bot.jumped.store(8 * 3_600 * 1_000, Ordering::Relaxed);
    let replaced = |view: &dingtalk_emulator::View<'_>| view.counters().connections_opened > opened;
    emulator
        .wait_within(Duration::from_secs(10), replaced)
        .await
        .expect("it is replaced");
}

#[tokio::test(start_paused = true)]
async fn a12_a_wrong_secret_parks_and_says_so() {
    let emulator = emulator().await;
    let mut bot = start(&emulator, "wrong");
    let parked = bot
        .health
        .wait_for(|health| health.state == State::Parked)
        .await
        .expect("it is watched");
    assert_eq!(
        parked.last_error.as_ref().map(|error| error.code.as_str()),
        Some("authFailed")
    );
    drop(parked);
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let tries = emulator.counters().requests;
    assert!((5..20).contains(&tries), "{tries} tries in an hour");
}

#[tokio::test(start_paused = true)]
async fn two_hundred_sends_at_once_are_never_refused_and_share_one_token() {
    let emulator = emulator().await;
    let bot = client(&emulator, &secret(&emulator));
    let robot = RobotCode::new(emulator.app().robot_code.as_str());
    let send = |number: usize| SendToPeople {
        robot: robot.clone(),
        people: vec![UserId::new("manager7675")],
        content: Content::Text {
            text: format!("第{number}条"),
        },
    };
    let sends = (0..200).map(|number| bot.send(send(number)));
    for sent in future::join_all(sends).await {
        sent.expect("it is taken");
    }
    let counters = emulator.counters();
    assert!(counters.refused.is_empty(), "{:?}", counters.refused);
    assert_eq!(counters.requests, 201);
    // A token that the platform has forgotten costs one more fetch and no error.
    emulator.invalidate_tokens();
    tokio::time::sleep(Duration::from_secs(2)).await;
    bot.send(send(200)).await.expect("it is taken");
    assert_eq!(emulator.counters().requests, 204);
}

#[tokio::test(start_paused = true)]
async fn garbage_on_the_socket_ends_nothing() {
    let emulator = emulator().await;
    let bot = start(&emulator, &secret(&emulator));
    emulator.wait_for_connections(1).await.expect("it connects");
    for garbage in [
        "",
        "不是 JSON",
        "[]",
        "{}",
        r#"{"type":"SYSTEM","headers":{"topic":"NEWS"}}"#,
    ] {
        emulator.send_text_frame(garbage);
    }
    emulator.send_binary_frame(vec![0; 100]);
    let said = emulator.say("林小满", "还好吗").expect("it is said");
    emulator
        .wait_until(|view| view.ack_count() > 0)
        .await
        .expect("it is acknowledged");
    assert!(
        bot.memory
            .0
            .lock()
            .expect("no panic")
            .contains(said.message.as_str())
    );
    assert_eq!(emulator.counters().connections_opened, 1);
    assert!(bot.client.check_credentials().await.is_ok());
}
