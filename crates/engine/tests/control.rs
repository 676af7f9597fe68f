//! People in control of a running answer: queue modes, `/stop`, `/btw`, and what is set for a chat.

mod support;

use std::time::Duration;

use chela_engine::conversation::QueueMode;
use chela_engine::id::{ChannelId, PersonId};
use chela_engine::message::{InboundMessage, Part};
use chela_engine::ports::{Sessions, Store};
use chela_engine::router::{AccountRules, AgentProfile, AllowList};
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use support::{World, settle};

async fn alone(world: &World, id: &str, text: &str) {
    world.say(direct_message(id, "lin", text)).await;
    settle().await;
}

fn with_mode(mode: QueueMode) -> World {
    let mut world = World::new();
    world.rules.queue = [(ChannelId::new("dingtalk"), mode)].into();
    world
}

async fn restarted(mut world: World) -> World {
    world.kill().await;
    world.start();
    world
}

#[tokio::test(start_paused = true)]
async fn a33_seven_wait_in_order_the_ninth_is_declined_and_one_notice_tells_the_position() {
    let world = World::with(AccountRules::default(), Settings::default());
    alone(&world, "m0", "slow 10").await;
    for number in 1..=8 {
        alone(&world, &format!("m{number}"), &number.to_string()).await;
    }
    let shown = world.screen.count(10).await;
    assert_eq!(
        shown[..3],
        [
            "<Queued { ahead: 2 }>",
            "<QueueFull { limit: 7 }>",
            "slowly done"
        ]
    );
    let answers: Vec<String> = (1..=7).map(|number| format!("re: {number}")).collect();
    assert_eq!(shown[3..], answers);
}

