//! Questions of jobs: nothing but questions, in their own history or that of a chat, and answered where they should be.

mod support;

use std::time::Duration;

use chela_engine::conversation::QueueMode;
use chela_engine::id::{AgentId, ChannelId, JobId, PersonId};
use chela_engine::message::InboundMessage;
use chela_engine::ports::{Origin, Sessions};
use chela_engine::router::{AccountRules, AllowList, DirectPolicy};
use chela_engine::schedule::{Context, Job, When};
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use chela_engine::time::Timestamp;
use support::{World, settle};

/// A run of a job that answers to where a message came from.
fn run(
    place: &InboundMessage,
    author: Option<&str>,
    context: Context,
    text: &str,
) -> InboundMessage {
    let now = Timestamp(1_790_000_000_000);
    let job = Job {
        id: JobId::new("j1"),
        name: "晨会".to_owned(),
        agent: AgentId::new("main"),
        prompt: text.to_owned(),
        when: When::At { at: now },
        zone: "Asia/Shanghai".to_owned(),
        context,
        destination: Origin::of(place),
        author: author.map(PersonId::new),
        once: false,
        created_at: now,
        next_at: None,
    };
    job.message("1", "2026-11-26 09:00 Asia/Shanghai".to_owned(), false, now)
}

#[tokio::test(start_paused = true)]
async fn its_words_are_no_command_and_no_call_and_its_history_is_its_own() {
    let world = World::new();
    let place = group_message("m1", "lin", "记住这个");
    world.say(place.clone()).await;
    world.screen.count(1).await;
    let job = run(&place, Some("lin"), Context::Isolated, "/stop @nobody 提醒");
    // However often it is begun.
    world.say(job.clone()).await;
    world.say(job).await;
    let shown = world.screen.count(2).await;
    assert_eq!(shown[1], "> ⏰ **晨会**\n\nre: /stop @nobody 提醒");
    let briefing = world.agent.briefings.lock().unwrap()[1].clone();
    assert!(
        briefing.starts_with("[scheduled: 晨会, 2026-11-26 09:00 Asia/Shanghai]"),
        "{briefing}"
    );
    world.say(direct_message("m2", "lin", "history")).await;
    settle().await;
    let sessions = world.store.sessions(false).await.unwrap();
    let keys: Vec<_> = sessions.iter().map(|one| one.key.as_str()).collect();
    assert!(keys.contains(&"agent:main:cron:j1"), "{keys:?}");
    // Where it was used last is known in the original case (A31).
    let own = sessions
        .iter()
        .find(|one| one.key.as_str().ends_with("cron:j1"));
    let origin = own.unwrap().origin.clone().unwrap();
    assert_eq!(origin.conversation.id.as_str(), "cidGroup+/=");
}

#[tokio::test(start_paused = true)]
async fn in_the_history_of_a_chat_it_waits_and_disturbs_nobody() {
    for mode in QueueMode::ALL {
        let mut world = World::with(AccountRules::default(), Settings::default());
        world.rules.queue = [(ChannelId::new("dingtalk"), mode)].into();
        world.kill().await;
        world.start();
        let place = direct_message("m1", "lin", "slow 10");
        world.say(place.clone()).await;
        settle().await;
        world
            .say(run(&place, Some("lin"), Context::Current, "提醒"))
            .await;
        settle().await;
        tokio::time::advance(Duration::from_secs(11)).await;
        let shown = world.screen.count(2).await;
        assert_eq!(
            shown,
            ["slowly done", "> ⏰ **晨会**\n\nre: 提醒"],
            "{mode}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_not_talk_gets_no_answer_later_and_an_operator_reaches_everybody() {
    let account = AccountRules {
        direct: DirectPolicy::Allowlist,
        allow_from: AllowList::default(),
        ..AccountRules::default()
    };
    let world = World::with(account, Settings::default());
    let place = direct_message("m1", "lin", "");
    world
        .say(run(&place, Some("lin"), Context::Isolated, "提醒"))
        .await;
    settle().await;
    assert!(world.screen.texts().is_empty(), "nor is it told");
    let mut by_operator = run(&place, None, Context::Isolated, "停电通知");
    by_operator.id = chela_engine::id::MessageId::new("cron:j1:2");
    world.say(by_operator).await;
    assert!(world.screen.count(1).await[0].contains("停电通知"));
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_is_told_and_not_asked() {
    let world = World::new();
    let place = direct_message("m1", "lin", "");
    let mut missed = run(&place, Some("lin"), Context::Isolated, "提醒");
    if let Some(scheduled) = &mut missed.scheduled {
        scheduled.missed = true;
    }
    world.say(missed).await;
    let shown = world.screen.count(1).await;
    assert!(
        shown[0].starts_with("<JobMissed { name: \"晨会\""),
        "{}",
        shown[0]
    );
    assert!(world.agent.runs.lock().unwrap().is_empty());
}
