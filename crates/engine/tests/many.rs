//! Fifty people, three bots, four agents, and a night of faults: nobody sees what was meant for another.

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use chela_engine::conversation::QueueMode;
use chela_engine::id::{AccountId, AgentId, ChannelId, ConversationId};
use chela_engine::message::InboundMessage;
use chela_engine::ports::{DeliveryError, Store, StoreErrorKind};
use chela_engine::router::{AccountRules, AgentProfile, Binding, DirectScope, GroupScope, Scopes};
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use support::World;

const PEOPLE: usize = 50;
const BOTS: [&str; 3] = ["sales", "support", "lab"];
const AGENTS: [&str; 4] = ["main", "coder", "writer", "clerk"];
const TASKS: usize = 20;

fn world(random: &mut SmallRng) -> World {
    let mut settings = Settings {
        turn_deadline: Duration::from_secs(30),
        attempts: 1_000,
        ..Settings::default()
    };
    settings.queue.waiting = 10_000;
    settings.queue.patience = Duration::from_secs(48 * 3_600);
    let mut world = World::with(AccountRules::default(), settings);
    let channel = ChannelId::new("dingtalk");
    let bots = BOTS.map(|bot| {
        (
            (channel.clone(), AccountId::new(bot)),
            AccountRules::default(),
        )
    });
    world.rules.accounts = bots.into();
    let agents = AGENTS.map(|agent| (AgentId::new(agent), AgentProfile::default()));
    world.rules.agents = agents.into();
    world.rules.bindings = vec![Binding {
        agent: AgentId::new("clerk"),
        channel: channel.clone(),
        account: Some(AccountId::new("support")),
        peer: None,
        scopes: Scopes::default(),
    }];
    let scopes = [
        DirectScope::Main,
        DirectScope::Peer,
        DirectScope::ChannelPeer,
        DirectScope::AccountChannelPeer,
    ];
    world.rules.session.direct = scopes[random.random_range(0..4)];
    let scopes = [GroupScope::Group, GroupScope::Sender, GroupScope::Main];
    world.rules.session.group = scopes[random.random_range(0..3)];
    let mode = QueueMode::ALL[random.random_range(0..4)];
    world.rules.queue = [(channel, mode)].into();
    world
}

/// Says where it comes from, so that its answer can be told from all others.
fn message(random: &mut SmallRng, number: usize) -> InboundMessage {
    let person = format!("p{}", random.random_range(0..PEOPLE));
    let bot = BOTS[random.random_range(0..3)];
    let group = random
        .random_bool(0.4)
        .then(|| format!("g{}", random.random_range(0..5)));
    let place = format!("{bot}/{}/{person}", group.as_deref().unwrap_or("alone"));
    let text = match random.random_range(0..12) {
        0 => format!("slow {} <{place}>", random.random_range(1..5)),
        1 => format!("@coder @writer <{place}>"),
        2 => format!("/new <{place}>"),
        3 => format!("/btw <{place}>"),
        4 => format!("@{} <{place}>", AGENTS[random.random_range(0..4)]),
        _ => format!("<{place}>"),
    };
    let id = format!("m{number}");
    let mut message = match &group {
        Some(group) => {
            let mut message = group_message(&id, &person, &text);
            message.conversation.id = ConversationId::new(group.as_str());
            message
        }
        None => direct_message(&id, &person, &text),
    };
    message.account = AccountId::new(bot);
    message
}

async fn live_through(seed: u64) {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut world = world(&mut random);
    world.kill().await;
    world.start();
    let mut accepted = 0;
    for number in 0..PEOPLE * TASKS {
        match random.random_range(0..60) {
            0 => {
                world.kill().await;
                world.start();
            }
            1 => world.screen.fail_next(DeliveryError::Unknown {
                reason: "cut".to_owned(),
            }),
            2 => world.screen.fail_next(DeliveryError::Retry {
                reason: "busy".to_owned(),
                after: None,
            }),
            3 => world.store.fail_next(StoreErrorKind::Full),
            4 => tokio::time::advance(Duration::from_secs(random.random_range(1..9))).await,
            _ => {}
        }
        let message = message(&mut random, number);
        let handle = world.handle.as_ref().expect("the gateway runs");
        accepted += usize::from(handle.accept(message).await.is_ok());
        for _ in 0..random.random_range(0..4) {
            tokio::task::yield_now().await;
        }
    }
    world.kill().await;
    world.start();
    quiet(&world, seed).await;
    check(&world, seed, accepted);
}

async fn quiet(world: &World, seed: u64) {
    for _ in 0..5_000 {
        support::settle().await;
        let counts = world.store.counts().await.expect("it can be read");
        if counts.unfinished == 0 && counts.undelivered == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    panic!("seed {seed}: it never became quiet");
}

fn check(world: &World, seed: u64, accepted: usize) {
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for (destination, text) in world.screen.destinations() {
        let group = destination.conversation.id.as_str();
        let group = if group.starts_with('g') {
            group
        } else {
            "alone"
        };
        let person = destination.person.id.as_str();
        let place = format!("{}/{group}/{person}", destination.account);
        for told in text
            .split('<')
            .skip(1)
            .filter_map(|rest| rest.split_once('>'))
        {
            let told = told.0;
            assert!(
                told == place || !told.contains('/'),
                "seed {seed}: {place} saw what was meant for {told}: {text}"
            );
        }
        *answers.entry(place).or_default() += 1;
    }
    let all: usize = answers.values().sum();
    assert!(
        all * 2 > accepted,
        "seed {seed}: {all} answers to {accepted} messages"
    );
}

#[test]
fn b19_r6_nothing_reaches_another_conversation() {
    for seed in 0..8 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        runtime.expect("a runtime").block_on(live_through(seed));
    }
}
