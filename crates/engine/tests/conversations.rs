//! What people see when they write, wait, stop, begin anew and are not allowed.

mod support;

use std::time::Duration;

use chela_engine::id::{AccountId, AgentId, ChannelId, ConversationId, MessageId, SessionKey};
use chela_engine::message::{ConversationKind, Part};
use chela_engine::ports::Sessions as _;
use chela_engine::router::{AccountRules, Binding, DirectPolicy, Peer, Scopes};
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use support::{World, settle};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn one_message_one_answer() {
    let world = World::new();
    world.say(direct_message("m1", "lin", "你好 👋")).await;
    world.say(direct_message("m1", "lin", "你好 👋")).await;
    assert_eq!(world.screen.count(1).await, ["re: 你好 👋"]);
    settle().await;
    assert_eq!(
        *world.steps.0.lock().unwrap(),
        [
            "m1 Received",
            "m1 Stored",
            "m1 Received",
            "m1 Duplicate",
            "m1 Begun",
            "m1 FirstText",
            "m1 Answered",
            "m1 Delivered"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn order_is_kept_and_the_ninth_is_declined() {
    let world = World::new();
    world.say(direct_message("m0", "lin", "slow 10")).await;
    settle().await;
    for number in 1..=8 {
        world
            .say(direct_message(
                &format!("m{number}"),
                "lin",
                &number.to_string(),
            ))
            .await;
    }
    let shown = world.screen.count(9).await;
    assert_eq!(
        shown[0], "<QueueFull { limit: 7 }>",
        "the refusal does not wait"
    );
    let answers: Vec<&str> = shown[1..].iter().map(String::as_str).collect();
    assert_eq!(
        answers,
        [
            "slowly done",
            "re: 1",
            "re: 2",
            "re: 3",
            "re: 4",
            "re: 5",
            "re: 6",
            "re: 7"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn r5_r7_one_hung_agent_delays_nobody_else_and_its_own_conversation_goes_on() {
    let world = World::new();
    world.say(direct_message("m0", "lin", "hang")).await;
    for number in 1..=100 {
        world
            .say(direct_message(
                &format!("m{number}"),
                &format!("person{number}"),
                "你好",
            ))
            .await;
    }
    settle().await;
    assert_eq!(world.screen.texts().len(), 100);
    assert_eq!(world.handle.as_ref().unwrap().activity().open_turns, 1);
    // Its own conversation goes on when the deadline has passed.
    world.say(direct_message("m101", "lin", "还在吗")).await;
    let shown = world.screen.count(102).await;
    assert_eq!(shown[100..], ["<TimedOut { limit: 600s }>", "re: 还在吗"]);
    assert_eq!(*world.agent.cancelled.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waited_a_quarter_of_an_hour_is_declined_when_the_time_is_up() {
    let settings = Settings {
        turn_deadline: 60 * MINUTE,
        ..Settings::default()
    };
    let world = World::with(AccountRules::default(), settings);
    world.say(direct_message("m1", "lin", "slow 1800")).await;
    settle().await;
    world.say(direct_message("m2", "lin", "等等")).await;
    let shown = world.screen.count(1).await;
    assert!(shown[0].starts_with("<Stale { waited: 90"), "{shown:?}");
    assert_eq!(world.screen.count(2).await[1], "slowly done");
}

#[tokio::test(start_paused = true)]
async fn stop_reaches_the_run_and_what_waits() {
    let world = World::new();
    world.say(direct_message("m1", "lin", "slow 100")).await;
    settle().await;
    world.say(direct_message("m2", "lin", "再来一个")).await;
    settle().await;
    world.say(direct_message("m3", "lin", "停止")).await;
    assert_eq!(
        world.screen.count(1).await,
        ["slowly\n\n<StoppedPartial { dropped: 1 }>"]
    );
    settle().await;
    assert_eq!(*world.agent.cancelled.lock().unwrap(), 1);
    world.say(direct_message("m4", "lin", "/stop")).await;
    assert_eq!(world.screen.count(2).await[1], "<NothingToStop>");
    world.say(direct_message("m5", "lin", "hang")).await;
    settle().await;
    world.say(direct_message("m6", "lin", "esc")).await;
    assert_eq!(
        world.screen.count(3).await[2],
        "<StoppedEmpty { dropped: 0 }>"
    );
}

#[tokio::test(start_paused = true)]
async fn in_a_group_nobody_stops_what_another_asked() {
    let world = World::new();
    world.say(group_message("m1", "lin", "slow 5")).await;
    settle().await;
    world.say(group_message("m2", "zhou", "停止")).await;
    let shown = world.screen.count(1).await;
    assert_eq!(shown, ["<NothingToStop>"]);
    assert_eq!(world.screen.count(2).await[1], "slowly done");
}

#[tokio::test(start_paused = true)]
async fn a_session_remembers_until_it_is_reset() {
    let world = World::new();
    for (number, text) in [
        "一",
        "history",
        "/new",
        "history",
        "三",
        "/new history",
        "history",
    ]
    .into_iter()
    .enumerate()
    {
        world
            .say(direct_message(&format!("m{number}"), "lin", text))
            .await;
        world.screen.count(number + 1).await;
    }
    let shown = world.screen.texts();
    assert_eq!(shown[1], "[一|re: 一]");
    assert_eq!(shown[2], "<NewSession>");
    assert_eq!(shown[3], "[]");
    assert_eq!(shown[5], "[]");
    assert_eq!(shown[6], "[history|[]]");
}

#[tokio::test(start_paused = true)]
async fn a32_each_word_for_it_begins_another_session() {
    let world = World::new();
    let words = ["/new", "/reset", "/clear", "新会话", "重新开始", "清空对话"];
    for (number, word) in words.into_iter().enumerate() {
        for (place, text) in ["一", word, "history"].into_iter().enumerate() {
            let id = format!("m{number}-{place}");
            world.say(direct_message(&id, "lin", text)).await;
            world.screen.count(3 * number + place + 1).await;
        }
        let shown = world.screen.texts();
        assert_eq!(shown[3 * number + 1..], ["<NewSession>", "[]"], "{word}");
    }
}

#[tokio::test(start_paused = true)]
async fn a26_the_nearest_binding_owns_session_queue_and_reply() {
    let (platform, support) = (ChannelId::new("dingtalk"), AccountId::new("support"));
    let mut world = World::new();
    world.kill().await;
    let binding =
        |agent: &str, is_support: bool, peer: Option<(ConversationKind, Option<&str>)>| Binding {
            agent: AgentId::new(agent),
            channel: platform.clone(),
            account: is_support.then(|| support.clone()),
            peer: peer.map(|(kind, id)| Peer {
                kind,
                id: id.map(str::to_owned),
            }),
            scopes: Scopes::default(),
        };
    let group = (ConversationKind::Group, Some("cidGroup+/="));
    world.rules.bindings = vec![
        binding("platform", false, None),
        binding("account", true, None),
        binding("groups", true, Some((ConversationKind::Group, None))),
        binding("group", true, Some(group)),
        binding("late", true, Some(group)),
    ];
    let bot = (platform.clone(), support.clone());
    world.rules.accounts.insert(bot, AccountRules::default());
    world.start();
    let mut elsewhere = group_message("m", "lin", "");
    elsewhere.conversation.id = ConversationId::new("cidelsewhere");
    let place = "dingtalk:group:cid^group+/=";
    let table = [
        (group_message("m", "lin", ""), true, "group", place),
        (elsewhere, true, "groups", "dingtalk:group:cidelsewhere"),
        (
            direct_message("m", "lin", ""),
            true,
            "account",
            "dingtalk:direct:lin",
        ),
        (group_message("m", "lin", ""), false, "platform", place),
    ];
    for (number, (message, is_support, agent, place)) in table.into_iter().enumerate() {
        for text in ["slow 10", "chosen"] {
            let mut message = message.clone();
            message.id = MessageId::new(format!("m{number} {text}"));
            message.parts = vec![Part::Text {
                text: text.to_owned(),
            }];
            if is_support {
                message.account = support.clone();
            }
            world.say(message).await;
        }
        let shown = world.screen.count(2 * number + 2).await;
        assert_eq!(shown[2 * number], "slowly done", "the queue is one");
        let told = &shown[2 * number + 1];
        assert!(told.starts_with(&format!("{agent} ")), "{told}");
        let key = SessionKey::new(format!("agent:{agent}:{place}"));
        let session = world.store.session(key).await.expect("it works");
        assert_eq!(session.expect("it is there").agent.as_str(), agent);
    }
}

#[tokio::test(start_paused = true)]
async fn half_an_hour_of_silence_ends_a_session_and_the_next_answer_says_so() {
    let world = World::new();
    world.say(direct_message("m1", "lin", "一")).await;
    world.screen.count(1).await;
    tokio::time::advance(29 * MINUTE).await;
    world.say(direct_message("m2", "lin", "history")).await;
    assert_eq!(world.screen.count(2).await[1], "[一|re: 一]");
    tokio::time::advance(31 * MINUTE).await;
    world.say(direct_message("m3", "lin", "history")).await;
    assert_eq!(
        world.screen.count(3).await[2],
        "<SessionExpired { idle: 1800s }>\n\n[]"
    );
    // Somebody else's history was never in it.
    world.say(direct_message("m4", "zhou", "history")).await;
    assert_eq!(world.screen.count(4).await[3], "[]");
}

#[tokio::test(start_paused = true)]
async fn a_denied_sender_costs_nothing_and_is_told_once() {
    let account = AccountRules {
        direct: DirectPolicy::Allowlist,
        ..AccountRules::default()
    };
    let world = World::with(account, Settings::default());
    for number in 0..5 {
        world
            .say(direct_message(&format!("m{number}"), "lin", "/new"))
            .await;
    }
    let shown = world.screen.count(1).await;
    assert_eq!(shown, [r#"<NotAllowed { person: PersonId("lin") }>"#]);
    settle().await;
    assert!(world.agent.runs.lock().unwrap().is_empty());
    assert_eq!(world.screen.texts().len(), 1);
    tokio::time::advance(61 * MINUTE).await;
    world.say(direct_message("m9", "lin", "现在呢")).await;
    world.screen.count(2).await;
}

#[tokio::test(start_paused = true)]
async fn every_end_has_a_text() {
    let world = World::new();
    let cases = [
        ("fail", "<AgentFailed { kind: Unavailable }>"),
        (
            "half",
            "```rust\nlet half\n```\n\n<AgentFailedPartial { kind: Timeout }>",
        ),
        ("think", "<ThinkingOnly>"),
        ("nothing", "<EmptyAnswer>"),
        ("panic", "<Internal>"),
        ("  ", "<EmptyMessage>"),
        ("a\0b", "re: ab"),
    ];
    for (number, (question, expected)) in cases.into_iter().enumerate() {
        world
            .say(direct_message(&format!("m{number}"), "lin", question))
            .await;
        assert_eq!(world.screen.count(number + 1).await[number], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_turns_run_than_are_allowed() {
    let settings = Settings {
        concurrent_turns: 2,
        ..Settings::default()
    };
    let world = World::with(AccountRules::default(), settings);
    for number in 0..6 {
        world
            .say(direct_message(
                &format!("m{number}"),
                &format!("person{number}"),
                "slow 10",
            ))
            .await;
    }
    settle().await;
    assert_eq!(world.agent.runs.lock().unwrap().len(), 2);
    world.screen.count(2).await;
    settle().await;
    assert_eq!(world.agent.runs.lock().unwrap().len(), 4);
    world.screen.count(6).await;
}
