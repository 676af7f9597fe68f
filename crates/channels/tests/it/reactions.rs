//! Signs below questions, on the screen of the local platform.

use std::time::Duration;

use chela_channels::dingtalk::AckReaction;
use chela_engine::router::{AccountRules, DirectPolicy};
use dingtalk_emulator::{Emulator, View};

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