#[tokio::test(start_paused = true)]
async fn a34_who_waits_a_quarter_of_an_hour_is_declined_in_every_mode() {
    for mode in QueueMode::ALL {
        let mut world = with_mode(mode);
        world.settings.turn_deadline = Duration::from_secs(3_600);
        let world = restarted(world).await;
        world.say(group_message("m1", "lin", "slow 1800")).await;
        settle().await;
        // In a group others wait, whatever the mode.
        world.say(group_message("m2", "zhou", "等等")).await;
        let shown = world.screen.count(2).await;
        assert!(shown[0].starts_with("<Stale"), "{mode}: {shown:?}");
        assert_eq!(shown[1], "slowly done", "{mode}");
        assert_eq!(world.agent.runs.lock().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a38_two_at_the_same_instant_are_two_turns_with_a_card_each() {
    let world = World::with(
        AccountRules {
            cards: true,
            ..AccountRules::default()
        },
        Settings::default(),
    );
    *world.screen.cards.lock().unwrap() = support::Cards::Work;
    world.say(direct_message("m1", "lin", "一")).await;
    world.say(direct_message("m2", "lin", "二")).await;
    world.screen.count(2).await;
    let cards: Vec<_> = world.screen.ended().into_iter().map(|end| end.0).collect();
    assert_eq!(cards.len(), 2);
    assert_ne!(cards[0], cards[1]);
}

#[tokio::test(start_paused = true)]
async fn b12_steer_is_heard_before_the_next_call_and_nothing_is_lost() {
    let world = restarted(with_mode(QueueMode::Steer)).await;
    alone(&world, "m1", "listen 3").await;
    alone(&world, "m2", "短一点").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    alone(&world, "m3", "用中文").await;
    // Comes behind the last call: it is answered by itself.
    tokio::time::sleep(Duration::from_millis(1_700)).await;
    alone(&world, "m4", "history").await;
    let shown = world.screen.count(2).await;
    assert_eq!(shown[0], "1[短一点]2[用中文]3[]");
    assert_eq!(shown[1], "[listen 3|短一点|用中文|1[短一点]2[用中文]3[]]");
    assert_eq!(world.store.counts().await.unwrap().unfinished, 0);
}

#[tokio::test(start_paused = true)]
async fn steered_words_survive_a_crash() {
    let mut world = restarted(with_mode(QueueMode::Steer)).await;
    alone(&world, "m1", "listen 9").await;
    alone(&world, "m2", "短一点").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    world.kill().await;
    world.start();
    let shown = world.screen.count(1).await;
    assert!(shown[0].starts_with("1[短一点]2[]"), "{shown:?}");
    settle().await;
    assert_eq!(world.store.counts().await.unwrap().unfinished, 0);
}

#[tokio::test(start_paused = true)]
async fn stop_takes_back_what_was_not_heard_yet() {
    let world = restarted(with_mode(QueueMode::Steer)).await;
    alone(&world, "m1", "slow 100").await;
    alone(&world, "m2", "还有").await;
    alone(&world, "m3", "停止").await;
    let shown = world.screen.count(1).await;
    assert_eq!(shown, ["slowly\n\n<StoppedPartial { dropped: 1 }>"]);
    settle().await;
    assert_eq!(world.store.counts().await.unwrap().unfinished, 0);
    assert_eq!(world.agent.runs.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn collect_answers_what_waits_at_once() {
    let world = restarted(with_mode(QueueMode::Collect)).await;
    alone(&world, "m1", "slow 10").await;
    alone(&world, "m2", "第一").await;
    alone(&world, "m3", "第二").await;
    alone(&world, "m4", "/new 第三").await;
    let shown = world.screen.count(3).await;
    assert_eq!(shown, ["slowly done", "re: 第一\n第二", "re: 第三"]);
}

#[tokio::test(start_paused = true)]
async fn interrupt_makes_room_and_says_nothing_where_nothing_was_said() {
    let world = restarted(with_mode(QueueMode::Interrupt)).await;
    alone(&world, "m1", "hang").await;
    alone(&world, "m2", "slow 50").await;
    alone(&world, "m3", "history").await;
    let shown = world.screen.count(2).await;
    assert_eq!(shown[0], "slowly\n\n<Superseded>");
    assert_eq!(shown[1], "[hang|slow 50|slowly]");
    settle().await;
    assert_eq!(*world.agent.cancelled.lock().unwrap(), 2);
    assert_eq!(world.store.counts().await.unwrap().unfinished, 0);
}

#[tokio::test(start_paused = true)]
async fn in_a_group_nobody_changes_what_another_asked() {
    for mode in [QueueMode::Steer, QueueMode::Interrupt] {
        let world = restarted(with_mode(mode)).await;
        world.say(group_message("m1", "lin", "listen 3")).await;
        settle().await;
        world.say(group_message("m2", "zhou", "改成别的")).await;
        let shown = world.screen.count(2).await;
        assert_eq!(shown, ["1[]2[]3[]", "re: 改成别的"], "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_mode_of_a_chat_is_set_and_remembered() {
    let mut world = World::new();
    alone(&world, "m1", "/queue collect").await;
    alone(&world, "m2", "/queue 别的").await;
    let shown = world.screen.count(2).await;
    assert_eq!(shown[0], "<Command(Queue { mode: Collect, chosen: true })>");
    assert_eq!(shown[1], "<Command(QueueUnknown { asked: \"别的\" })>");
    world.kill().await;
    world.start();
    alone(&world, "m3", "slow 5").await;
    alone(&world, "m4", "一").await;
    alone(&world, "m5", "二").await;
    assert_eq!(world.screen.count(4).await[3], "re: 一\n二");
    // Another chat goes by its own.
    alone(&world, "m6", "/queue default").await;
    let shown = world.screen.count(5).await;
    assert_eq!(
        shown[4],
        "<Command(Queue { mode: Followup, chosen: false })>"
    );
    let settings = world.store.settings().await.unwrap();
    assert!(settings.preferences.is_empty());
}

#[tokio::test(start_paused = true)]
async fn stopped_is_said_when_it_is_so() {
    let world = World::new();
    alone(&world, "m1", "stubborn").await;
    alone(&world, "m2", "@小钳 /stop").await;
    assert!(
        world.screen.texts().is_empty(),
        "not before the run has ended"
    );
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(world.screen.texts(), ["<StoppedLate { dropped: 0 }>"]);
    alone(&world, "m3", "hang").await;
    alone(&world, "m4", "停止").await;
    assert_eq!(
        world.screen.texts()[1],
        "<StoppedEmpty { dropped: 0 }>",
        "an agent that listens ends at once"
    );
}

#[tokio::test(start_paused = true)]
async fn a37_btw_is_answered_beside_the_run() {
    let world = World::new();
    alone(&world, "m1", "slow 10").await;
    alone(&world, "m2", "/btw chosen").await;
    let shown = world.screen.count(1).await;
    assert_eq!(shown, ["> btw：chosen\n\nmain   Aside"]);
    alone(&world, "m3", "/btw").await;
    alone(&world, "m4", "history").await;
    let shown = world.screen.count(4).await;
    assert_eq!(shown[1], "<Command(NoQuestion)>");
    assert_eq!(shown[3], "[slow 10|slowly done]");
    alone(&world, "m5", "/btw hang").await;
    alone(&world, "m6", "停止").await;
    let shown = world.screen.count(5).await;
    assert_eq!(shown[4], "> btw：hang\n\n<StoppedEmpty { dropped: 0 }>");
}

#[tokio::test(start_paused = true)]
async fn what_is_chosen_reaches_the_agent_and_survives_restart_and_new() {
    let mut world = World::new();
    let models = ["qwen/qwen-max", "qwen/qwen-plus", "glm/glm-5"];
    let profile = world.rules.agents.values_mut().next().unwrap();
    profile.models = models.map(str::to_owned).to_vec();
    let mut world = restarted(world).await;
    for (number, (text, answer)) in [
        ("/models", "Models"),
        (
            "/model PLUS",
            "Model { current: Some(\"qwen/qwen-plus\"), chosen: true }",
        ),
        ("/model qwen", "ModelUnknown { asked: \"qwen\""),
        ("/think high", "Thinking { level: Some(High) }"),
        ("/think 很多", "ThinkingUnknown"),
        ("chosen", "main qwen/qwen-plus high Conversation"),
    ]
    .into_iter()
    .enumerate()
    {
        alone(&world, &format!("m{number}"), text).await;
        let shown = world.screen.count(number + 1).await;
        assert!(shown[number].contains(answer), "{text}: {}", shown[number]);
    }
    world.kill().await;
    world.start();
    alone(&world, "n1", "/new chosen").await;
    assert_eq!(
        world.screen.count(7).await[6],
        "main qwen/qwen-plus high Conversation"
    );
    world.say(direct_message("n2", "zhou", "chosen")).await;
    assert_eq!(world.screen.count(8).await[7], "main   Conversation");
    alone(&world, "n3", "/model default").await;
    let shown = world.screen.count(9).await;
    assert!(shown[8].contains("qwen-max\"), chosen: false"), "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn tools_and_reasoning_are_shown_to_whoever_wants_to_see_them() {
    let world = World::new();
    alone(&world, "m1", "tool").await;
    alone(&world, "m2", "/verbose on").await;
    alone(&world, "m3", "/reasoning 开").await;
    alone(&world, "m4", "tool").await;
    let shown = world.screen.count(4).await;
    assert_eq!(shown[0], "用了工具");
    assert_eq!(shown[3], "💭\n> 想\n\n🔧 search ✓\n\n用了工具");
}

#[tokio::test(start_paused = true)]
async fn commands_tell_how_things_stand() {
    let world = World::new();
    alone(&world, "m1", "/status").await;
    alone(&world, "m2", "你好").await;
    tokio::time::advance(Duration::from_secs(60)).await;
    alone(&world, "m3", "/状态").await;
    alone(&world, "m4", "/context").await;
    alone(&world, "m5", "/usage").await;
    alone(&world, "m6", "/我是谁").await;
    alone(&world, "m7", "/帮助").await;
    alone(&world, "m8", "/compact").await;
    let shown = world.screen.count(8).await;
    assert!(shown[0].contains("session: None"), "{}", shown[0]);
    assert!(shown[2].contains("session: Some((60"), "{}", shown[2]);
    assert!(shown[2].contains(", 2))"), "{}", shown[2]);
    assert!(shown[3].contains("Context { entries: 2"), "{}", shown[3]);
    assert!(shown[4].contains("Usage { input: 0"), "{}", shown[4]);
    assert!(shown[5].contains("PersonId(\"lin\")"), "{}", shown[5]);
    assert_eq!(shown[6], "<Command(Help { owner: false })>");
    assert_eq!(shown[7], "<Command(NothingToCompact)>");
    assert_eq!(world.agent.runs.lock().unwrap().len(), 1, "no model call");
}

#[tokio::test(start_paused = true)]
async fn a_command_without_the_right_to_it_is_ignored_in_silence() {
    let mut world = World::new();
    world.rules.commands.everyday = Some(AllowList {
        everybody: false,
        people: [PersonId::new("zhou")].into(),
    });
    let world = restarted(world).await;
    alone(&world, "m1", "/status").await;
    alone(&world, "m2", "/new 问题").await;
    alone(&world, "m3", "/session-alias bind x").await;
    alone(&world, "m4", "停止").await;
    settle().await;
    assert_eq!(world.screen.texts(), ["<NothingToStop>"]);
    assert!(world.agent.runs.lock().unwrap().is_empty());
    assert_eq!(world.store.counts().await.unwrap().unfinished, 0);
    world.say(direct_message("m5", "zhou", "/help")).await;
    assert_eq!(
        world.screen.count(2).await[1],
        "<Command(Help { owner: false })>"
    );
}

fn team(world: &mut World) {
    for (id, name) in [("coder", Some("程序员")), ("writer", None)] {
        let profile = AgentProfile {
            name: name.map(str::to_owned),
            ..AgentProfile::default()
        };
        let id = chela_engine::id::AgentId::new(id);
        world.rules.agents.insert(id, profile);
    }
}

#[tokio::test(start_paused = true)]
async fn a27_two_agents_answer_labelled_in_sessions_of_their_own() {
    let mut world = World::new();
    team(&mut world);
    let mut world = restarted(world).await;
    alone(&world, "m1", "@coder @writer 看看 @nobody").await;
    let shown = world.screen.count(2).await;
    assert_eq!(
        shown,
        [
            "> 🤖 **程序员**\n\nre: 看看 @nobody",
            "> 🤖 **writer**\n\nre: 看看 @nobody"
        ]
    );
    alone(&world, "m2", "@x @y @程序员 history").await;
    let mut shown = world.screen.count(4).await.split_off(2);
    shown.sort();
    assert_eq!(
        shown[0],
        r#"<UnknownAgents { names: ["x", "y"], known: ["程序员", "main", "writer"] }>"#
    );
    assert_eq!(
        shown[1],
        "> 🤖 **程序员**\n\n[看看 @nobody|re: 看看 @nobody]"
    );
    alone(&world, "m3", "@nobody 在吗").await;
    alone(&world, "m4", "history").await;
    let shown = world.screen.count(6).await;
    assert!(shown[4].starts_with("<UnknownAgents"), "{shown:?}");
    assert_eq!(shown[5], "[]", "nobody else's history");
    world.kill().await;
    world.start();
    settle().await;
    world.screen.count(6).await;
}

#[tokio::test(start_paused = true)]
async fn a27_what_came_with_a_shared_question_is_fetched_once() {
    let mut world = World::new();
    team(&mut world);
    // One after the other: the second finds what the first has fetched.
    world.settings.concurrent_turns = 1;
    let world = restarted(world).await;
    world.screen.hold("picture", Ok(b"content"));
    let mut message = direct_message("m1", "lin", "@coder @writer 看图");
    let picture = chela_engine::testing::picture();
    message.parts.push(Part::Attachment(picture));
    world.say(message.clone()).await;
    world.screen.count(2).await;
    assert_eq!(*world.screen.fetched.lock().unwrap(), 1);
    let briefings = world.agent.briefings.lock().unwrap().clone();
    assert!(
        briefings.iter().all(|text| text.contains("<attachment")),
        "{briefings:?}"
    );
    // It is not kept for longer than somebody needs it.
    message.id = chela_engine::id::MessageId::new("m2");
    world.say(message).await;
    world.screen.count(4).await;
    assert_eq!(*world.screen.fetched.lock().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a28_new_for_one_agent_leaves_the_others() {
    let mut world = World::new();
    team(&mut world);
    let world = restarted(world).await;
    alone(&world, "m1", "@coder @writer 一").await;
    world.screen.count(2).await;
    alone(&world, "m2", "@coder /new").await;
    alone(&world, "m3", "@coder history").await;
    alone(&world, "m4", "@writer history").await;
    let shown = world.screen.count(5).await;
    assert_eq!(shown[2..], ["<NewSession>", "[]", "[一|re: 一]"]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_behind_a_shared_question_is_answered_behind_it() {
    let mut world = World::new();
    team(&mut world);
    world.settings.concurrent_turns = 1;
    let mut world = restarted(world).await;
    for (id, text) in [
        ("m1", "@coder @writer 一"),
        ("m2", "@coder 二"),
        ("m3", "@writer 三"),
    ] {
        world.say(direct_message(id, "lin", text)).await;
    }
    let shown = world.screen.count(4).await;
    let place = |text: &str| shown.iter().position(|one| one.contains(text)).unwrap();
    assert!(place("程序员") < place("re: 二"), "{shown:?}");
    assert!(place("writer") < place("re: 三"), "{shown:?}");
    // Killed in the middle, everything is still answered once.
    world
        .say(direct_message("m4", "lin", "@coder @writer 四"))
        .await;
    world.kill().await;
    world.start();
    let shown = world.screen.count(6).await;
    let again = shown.iter().filter(|one| one.contains("re: 四")).count();
    assert_eq!(again, 2);
}

#[tokio::test(start_paused = true)]
async fn stop_reaches_all_that_was_asked_or_the_one_that_is_named() {
    let mut world = World::new();
    team(&mut world);
    let world = restarted(world).await;
    alone(&world, "m1", "@coder @writer hang").await;
    settle().await;
    alone(&world, "m2", "@coder 停止").await;
    let shown = world.screen.count(1).await;
    assert!(shown[0].contains("程序员"), "{shown:?}");
    alone(&world, "m3", "@coder hang").await;
    alone(&world, "m4", "停止").await;
    let shown = world.screen.count(3).await;
    assert!(shown[1..].iter().all(|text| text.contains("StoppedEmpty")));
}

fn in_group(id: &str, person: &str, group: &str, text: &str) -> InboundMessage {
    let mut message = group_message(id, person, text);
    message.conversation.id = chela_engine::id::ConversationId::new(group);
    message
}

#[tokio::test(start_paused = true)]
async fn a30_two_groups_share_a_session_until_they_are_parted() {
    let mut world = World::new();
    world.rules.commands.owners.people = [PersonId::new("boss")].into();
    let mut world = restarted(world).await;
    let mut number = 0;
    let mut say = async |world: &World, person: &str, group: &str, text: &str| {
        number += 1;
        let message = in_group(&format!("m{number}"), person, group, text);
        world.say(message).await;
        settle().await;
        world.screen.texts().last().cloned().unwrap_or_default()
    };
    assert_eq!(
        say(&world, "lin", "cidA", "/session-alias bind x").await,
        ""
    );
    for group in ["cidA", "cidB"] {
        let told = say(&world, "boss", group, "/session-alias bind 项目").await;
        assert_eq!(told, "<Command(Alias { alias: Some(\"项目\") })>");
    }
    say(&world, "lin", "cidA", "代号是蓝鲸").await;
    let told = say(&world, "zhou", "cidB", "history").await;
    assert!(told.contains("代号是蓝鲸"), "{told}");
    assert!(
        !say(&world, "zhou", "cidC", "history")
            .await
            .contains("蓝鲸")
    );
    world.kill().await;
    world.start();
    assert!(
        say(&world, "zhou", "cidB", "history")
            .await
            .contains("蓝鲸")
    );
    say(&world, "boss", "cidB", "/session-alias unbind").await;
    assert!(
        !say(&world, "zhou", "cidB", "history")
            .await
            .contains("蓝鲸")
    );
}

#[tokio::test(start_paused = true)]
async fn a29_members_share_a_history_or_have_one_each() {
    for (scope, expected) in [
        (chela_engine::router::GroupScope::Group, "[lin: 一|re: 一]"),
        (chela_engine::router::GroupScope::Sender, "[]"),
    ] {
        let mut world = World::new();
        world.rules.session.group = scope;
        let world = restarted(world).await;
        world.say(group_message("m1", "lin", "一")).await;
        world.screen.count(1).await;
        world.say(group_message("m2", "zhou", "history")).await;
        assert_eq!(world.screen.count(2).await[1], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_history_is_summed_up_and_cut_when_that_fails() {
    let mut world = World::new();
    world.settings.history_tokens = 100;
    let world = restarted(world).await;
    for number in 0..6 {
        alone(&world, &format!("m{number}"), &"长".repeat(20)).await;
    }
    world.screen.count(6).await;
    alone(&world, "m6", "history").await;
    let shown = world.screen.count(7).await;
    assert!(
        shown[6].starts_with("[(Summary of our conversation so far:\n摘要"),
        "{}",
        shown[6]
    );
    let session = &world.store.sessions(false).await.unwrap()[0];
    assert!(session.summary.is_some());
    assert_eq!(session.entries, 14, "the transcript keeps everything");
    alone(&world, "m7", "短").await;
    alone(&world, "m8", "/compact 价格都要留下").await;
    alone(&world, "m9", "/context").await;
    let shown = world.screen.count(10).await;
    let asked = world.agent.runs.lock().unwrap().last().cloned();
    assert!(asked.unwrap().ends_with("价格都要留下"));
    assert!(shown[8].starts_with("<Command(Compacted"), "{}", shown[8]);
    assert!(shown[9].contains("entries: 2"), "{}", shown[9]);
}
