//! Crashes, full disks, lost responses, slow platforms: nothing is lost, and nothing is said twice that need not be.

mod support;

use std::time::Duration;

use chela_engine::ports::{DeliveryError, Obstacle, Store, StoreErrorKind};
use chela_engine::settings::Settings;
use chela_engine::testing::direct_message;
use chela_engine::{ports::Accepted, router::AccountRules};
use support::{World, settle};

const HOUR: Duration = Duration::from_secs(3_600);

fn retry() -> DeliveryError {
    DeliveryError::Retry {
        reason: "busy".to_owned(),
        after: None,
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_is_answered_after_a_crash_at_any_moment() {
    // The crash comes after a growing number of scheduler turns, so that it falls between all steps of the path.
    for moment in 0..60 {
        let mut world = World::new();
        world.say(direct_message("m1", "lin", "一")).await;
        world.say(direct_message("m2", "lin", "二")).await;
        for _ in 0..moment {
            tokio::task::yield_now().await;
        }
        world.kill().await;
        world.start();
        settle().await;
        let shown = world.screen.texts();
        // Delivered and not yet written down: the one repeat that a message without idempotency allows.
        let unique: Vec<_> = shown
            .iter()
            .enumerate()
            .filter(|(index, text)| !shown[..*index].contains(text))
            .collect();
        assert_eq!(
            unique
                .iter()
                .map(|(_, text)| text.as_str())
                .collect::<Vec<_>>(),
            ["re: 一", "re: 二"],
            "at {moment}"
        );
        assert!(shown.len() <= 3, "at {moment}: {shown:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answered_message_stays_answered() {
    let mut world = World::new();
    world.say(direct_message("m1", "lin", "一")).await;
    world.screen.count(1).await;
    settle().await;
    world.kill().await;
    world.start();
    world.say(direct_message("m1", "lin", "一")).await;
    settle().await;
    assert_eq!(world.screen.texts(), ["re: 一"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_kills_the_gateway_is_given_up() {
    let mut world = World::new();
    world.say(direct_message("m1", "lin", "hang")).await;
    for _ in 0..3 {
        settle().await;
        world.kill().await;
        world.start();
    }
    settle().await;
    assert_eq!(world.screen.texts(), ["<Interrupted>"]);
    assert_eq!(world.agent.runs.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_old_backlog_is_declined_and_not_replayed() {
    let mut world = World::new();
    world.kill().await;
    let accepted = world.store.accept(
        direct_message("m1", "lin", "昨天的问题"),
        chela_engine::ports::Clock::now(world.clock.as_ref()),
    );
    assert!(matches!(accepted.await, Ok(Accepted::New(_))));
    world.clock.jump(15 * HOUR);
    world.start();
    settle().await;
    assert_eq!(world.screen.texts(), ["<Stale { waited: 54000s }>"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_refuses_the_message_and_delays_the_answer() {
    let world = World::new();
    world.store.fail_next(StoreErrorKind::Full);
    let refused = world
        .handle
        .as_ref()
        .unwrap()
        .accept(direct_message("m1", "lin", "一"))
        .await;
    assert_eq!(
        refused.expect_err("must not be acknowledged").kind,
        StoreErrorKind::Full
    );
    world.say(direct_message("m1", "lin", "slow 5")).await;
    settle().await;
    world.store.fail_next(StoreErrorKind::Full);
    assert_eq!(world.screen.count(1).await, ["slowly done"]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_platform_is_tried_again_in_order() {
    let world = World::new();
    for _ in 0..4 {
        world.screen.fail_next(retry());
    }
    world.say(direct_message("m1", "lin", "一")).await;
    settle().await;
    world.say(direct_message("m2", "lin", "二")).await;
    world.say(direct_message("m3", "zhou", "三")).await;
    settle().await;
    assert_eq!(world.screen.texts(), Vec::<String>::new());
    assert_eq!(world.screen.count(3).await.len(), 3);
    assert_eq!(world.screen.to("lin"), ["re: 一", "re: 二"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_costs_one_repeat_at_most() {
    let world = World::new();
    for _ in 0..3 {
        world.screen.fail_next(DeliveryError::Unknown {
            reason: "cut".to_owned(),
        });
    }
    world.say(direct_message("m1", "lin", "一")).await;
    assert_eq!(world.screen.count(2).await, ["re: 一", "re: 一"]);
    tokio::time::sleep(HOUR).await;
    assert_eq!(world.screen.texts().len(), 2);
    assert_eq!(world.store.counts().await.unwrap().failed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_permanent_refusal_is_not_tried_again() {
    let world = World::new();
    let gone = DeliveryError::permanent("the group is gone");
    world.screen.fail_next(gone);
    world.say(direct_message("m1", "lin", "一")).await;
    tokio::time::sleep(HOUR / 4).await;
    assert!(world.screen.texts().is_empty());
    world.say(direct_message("m2", "lin", "二")).await;
    assert_eq!(world.screen.count(1).await, ["re: 二"]);
}

/// Whoever could not be reached is told why when they write next, once a day, also when the gateway was killed meanwhile.
#[tokio::test(start_paused = true)]
async fn a56_a_refusal_that_an_administrator_can_change_is_told_once_a_day() {
    let mut world = World::new();
    let lacking = || DeliveryError::Permanent {
        reason: "403".to_owned(),
        obstacle: Some(Obstacle::Permission {
            permissions: vec!["qyapi_robot_sendmsg".to_owned()],
        }),
    };
    let is_told = |text: &str| text.contains("Hint") && text.contains("qyapi_robot_sendmsg");
    let mut number = 0;
    let mut say = async |world: &World, person: &str| {
        number += 1;
        let before = world.screen.texts().len();
        world
            .say(direct_message(&format!("m{number}"), person, "在吗"))
            .await;
        tokio::time::sleep(HOUR / 60).await;
        world.screen.texts()[before..].join("\n")
    };
    world.screen.fail_next(lacking());
    assert_eq!(say(&world, "lin").await, "");
    assert!(!is_told(&say(&world, "zhou").await), "it is nobody else's");
    world.kill().await;
    world.start();
    let told = say(&world, "lin").await;
    assert!(told.starts_with("re: 在吗") && is_told(&told), "{told}");
    assert!(!is_told(&say(&world, "lin").await), "once is enough");

    // It happens again: a day later it is told again, and no sooner.
    world.screen.fail_next(lacking());
    say(&world, "lin").await;
    assert!(!is_told(&say(&world, "lin").await));
    tokio::time::sleep(24 * HOUR).await;
    assert!(is_told(&say(&world, "lin").await));
    // What was in the way long ago is nothing to bother anybody with.
    world.screen.fail_next(lacking());
    say(&world, "lin").await;
    tokio::time::sleep(8 * 24 * HOUR).await;
    assert!(!is_told(&say(&world, "lin").await));
}

#[tokio::test(start_paused = true)]
async fn two_hours_without_network_and_the_answer_still_arrives() {
    let world = World::new();
    for _ in 0..120 {
        world.screen.fail_next(retry());
    }
    world.say(direct_message("m1", "lin", "一")).await;
    tokio::time::sleep(HOUR).await;
    assert!(world.screen.texts().is_empty());
    assert_eq!(world.screen.count(1).await, ["re: 一"]);
}

#[tokio::test(start_paused = true)]
async fn a_day_old_answer_is_given_up() {
    let mut world = World::new();
    for _ in 0..3 {
        world.screen.fail_next(retry());
    }
    world.say(direct_message("m1", "lin", "一")).await;
    settle().await;
    world.kill().await;
    world.clock.jump(25 * HOUR);
    world.start();
    settle().await;
    assert!(world.screen.texts().is_empty());
    assert_eq!(world.store.counts().await.unwrap().failed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_graceful_end_lets_turns_finish_and_leaves_the_rest_for_the_next_start() {
    let mut world = World::new();
    world.say(direct_message("m1", "lin", "slow 10")).await;
    world.say(direct_message("m2", "zhou", "hang")).await;
    settle().await;
    world.say(direct_message("m3", "lin", "之后")).await;
    settle().await;
    world.stop().await;
    assert_eq!(world.screen.texts(), ["slowly done"]);
    assert_eq!(*world.agent.cancelled.lock().unwrap(), 1);
    world.start();
    assert_eq!(world.screen.count(2).await[1], "re: 之后");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_restarts_keep_cutting_is_not_given_up() {
    let mut world = World::new();
    world.say(direct_message("m1", "lin", "slow 60")).await;
    for _ in 0..10 {
        settle().await;
        world.stop().await;
        world.start();
    }
    assert_eq!(world.screen.count(1).await, ["slowly done"]);
    assert_eq!(world.agent.runs.lock().unwrap().len(), 11);
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_arrives_in_parts_and_in_order() {
    let settings = Settings {
        page: chela_engine::reply::Limits {
            characters: 100,
            bytes: 400,
        },
        ..Settings::default()
    };
    let world = World::with(AccountRules::default(), settings);
    world.screen.fail_next(retry());
    let question: String = (0..40).map(|number| format!("第{number}句话。")).collect();
    world.say(direct_message("m1", "lin", &question)).await;
    tokio::time::sleep(HOUR).await;
    assert_eq!(world.screen.texts().concat(), format!("re: {question}"));
    assert!(world.screen.texts().len() > 2);
}
