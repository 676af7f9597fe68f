//! Signs below questions: they come when a question is taken, and none stays.

#![allow(clippy::unwrap_used, reason = "locks of tests are not poisoned")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use chela_engine::Ports;
use chela_engine::id::ChannelId;
use chela_engine::ports::{Channel, Store};
use chela_engine::router::{AccountRules, DirectPolicy};
use chela_engine::settings::Settings;
use chela_engine::testing::direct_message;
use support::{World, settle};

fn world() -> World {
    let world = World::new();
    *world.screen.signs.lock().unwrap() = true;
    world
}

impl World {
    fn signs(&self) -> Vec<(String, String)> {
        self.screen.reactions.lock().unwrap().clone()
    }

    fn reacted(&self) -> Vec<String> {
        self.screen.reacted.lock().unwrap().clone()
    }

    /// Nothing is shown and nothing is remembered any more.
    async fn assert_clean(&self) {
        assert_eq!(self.signs(), []);
        assert_eq!(self.store.marked(10).await.expect("it answers"), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a50_a_sign_is_seen_and_goes() {
    let world = world();
    world.say(direct_message("m1", "lin", "你好")).await;
    world.screen.count(1).await;
    settle().await;
    assert_eq!(world.signs().len(), 1, "it is seen for a moment");
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    world.assert_clean().await;
    assert_eq!(world.reacted(), ["Waiting"]);
}

#[tokio::test(start_paused = true)]
async fn signs_follow_what_happens_but_not_each_moment() {
    let world = world();
    world.say(direct_message("m1", "lin", "slow 30")).await;
    world.say(direct_message("m2", "lin", "slow 100")).await;
    world.screen.count(2).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    world.assert_clean().await;
    // The second waited for 30 seconds, then text came at once.
    assert_eq!(
        world.reacted(),
        ["Waiting", "Waiting", "Answering", "Answering"]
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_long_silence_it_is_told_that_the_work_goes_on() {
    let settings = Settings {
        turn_deadline: Duration::from_secs(90),
        ..Settings::default()
    };
    let world = World::with(AccountRules::default(), settings);
    *world.screen.signs.lock().unwrap() = true;
    world.say(direct_message("m1", "lin", "hang")).await;
    world.screen.count(1).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(world.reacted(), ["Waiting", "Thinking", "Silent"]);
    world.assert_clean().await;
}

#[tokio::test(start_paused = true)]
async fn a25_who_is_denied_gets_no_sign() {
    let account = AccountRules {
        direct: DirectPolicy::Disabled,
        ..AccountRules::default()
    };
    let world = World::with(account, Settings::default());
    *world.screen.signs.lock().unwrap() = true;
    world.say(direct_message("m1", "lin", "你好")).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(world.reacted(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn trouble_with_signs_harms_no_answer() {
    let world = world();
    // The third try succeeds; then all three tries to take it away fail, and whoever looks after it succeeds.
    *world.screen.refuse_reactions.lock().unwrap() = 2;
    world.say(direct_message("m1", "lin", "slow 4")).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(world.signs().len(), 1);
    *world.screen.refuse_reactions.lock().unwrap() = 3;
    assert_eq!(world.screen.count(1).await, ["slowly done"]);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(world.signs().len(), 1, "it could not be taken away");
    tokio::time::sleep(Duration::from_secs(65)).await;
    world.assert_clean().await;
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_never_takes_signs_is_not_asked_for_ever() {
    let world = world();
    *world.screen.refuse_reactions.lock().unwrap() = 1_000;
    world.say(direct_message("m1", "lin", "你好")).await;
    world.screen.count(1).await;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let asked = 1_000 - *world.screen.refuse_reactions.lock().unwrap();
    assert!(asked <= 20, "{asked}");
    world.assert_clean().await;
}

#[tokio::test(start_paused = true)]
async fn r4_a_crash_leaves_no_sign() {
    let mut world = world();
    // One is answered after the restart, one was answered before it.
    world.say(direct_message("m1", "lin", "slow 30")).await;
    world.say(direct_message("m2", "zhou", "你好")).await;
    world.screen.count(1).await;
    settle().await;
    assert_eq!(world.signs().len(), 2);
    world.kill().await;
    world.start();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let left: Vec<_> = world
        .signs()
        .into_iter()
        .map(|(question, _)| question)
        .collect();
    assert_eq!(left, ["m1"]);
    world.screen.count(2).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    world.assert_clean().await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_gateway_takes_signs_along() {
    let mut world = world();
    world.say(direct_message("m1", "lin", "slow 5")).await;
    world.say(direct_message("m2", "lin", "later")).await;
    settle().await;
    world.stop().await;
    assert_eq!(world.screen.texts(), ["slowly done"]);
    assert_eq!(world.signs(), []);
}

#[tokio::test(start_paused = true)]
async fn when_the_configuration_changes_further_signs_follow_it() {
    let (world, other) = (World::new(), self::world());
    world.say(direct_message("m1", "lin", "你好")).await;
    world.screen.count(1).await;
    let channel = Arc::clone(&other.screen) as Arc<dyn Channel>;
    let change = |ports| Ports {
        channels: [(ChannelId::new("dingtalk"), channel)].into(),
        ..ports
    };
    let handle = world.handle.as_ref().expect("it runs");
    handle.reconfigure(change, world.rules.clone(), world.settings.clone());
    world.say(direct_message("m2", "lin", "你好")).await;
    other.screen.count(1).await;
    settle().await;
    assert!(world.reacted().is_empty(), "signs were off");
    assert_eq!(other.reacted(), ["Waiting"]);
}
