//! Signs below questions, on the screen of the local platform.

use std::time::Duration;

use chela_channels::dingtalk::AckReaction;
use chela_engine::router::{AccountRules, DirectPolicy};
use dingtalk_emulator::{Emulator, Fault, View};
use tokio::time::Instant;

use crate::support::{Style, World};

async fn world(rules: AccountRules, reaction: AckReaction) -> World {
    let style = Style {
        ack_reaction: Some(reaction),
        ..Style::default()
    };
    World::looking(Emulator::builder(), rules, style).await
}

impl World {
    fn signs(&self) -> Vec<String> {
        self.emulator.look(|view| {
            let reactions = view.reacted().flat_map(|shown| shown.reactions.clone());
            reactions.map(|reaction| reaction.text).collect()
        })
    }

    fn changes(&self) -> usize {
        self.emulator.look(|view| {
            let requests = view.requests();
            requests
                .filter(|request| request.path.starts_with("/v1.0/robot/emotion/"))
                .count()
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a50_a_sign_of_each_kind_is_seen_and_taken_back() {
    for (reaction, expected) in [
        (AckReaction::Emoji, "🤔思考中"),
        (AckReaction::Kaomoji, "(´▽`)ﾉ"),
        (AckReaction::Text("收到 👌".to_owned()), "收到 👌"),
    ] {
        let world = world(AccountRules::default(), reaction).await;
        world.say("你好");
        let seen = |view: &View<'_>| view.reacted().next().is_some();
        let wait = world.emulator.wait_within(Duration::from_secs(10), seen);
        wait.await.expect("it is seen");
        assert_eq!(world.signs(), [expected]);
        world.answers(1).await;
        assert_eq!(world.signs(), [""; 0]);
        assert_eq!(world.changes(), 2);
    }
}

/// The third try succeeds; then the sign is seen for 1.2 s at least, although the answer is there at once. Without a sign
/// in the configuration nothing is asked of the platform.
#[tokio::test(start_paused = true)]
async fn a50_a_sign_is_tried_three_times_and_seen_for_a_moment() {
    let world = world(AccountRules::default(), AckReaction::Emoji).await;
    let trouble = Fault::status(503).on("/v1.0/robot/emotion/reply").times(2);
    world.emulator.fault(trouble);
    world.say("你好");
    let within = Duration::from_secs(10);
    let is_seen = |view: &View<'_>| view.reacted().next().is_some();
    let seen = world.emulator.wait_within(within, is_seen).await;
    seen.expect("it is seen");
    let began = Instant::now();
    let is_gone = |view: &View<'_>| view.reacted().next().is_none();
    let gone = world.emulator.wait_within(within, is_gone).await;
    gone.expect("it goes");
    let lasted = began.elapsed();
    // The clock of the test stands still while the call is on its way.
    assert!(lasted >= Duration::from_millis(1_150), "{lasted:?}");
    assert_eq!(world.changes(), 4);

    let off = World::looking(
        Emulator::builder(),
        AccountRules::default(),
        Style::default(),
    )
    .await;
    off.say("你好");
    off.answers(1).await;
    assert_eq!(off.changes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a25_who_is_denied_gets_no_sign() {
    let rules = AccountRules {
        direct: DirectPolicy::Disabled,
        ..AccountRules::default()
    };
    let world = world(rules, AckReaction::Emoji).await;
    world.say("你好");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.changes(), 0);
}
