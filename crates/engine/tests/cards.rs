//! Answers on cards: shown while they are written, ended once, whatever happens.

#![allow(clippy::unwrap_used, reason = "locks of tests are not poisoned")]

mod support;

use std::time::Duration;

use chela_engine::Pressed;
use chela_engine::id::{CardId, PersonId};
use chela_engine::message::Ending;
use chela_engine::ports::{Rating, Store};
use chela_engine::router::AccountRules;
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use support::{Cards, World, settle};

fn world(cards: Cards) -> World {
    let account = AccountRules {
        cards: true,
        ..AccountRules::default()
    };
    let world = World::with(account, Settings::default());
    *world.screen.cards.lock().unwrap() = cards;
    world
}

fn card(message: &str) -> CardId {
    CardId::new(format!("card of {message}"))
}

#[tokio::test(start_paused = true)]
async fn an_answer_types_itself_and_ends_once() {
    let world = world(Cards::Work);
    world.say(direct_message("m1", "lin", "slow 5")).await;
    world.screen.count(1).await;
    let drafts = world.screen.drafts();
    assert_eq!(drafts.first(), Some(&(card("m1"), "slowly".to_owned())));
    let whole = "slowly done".to_owned();
    assert_eq!(world.screen.ended(), [(card("m1"), Ending::Done, whole)]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_shown_is_sent() {
    let world = world(Cards::Fail);
    world.say(direct_message("m1", "lin", "你好")).await;
    assert_eq!(world.screen.count(1).await, ["re: 你好"]);
    assert_eq!(world.screen.ended(), []);
}

#[tokio::test(start_paused = true)]
async fn a49_after_a_crash_the_same_card_goes_on_and_ends() {
    let mut world = world(Cards::Work);
    world.say(direct_message("m1", "lin", "slow 60")).await;
    settle().await;
    assert_eq!(world.screen.drafts().len(), 1);
    world.kill().await;
    // Cards cannot be shown any more; the one that is there must end all the same.
    *world.screen.cards.lock().unwrap() = Cards::Fail;
    world.start();
    world.screen.count(1).await;
    let whole = "slowly done".to_owned();
    assert_eq!(world.screen.ended(), [(card("m1"), Ending::Done, whole)]);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_given_up_ends_its_card() {
    let mut world = world(Cards::Work);
    world.say(direct_message("m1", "lin", "hang")).await;
    for _ in 0..3 {
        settle().await;
        world.kill().await;
        world.start();
    }
    world.screen.count(1).await;
    let ended = world.screen.ended();
    assert_eq!((&ended[0].0, ended[0].1), (&card("m1"), Ending::Failed));
    assert!(ended[0].2.contains("Interrupted"), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_panics_ends_its_card() {
    let world = world(Cards::Work);
    world.say(direct_message("m1", "lin", "panic")).await;
    let texts = world.screen.count(1).await;
    let ended = world.screen.ended();
    assert_eq!((&ended[0].0, ended[0].1), (&card("m1"), Ending::Failed));
    assert!(texts[0].contains("Internal"), "{texts:?}");
}

#[tokio::test(start_paused = true)]
async fn a36_only_who_asked_may_press_stop() {
    let world = world(Cards::Work);
    let handle = world.handle.clone().unwrap();
    world.say(group_message("m1", "lin", "slow 60")).await;
    settle().await;
    let press = |message, person| handle.press_stop(card(message), PersonId::new(person));
    assert_eq!(press("m1", "zhou").await, Pressed::NotYours);
    assert_eq!(press("m2", "lin").await, Pressed::Over);
    assert_eq!(press("m1", "lin").await, Pressed::Stopping);
    world.screen.count(1).await;
    let ended = world.screen.ended();
    assert_eq!(ended[0].1, Ending::Stopped);
    assert!(ended[0].2.starts_with("slowly"), "{ended:?}");
    assert_eq!(press("m1", "lin").await, Pressed::Over);
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_goes_on_behind_the_card() {
    let world = world(Cards::Work);
    let long = "一二三四五六七八九十\n".repeat(500);
    world.say(direct_message("m1", "lin", &long)).await;
    let texts = world.screen.count(2).await;
    assert!(texts[0].chars().count() <= 2_800);
    let digits = |text: &str| text.matches("一二三").count();
    assert_eq!(texts.iter().map(|text| digits(text)).sum::<usize>(), 500);
    assert_eq!(world.screen.ended().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ratings_are_kept_with_the_message() {
    let world = world(Cards::Work);
    world.say(direct_message("m1", "lin", "你好")).await;
    world.screen.count(1).await;
    let handle = world.handle.clone().unwrap();
    let rated = handle.rate(card("m1"), PersonId::new("lin"), Rating::Good);
    rated.await.expect("it is kept");
    let entries = world
        .store
        .journal("m1".to_owned())
        .await
        .expect("it is there");
    assert_eq!(entries[0].ratings, [(PersonId::new("lin"), Rating::Good)]);
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.screen.count(1).await;
}
