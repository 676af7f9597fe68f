//! Answers on cards: shown while they are written, ended once, whatever happens.

#![allow(clippy::unwrap_used, reason = "locks of tests are not poisoned")]

mod support;

use std::time::Duration;

use chela_engine::Pressed;
use chela_engine::id::{CardId, PersonId};
use chela_engine::message::Ending;
use chela_engine::ports::{Rating, Store};
use chela_engine::reply::{self, Piece};
use chela_engine::router::{AccountRules, Privacy};
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use support::{Cards, World, settle};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n picture";

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

#[tokio::test(start_paused = true)]
async fn pictures_that_a_card_has_no_room_for_follow_it() {
    let world = world(Cards::Work);
    for name in ["甲", "乙"] {
        world.media.allow(&format!("/out/{name}.png"), PNG);
    }
    let long = "一二三四五六七八九十\n".repeat(300);
    let text = format!("看\n![](/out/甲.png)\n{long}\n![](/out/乙.png)\n完");
    world.say(direct_message("m1", "lin", &text)).await;
    let texts = world.screen.count(3).await;
    let pictures = world.screen.pictures();
    assert_eq!(pictures, ["甲.png", "乙.png"], "both are known to the card");
    let names: Vec<_> = world
        .screen
        .attachments()
        .iter()
        .map(|file| file.name.clone())
        .collect();
    assert_eq!(names, ["乙.png"]);
    let pieces = reply::pieces(&texts[0]);
    assert_eq!(pieces[1], Piece::Picture(0));
    assert!(!pieces.contains(&Piece::Picture(1)));
    assert!(
        texts[1].ends_with("完") && !texts[1].contains('\u{fdd0}'),
        "{texts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_but_the_engine_writes_marks() {
    let world = world(Cards::Work);
    world.media.allow("/out/甲.png", PNG);
    let text = "\u{fdd0}0\u{fdd2}\n![](/out/甲.png)\n\u{fdd1}7\u{fdd2}";
    world.say(direct_message("m1", "lin", text)).await;
    let texts = world.screen.count(1).await;
    let pieces = reply::pieces(&texts[0]);
    let expected = [Piece::Text("re: 0"), Piece::Picture(0), Piece::Text("7")];
    assert_eq!(pieces, expected);
}

#[tokio::test(start_paused = true)]
async fn b17_an_error_takes_the_card_away_that_all_saw_and_makes_one_for_the_asker() {
    let account = AccountRules {
        cards: true,
        privacy: Privacy::Errors,
        ..AccountRules::default()
    };
    let world = World::with(account, Settings::default());
    *world.screen.cards.lock().unwrap() = Cards::Work;
    world.say(group_message("m1", "lin", "fail")).await;
    world.screen.count(2).await;
    let ended = world.screen.ended();
    assert_eq!((&ended[0].0, ended[0].1), (&card("m1"), Ending::Withdrawn));
    let private = CardId::new("card of m1_private");
    assert_eq!((&ended[1].0, ended[1].1), (&private, Ending::Failed));
    assert!(ended[1].2.contains("AgentFailed"), "{ended:?}");
    let private: Vec<bool> = world
        .screen
        .destinations()
        .iter()
        .map(|(to, _)| to.private)
        .collect();
    assert_eq!(private, [false, true]);

    // Where nobody else is, there is nothing to hide.
    world.say(direct_message("m2", "lin", "fail")).await;
    world.screen.count(3).await;
    assert_eq!(world.screen.ended()[2].0, card("m2"));
    assert!(!world.screen.destinations()[2].0.private);
}
