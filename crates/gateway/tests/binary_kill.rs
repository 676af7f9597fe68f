//! `kill -9` on the real binary at random moments under load, and SIGTERM in the middle of answers.
//!
//! What counts is the screen: every message that was acknowledged is answered; an answer whose delivery was cut between
//! the platform's 200 and the commit may be seen twice, at most once for each kill. `CHELA_KILLS` sets the number of
//! kills (default 200).

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the number of kills is set from outside, and the counts are the result"
)]

mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chela_engine::ports::Store;
use chela_store::SqliteStore;
use dingtalk_emulator::{ConversationId, MessageId, View};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use site::{Site, colleague, terminate};
use tokio::time::{Instant, MissedTickBehavior};

/// People who write.
const WRITERS: usize = 20;
/// A message is written this often.
const PACE: Duration = Duration::from_millis(15);

/// Who wrote what, by the platform's id of the message.
type Said = BTreeMap<MessageId, String>;

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let kills: usize = std::env::var("CHELA_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(200);
    let mut random = SmallRng::seed_from_u64(20_261_123);
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::from_millis(3)).await;
    let mut said = Said::new();
    for _ in 0..kills {
        let mut gateway = site.start();
        // Some lives end before the connection stands, most of them under load.
        if random.random_bool(0.95) {
            site.emulator
                .wait_for_connections(1)
                .await
                .expect("the gateway connects");
        }
        let end = Instant::now() + Duration::from_millis(random.random_range(0..400));
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        while tokio::time::timeout_at(end, pace.tick()).await.is_ok() {
            write(&site, &mut random, &mut said);
        }
        gateway.kill().await.expect("it is killed");
    }
    let mut gateway = site.start();
    let settled = site.emulator.wait_within(Duration::from_secs(120), |view| {
        view.oldest_unacked_ms().is_none() && unanswered(view, &site.chats, &said).is_empty()
    });
    let settled = settled.await;
    let lost = site
        .emulator
        .look(|view| unanswered(view, &site.chats, &said));
    let acked = site.emulator.look(acknowledged).len();
    let repeated = repeats(&site, &said);
    println!(
        "killed {kills}, written {}, acknowledged {acked}, lost {}, repeated {repeated}",
        said.len(),
        lost.len()
    );
    assert!(settled.is_ok() && lost.is_empty(), "lost: {lost:?}");
    assert!(repeated <= kills, "{repeated} repeats by {kills} kills");
    assert!(acked > kills, "there was load");
    terminate(&mut gateway).await;
    let store = SqliteStore::open(&site.state().join("chela.db")).expect("the database is sound");
    let counts = store.counts().await.expect("it can be read");
    assert_eq!(
        (counts.unfinished, counts.undelivered, counts.failed),
        (0, 0, 0)
    );
    store.close();
}

#[tokio::test]
async fn sigterm_in_the_middle_of_answers_loses_and_doubles_nothing() {
    let mut random = SmallRng::seed_from_u64(7);
    // An answer takes one and a half seconds.
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::from_millis(150)).await;
    let mut said = Said::new();
    for _ in 0..5 {
        let mut gateway = site.start();
        site.emulator
            .wait_for_connections(1)
            .await
            .expect("the gateway connects");
        for _ in 0..20 {
            write(&site, &mut random, &mut said);
        }
        site.emulator
            .wait_until(|view| view.oldest_unacked_ms().is_none())
            .await
            .expect("all are acknowledged");
        terminate(&mut gateway).await;
    }
    let mut gateway = site.start();
    let settled = site.emulator.wait_within(Duration::from_secs(60), |view| {
        unanswered(view, &site.chats, &said).is_empty()
    });
    let settled = settled.await;
    assert!(
        settled.is_ok(),
        "lost: {:?}",
        site.emulator
            .look(|view| unanswered(view, &site.chats, &said))
    );
    assert_eq!(repeats(&site, &said), 0);
    gateway.kill().await.expect("it is killed");
}

