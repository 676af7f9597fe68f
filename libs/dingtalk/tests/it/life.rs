//! The life of connections: opened, kept, replaced before they break, opened again after they broke.

use std::collections::BTreeSet;
use std::time::Duration;

use dingtalk::ErrorKind;
use dingtalk::stream::{State, Topic};
use dingtalk_emulator::{App, Emulator, Fate, RawPush, World};
use tokio::time::Instant;

use crate::support::{OPEN, PERSON, Robot, client_of, opened, platform, requests};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn a01_connected_within_ten_seconds_to_all_topics() {
    let emulator = platform().await;
    let robot = Robot::start(crate::support::client(&emulator));
    emulator
        .wait_within(Duration::from_secs(10), |view| view.connections() == 1)
        .await
        .expect("it connects");
    // The platform pushes nothing that was not subscribed.
    let click = RawPush::callback("/v1.0/card/instances/callback", "{}");
    let event = RawPush::event("user_leave_org", "event-1", "{}");
    assert!(
        emulator
            .say(PERSON, "你好")
            .expect("it is said")
            .is_pushed()
    );
    for push in [click, event] {
        assert_eq!(emulator.push(push).expect("it is known"), Fate::Pushed);
    }
    let seen = robot.handler.wait_for(3).await;
    let topics: Vec<Topic> = seen.into_iter().map(|seen| seen.topic).collect();
    let event = Topic::Event("user_leave_org".to_owned());
    assert_eq!(topics, [Topic::RobotMessage, Topic::CardCallback, event]);
    emulator
        .wait_until(|view| view.ack_count() == 3)
        .await
        .expect("all are acknowledged");
}

#[tokio::test(start_paused = true)]
async fn a02_pings_are_answered_and_keep_a_connection_for_hours() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    // The platform pings every 25 s and closes behind three that are not echoed.
    tokio::time::sleep(5 * HOUR).await;
    let counters = emulator.counters();
    assert_eq!(counters.connections_opened, 1);
    assert_eq!((counters.bad_frames, counters.unknown_acks), (0, 0));
    assert_eq!(robot.health.borrow().state, State::Connected);
}

#[tokio::test(start_paused = true)]
async fn a03_the_next_connection_is_open_before_the_last_is_left() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    tokio::time::sleep(HOUR).await;
    emulator.say(PERSON, "slow 5").expect("it is said");
    robot.handler.wait_for(1).await;
    emulator.disconnect_all();
    emulator
        .wait_within(Duration::from_secs(1), |view| {
            view.connections() == 1 && view.sockets() == 2
        })
        .await
        .expect("both are open");
    // What came on the one is answered there while the other already takes messages.
    emulator.say(PERSON, "你好").expect("it is said");
    emulator
        .wait_until(|view| view.ack_count() == 2)
        .await
        .expect("both messages are acknowledged");
    emulator
        .wait_until(|view| view.sockets() == 1)
        .await
        .expect("the old one is left");
    let counters = emulator.counters();
    assert_eq!((counters.unknown_acks, counters.repeats), (0, 0));
    assert_eq!(robot.health.borrow().state, State::Connected);
}

#[tokio::test(start_paused = true)]
async fn a04_a_half_open_socket_is_replaced_within_forty_seconds() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    emulator.half_open_all();
    emulator
        .wait_within(Duration::from_secs(41), opened(2))
        .await
        .expect("it is replaced");
    // The platform goes on choosing the dead connection for a while.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(
        emulator
            .say(PERSON, "你好")
            .expect("it is said")
            .is_pushed()
    );
    robot.handler.wait_for(1).await;
}

#[tokio::test(start_paused = true)]
async fn a05_after_two_hours_without_network_it_is_back_within_a_minute() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    emulator.outage(2 * HOUR);
    tokio::time::sleep(2 * HOUR).await;
    assert_eq!(robot.health.borrow().state, State::Reconnecting);
    emulator
        .wait_within(Duration::from_secs(60), |view| view.connections() == 1)
        .await
        .expect("it is back");
    emulator.say(PERSON, "你好").expect("it is said");
    robot.handler.wait_for(1).await;
    assert_eq!(robot.health.borrow().state, State::Connected);
}

#[tokio::test(start_paused = true)]
async fn b04_after_a_night_of_sleep_the_socket_is_replaced_within_ten_seconds() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    // A bad evening must not make the morning slower.
    emulator.outage(HOUR);
    tokio::time::sleep(HOUR).await;
    emulator.wait_for_connections(1).await.expect("it is back");
    let made = emulator.counters().connections_opened;
    robot.sleep(8 * HOUR);
    emulator
        .wait_within(Duration::from_secs(10), opened(made + 1))
        .await
        .expect("it is replaced");
}

