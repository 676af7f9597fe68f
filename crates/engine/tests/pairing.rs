//! People who ask to be let in: a code, once; an owner's decision; and from then on an answer, also after a restart.

mod support;

use std::time::Duration;

use chela_engine::command::Reply;
use chela_engine::id::PersonId;
use chela_engine::ports::{Decision, Notice, Pairing, PairingCode, Ruling, Store};
use chela_engine::router::{AccountRules, AllowList, DirectPolicy};
use chela_engine::settings::Settings;
use chela_engine::testing::direct_message;
use support::{World, settle};

const MINUTE: Duration = Duration::from_secs(60);

fn only(person: &str) -> AllowList {
    AllowList {
        everybody: false,
        people: [PersonId::new(person)].into(),
    }
}

/// A world in which `boss` is let in by the list and owns the bot.
async fn world() -> World {
    let account = AccountRules {
        direct: DirectPolicy::Pairing,
        allow_from: only("boss"),
        ..AccountRules::default()
    };
    let mut world = World::with(account, Settings::default());
    world.kill().await;
    world.rules.commands.owners = only("boss");
    world.start();
    world
}

async fn say(world: &World, id: &str, person: &str, text: &str) {
    world.say(direct_message(id, person, text)).await;
    settle().await;
}

fn told(code: &str, person: &str, holds: Duration) -> String {
    let notice = Notice::PairingCode {
        code: code.to_owned(),
        holds,
        person: PersonId::new(person),
    };
    format!("<{notice:?}>")
}

fn which(code: &str) -> PairingCode {
    PairingCode {
        channel: None,
        account: None,
        code: code.to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_told_once_and_an_owner_lets_in_for_good() {
    let mut world = world().await;
    say(&world, "m1", "lin", "你好🦀").await;
    say(&world, "m2", "lin", "在吗").await;
    let code = told("22222222", "lin", 60 * MINUTE);
    assert_eq!(world.screen.to("lin"), std::slice::from_ref(&code));
    // Nobody else decides, and nobody is told that it can be.
    say(&world, "m3", "lin", "/pair approve 22222222").await;
    assert_eq!(world.screen.to("lin"), [code]);
    say(&world, "m4", "boss", "/配对 批准 2222-2222").await;
    let decided = Notice::Command(Reply::PairingDecided {
        name: direct_message("m1", "lin", "").sender.name,
        granted: true,
    });
    assert_eq!(world.screen.to("boss"), [format!("<{decided:?}>")]);
    say(&world, "m5", "lin", "一").await;
    assert_eq!(world.screen.to("lin")[1..], ["<Paired>", "re: 一"]);
    say(&world, "m6", "boss", "/pairing approve 22222222").await;
    let used = Notice::Command(Reply::PairingNoCode { expired: false });
    assert_eq!(world.screen.to("boss")[1..], [format!("<{used:?}>")]);

    world.kill().await;
    world.start();
    say(&world, "m7", "lin", "二").await;
    assert_eq!(world.screen.to("lin")[3..], ["re: 二"]);
    let handle = world.handle.clone().unwrap();
    let revoked = handle.revoke(None, None, PersonId::new("lin")).await;
    assert_eq!(revoked.unwrap().len(), 1);
    say(&world, "m8", "lin", "三").await;
    assert!(world.screen.to("lin")[4].starts_with("<PairingCode"));
    // Nothing of what was denied was a question.
    assert_eq!(world.store.counts().await.unwrap().unfinished, 0);
}

#[tokio::test(start_paused = true)]
async fn a_code_expires_is_told_again_and_few_wait() {
    let world = world().await;
    say(&world, "m1", "lin", "你好").await;
    world.clock.jump(11 * MINUTE);
    say(&world, "m2", "lin", "你好").await;
    let again = told("22222222", "lin", 49 * MINUTE);
    assert_eq!(world.screen.to("lin")[1..], [again]);
    for (id, person) in [("m3", "zhou"), ("m4", "wu"), ("m5", "zheng")] {
        say(&world, id, person, "你好").await;
    }
    assert_eq!(world.screen.to("zheng"), ["<PairingFull>"]);
    world.clock.jump(50 * MINUTE);
    let handle = world.handle.clone().unwrap();
    let late = handle.decide(which("22222222"), Ruling::Refuse).await;
    assert_eq!(late.unwrap(), Decision::Expired);
    say(&world, "m6", "lin", "你好").await;
    let requests = world.store.requests(direct_clock(&world)).await.unwrap();
    let fresh = requests.last().unwrap();
    assert_ne!(fresh.code, "22222222");
    let refused = handle.decide(which(&fresh.code), Ruling::Refuse).await;
    assert!(matches!(refused.unwrap(), Decision::Done(_)));
    let said = world.screen.to("lin").len();
    world.clock.jump(30 * MINUTE);
    say(&world, "m7", "lin", "你好").await;
    assert_eq!(world.screen.to("lin").len(), said);
}

fn direct_clock(world: &World) -> chela_engine::time::Timestamp {
    chela_engine::ports::Clock::now(&*world.clock)
}