/// R4: a card that a crash leaves behind comes to its end after the restart, and is the only answer.
#[tokio::test]
async fn kill_9_leaves_no_card_spinning() {
    let mut random = SmallRng::seed_from_u64(4);
    let site = Site::new(env!("CARGO_BIN_EXE_chela"), Duration::from_millis(60)).await;
    site.configure(|config| {
        let bot = &mut config["channels"]["dingtalk"];
        bot["messageType"] = "card".into();
        bot["cardStreamInterval"] = 500.into();
    });
    let mut said = Said::new();
    let mut left_spinning = 0;
    for _ in 0..10 {
        let mut gateway = site.start();
        site.emulator
            .wait_for_connections(1)
            .await
            .expect("the gateway connects");
        for _ in 0..8 {
            write(&site, &mut random, &mut said);
        }
        site.emulator
            .wait_until(|view| view.oldest_unacked_ms().is_none())
            .await
            .expect("all are acknowledged");
        let moment = Duration::from_millis(random.random_range(0..1_200));
        tokio::time::timeout(moment, std::future::pending::<()>())
            .await
            .expect_err("the moment comes");
        gateway.kill().await.expect("it is killed");
        left_spinning += site.emulator.look(|view| view.spinning_cards().count());
    }
    let mut gateway = site.start();
    let ended = |view: &View<'_>| {
        let all = site.chats.iter().map(|chat| view.answers(chat).count());
        view.spinning_cards().count() == 0 && all.sum::<usize>() >= said.len()
    };
    let ended = site.emulator.wait_within(Duration::from_secs(60), ended);
    ended.await.expect("every card comes to its end");
    println!("left spinning by kills: {left_spinning}, all ended");
    assert!(left_spinning > 0, "kills hit cards");
    terminate(&mut gateway).await;
    let (cards, answers) = site.emulator.look(|view| {
        let answers = site.chats.iter().map(|chat| view.answers(chat).count());
        (view.cards().count(), answers.sum::<usize>())
    });
    assert_eq!((cards, answers), (said.len(), said.len()));
}

fn write(site: &Site, random: &mut SmallRng, said: &mut Said) {
    let person = colleague(random.random_range(0..WRITERS));
    let text = format!("第{}问 🦀", said.len());
    let message = if random.random_bool(0.1) {
        // The three of the demo are in the group.
        site.emulator.say_in_group("林小满", "项目讨论群", &text)
    } else {
        site.emulator.say(&person, &text)
    };
    said.insert(message.expect("it can be said").message, text);
}

fn acknowledged(view: &View<'_>) -> BTreeSet<MessageId> {
    let pushes = view.pushes().filter(|push| push.ack_code == Some(200));
    pushes.filter_map(|push| push.message.clone()).collect()
}

/// How often each question was answered, by its text.
fn answers(view: &View<'_>, chats: &[ConversationId]) -> BTreeMap<String, usize> {
    let mut answers = BTreeMap::new();
    for shown in chats.iter().flat_map(|chat| view.answers(chat)) {
        if let Some(question) = shown
            .text
            .split("答：")
            .nth(1)
            .and_then(|text| text.split(" 完").next())
        {
            // In a group the question comes with its writer's name.
            let question = question.rsplit(": ").next().unwrap_or(question);
            *answers.entry(question.trim().to_owned()).or_default() += 1;
        }
    }
    answers
}

/// Acknowledged messages to which the bot has said nothing. A message whose turn was cut by several kills in a row is
/// given up with a sentence that says so, which is an end, too (B01).
fn unanswered(view: &View<'_>, chats: &[ConversationId], said: &Said) -> Vec<String> {
    let answers = answers(view, chats);
    let shown = chats.iter().flat_map(|chat| view.answers(chat));
    let replied: BTreeSet<&MessageId> = shown.filter_map(|shown| shown.answers.as_ref()).collect();
    let acknowledged = acknowledged(view);
    let silent = acknowledged
        .iter()
        .filter(|message| !replied.contains(message));
    let texts = silent.filter_map(|message| said.get(message));
    texts
        .filter(|text| !answers.contains_key(*text))
        .cloned()
        .collect()
}

fn repeats(site: &Site, said: &Said) -> usize {
    let answers = site.emulator.look(|view| answers(view, &site.chats));
    said.values()
        .filter_map(|text| answers.get(text))
        .map(|count| count - 1)
        .sum()
}