#[tokio::test(start_paused = true)]
async fn b05_nothing_is_missed_when_the_platform_disconnects_every_thirty_seconds() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    let mut said = BTreeSet::new();
    for tick in 0..12_000 {
        if tick % 600 == 599 {
            assert_eq!(emulator.disconnect_all(), 1);
            // What people write while nobody is connected is lost on the platform.
            emulator
                .wait_within(Duration::from_secs(1), |view| view.connections() > 0)
                .await
                .expect("it is replaced");
        }
        let message = emulator.say(PERSON, "你好").expect("it is said").message;
        said.insert(message.as_str().to_owned());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    emulator
        .wait_until(|view| view.ack_count() == 12_000)
        .await
        .expect("all are acknowledged");
    assert_eq!(robot.handler.messages(), said);
    let counters = emulator.counters();
    assert_eq!((counters.lost_pushes, counters.repeats), (0, 0));
    assert_eq!(counters.connections_opened, 21);
}

#[tokio::test(start_paused = true)]
async fn a12_wrong_secrets_park_one_app_until_they_are_right() {
    let other = App::new("dingother0clientid", "other-secret", "小助");
    let world = World::demo().app(other.clone());
    let emulator = Emulator::builder().world(world).start().await;
    let emulator = emulator.expect("the platform starts");
    let (base_url, port) = (emulator.base_url(), emulator.address().port());
    let fresh = App::new(emulator.app().client_id.as_str(), "fresh-secret", "小钳");
    let mut robot = Robot::start(client_of(&base_url, &fresh));
    let neighbour = Robot::start(client_of(&base_url, &other));

    let parked = robot
        .health
        .wait_for(|health| health.state == State::Parked);
    let error = parked.await.expect("it is watched").last_error.clone();
    let error = error.expect("it says why");
    assert_eq!(
        (error.kind.clone(), error.to_string().as_str()),
        (ErrorKind::Auth, "authFailed: 鉴权失败")
    );
    emulator
        .wait_until(|view| view.connections_of(&other.robot_code) == 1)
        .await
        .expect("the other app runs");
    tokio::time::sleep(HOUR).await;
    let tries = requests(&emulator, OPEN) - 1;
    assert!((10..=15).contains(&tries), "{tries} tries in an hour");
    assert_eq!(neighbour.health.borrow().connections, 1);

    // Somebody gives the app on the platform the secret that we have.
    emulator.stop().await;
    let world = World::new("示例科技").app(fresh);
    let emulator = Emulator::builder().world(world).port(port).start().await;
    let emulator = emulator.expect("the port is free again");
    let connected = robot
        .health
        .wait_for(|health| health.state == State::Connected);
    let waited = tokio::time::timeout(Duration::from_secs(300), connected).await;
    waited.expect("it is tried again").expect("it is watched");
    assert_eq!(emulator.look(|view| view.connections()), 1);
}

#[tokio::test(start_paused = true)]
async fn every_socket_has_a_ticket_of_its_own() {
    let emulator = platform().await;
    let _robot = Robot::connected(&emulator).await;
    for made in 2..8 {
        if made % 2 == 0 {
            emulator.cut_all();
        } else {
            emulator.reset_all();
        }
        let reopened = emulator.wait_within(Duration::from_secs(60), opened(made));
        reopened.await.expect("it connects again");
    }
    // A ticket that was used before, or for too long, would have been refused.
    assert_eq!(requests(&emulator, OPEN), 7);
    assert!(emulator.counters().refused.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_disconnects_at_once_is_not_answered_with_a_storm() {
    let emulator = platform().await;
    let _robot = Robot::connected(&emulator).await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        emulator.disconnect_all();
        let replaced =
            emulator.wait_within(Duration::from_secs(30), |view| view.connections() == 1);
        replaced.await.expect("it is replaced");
    }
    let made = emulator.counters().connections_opened;
    assert!((3..=62).contains(&made), "{made} connections in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_busy_gateway_is_tried_again_when_it_said() {
    let emulator = platform().await;
    for status in [503, 429, 500, 502] {
        emulator.fault(dingtalk_emulator::Fault::status(status).on(OPEN));
    }
    emulator.fault(dingtalk_emulator::Fault::stall().on(OPEN));
    let _robot = Robot::start(crate::support::client(&emulator));
    emulator
        .wait_within(Duration::from_secs(60), |view| view.connections() == 1)
        .await
        .expect("it connects in the end");
}

#[tokio::test(start_paused = true)]
async fn b06_a_panic_of_the_handler_costs_its_connection_and_nothing_else() {
    let emulator = platform().await;
    let robot = Robot::connected(&emulator).await;
    emulator.say(PERSON, "panic 0").expect("it is said");
    emulator
        .wait_until(opened(2))
        .await
        .expect("it is replaced");
    // Two minutes later the repetition of that message has had its effect too.
    tokio::time::sleep(Duration::from_secs(120)).await;
    let made = emulator.counters().connections_opened;

    // A connection that is being replaced takes the one in use not with it.
    emulator.say(PERSON, "panic 5").expect("it is said");
    robot.handler.wait_for(3).await;
    emulator.disconnect_all();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(emulator.counters().connections_opened, made + 1);
    assert_eq!(robot.health.borrow().state, State::Connected);
}
