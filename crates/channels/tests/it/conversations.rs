//! What people write and what they see, in paused time.

use std::time::Duration;

use chela_engine::message::Format;
use chela_engine::ports::{Settlement, Store, StoreErrorKind};
use chela_engine::router::AccountRules;
use dingtalk_emulator::{App, Audio, Builder, Emulator, Group, Media, Mention, RawPush, Utterance};
use serde_json::json;
use url::Url;

use crate::support::World;

#[tokio::test(start_paused = true)]
async fn a07_a08_pushed_again_and_again_and_answered_once() {
    let world = World::new(AccountRules::default()).await;
    world.emulator.deliver_twice(1);
    let said = world.emulator.say("林小满", "你好").expect("it is said");
    assert_eq!(world.answers(1).await[0].text, "答：你好");
    for minutes in [1, 15, 60] {
        tokio::time::sleep(Duration::from_secs(minutes * 60)).await;
        world
            .emulator
            .push_again(&said.message)
            .expect("it is remembered");
    }
    world.answers(1).await;
    assert!(world.emulator.counters().longest_ack < Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_full_leaves_the_push_unacknowledged_until_it_has_room() {
    let world = World::new(AccountRules::default()).await;
    world.store.fail_next(StoreErrorKind::Full);
    world.say("你好");
    assert_eq!(world.answers(1).await[0].text, "答：你好");
    assert_eq!(world.emulator.counters().repeats, 1);
}

#[tokio::test(start_paused = true)]
async fn a39_a52_a_group_answer_mentions_who_asked() {
    let world = World::new(AccountRules {
        format: Format::Text,
        ..AccountRules::default()
    })
    .await;
    let said = world
        .emulator
        .say_in_group("周大川", "项目讨论群", "在吗")
        .expect("it is said");
    let shown = world
        .emulator
        .wait_for_answers(&said.conversation, 1)
        .await
        .expect("it is answered");
    assert_eq!(shown[0].mentions.len(), 1);
    assert!(
        shown[0].text.ends_with("答：在吗")
            && matches!(shown[0].format, dingtalk_emulator::Format::Text)
    );
}

#[tokio::test(start_paused = true)]
async fn a40_a_long_answer_comes_in_numbered_parts() {
    let world = World::new(AccountRules::default()).await;
    world.say("long");
    let shown = world.answers(3).await;
    for (index, part) in shown.iter().enumerate() {
        assert_eq!(
            part.title.as_deref(),
            Some(format!("报告 ({}/3)", index + 1).as_str())
        );
        assert!(part.text.chars().count() <= 3_800 && !part.may_not_render);
    }
}

#[tokio::test(start_paused = true)]
async fn b02_a_dead_webhook_gives_way_to_the_open_api() {
    let world = World::new(AccountRules::default()).await;
    world.say("slow");
    let shown = world.answers(1).await;
    let receipt = shown[0]
        .receipt
        .as_ref()
        .expect("the Open API gives a key")
        .as_str()
        .to_owned();
    let found = world.store.journal(receipt).await.expect("it can be read");
    assert_eq!(found.len(), 1, "the answer is found by its key");
    let settled = found[0].replies.last().and_then(|reply| reply.1.clone());
    let Some(Settlement::Delivered(receipt)) = settled else {
        panic!("{settled:?}")
    };
    assert_eq!(receipt.transport, "batch_send");
    // Refused although it should still live: 300001 with HTTP 200.
    world.emulator.expire_webhooks();
    world.say("你好");
    world.emulator.expire_webhooks();
    world.answers(2).await;
}

/// The platform with a bot whose app lacks what it needs to write first, and to fetch what people send.
fn without_permission() -> Builder {
    let mut company = dingtalk_emulator::World::demo();
    let apps = std::mem::take(&mut company.apps).into_iter();
    let lacking = apps.map(|app| app.without_scope("qyapi_robot_sendmsg"));
    company.apps = lacking.collect();
    Emulator::builder().world(company)
}

#[tokio::test(start_paused = true)]
async fn a56_who_could_not_be_reached_is_told_what_to_grant_when_they_write_next() {
    let rules = AccountRules::default();
    let world = World::of(without_permission(), rules, |_: &Url| true).await;
    // Two hours later there is no webhook any more, and the Open API refuses.
    world.say("slow");
    tokio::time::sleep(Duration::from_secs(3 * 3_600)).await;
    world.answers(0).await;
    world.say("你好");
    let told = &world.answers(1).await[0].text;
    for part in [
        "答：你好",
        "<Hint",
        "qyapi_robot_sendmsg",
        "dingdemo0clientid",
    ] {
        assert!(told.contains(part), "{told}");
    }
    world.say("还在吗");
    assert_eq!(world.answers(2).await[1].text, "答：还在吗");
}

#[tokio::test(start_paused = true)]
async fn a56_whose_file_could_not_be_fetched_is_told_what_to_grant() {
    let rules = AccountRules::default();
    let world = World::of(without_permission(), rules, |_: &Url| true).await;
    for number in 1..=2 {
        let picture = Utterance::picture("林小满", Media::new("猫🐈.png", "PNG"));
        world.emulator.utter(&picture).expect("it is said");
        let told = &world.answers(number).await[number - 1].text;
        // Agents are told each time; the person once a day.
        assert!(told.contains("Forbidden"), "{told}");
        assert_eq!(told.contains("<Hint"), number == 1, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a13_what_cannot_be_read_is_visible_and_an_exhausted_quota_is_not_answered() {
    let world = World::new(AccountRules::default()).await;
    let picture = Utterance::other("林小满", "picture", json!({}));
    world.emulator.utter(&picture).expect("it is said");
    assert_eq!(
        world.answers(1).await[0].text,
        "答：[图片：钉钉没有提供内容]"
    );
    world
        .emulator
        .utter(&Utterance::over_quota("林小满"))
        .expect("it is said");
    world.answers(1).await;
}

#[tokio::test(start_paused = true)]
async fn a15_a19_the_agent_hears_reads_and_remembers() {
    let world = World::new(AccountRules::default()).await;
    let said = world.emulator.say("林小满", "你好").expect("it is said");
    let greeting = world.answers(1).await.remove(0);
    // DingTalk tells neither what its robot has said nor a key: the time is all there is.
    let question = Utterance::text("林小满", "什么意思").quoting(&greeting.id);
    world.emulator.utter(&question).expect("it is said");
    assert_eq!(
        world.answers(2).await[1].text,
        "答：什么意思〔引用 答：你好〕"
    );
    let question = Utterance::text("林小满", "我说了什么").quoting(&said.message);
    world.emulator.utter(&question).expect("it is said");
    assert_eq!(
        world.answers(3).await[2].text,
        "答：我说了什么〔引用 你好〕"
    );
    let voice = Audio::new(Media::new("v.amr", "#!AMR\n\0")).heard("开会了");
    let voice = Utterance::audio("林小满", voice);
    world.emulator.utter(&voice).expect("it is said");
    assert_eq!(
        world.answers(4).await[3].text,
        "答：开会了〔voice ? 开会了〕"
    );
    let file = Utterance::file("林小满", Media::new("说明.txt", "正文"));
    world.emulator.utter(&file).expect("it is said");
    assert_eq!(world.answers(5).await[4].text, "答：〔file 说明.txt 正文〕");
}

#[tokio::test(start_paused = true)]
async fn a09_two_bots_in_one_message_answer_once_each() {
    let second = App::new("dingdemo1clientid", "another-secret", "小螯");
    let demo = dingtalk_emulator::World::demo();
    let both = Group::new("两个机器人的群")
        .bot(&demo.apps[0])
        .bot(&second)
        .members(["manager7675"]);
    let robot = second.robot_code.clone();
    let world = World::with_bots(demo.app(second).group(both)).await;
    world.emulator.deliver_twice(1);
    let question = Utterance::text("林小满", "在吗").in_group("两个机器人的群");
    let question = question.mentioning_bot().mentioning(Mention::Bot(robot));
    let said = world.emulator.utter(&question).expect("it is said");
    assert_eq!(said.deliveries.len(), 2, "one message, pushed to both");
    world
        .emulator
        .push_again(&said.message)
        .expect("it is remembered");
    let shown = world.emulator.wait_for_answers(&said.conversation, 2).await;
    shown.expect("both answer");
    tokio::time::sleep(Duration::from_secs(300)).await;
    let shown = world.emulator.answers(&said.conversation);
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_ne!(shown[0].author, shown[1].author);
    for answer in &shown {
        assert!(
            answer.text.contains("答：") && answer.text.ends_with("在吗"),
            "{answer:?}"
        );
    }
    let found = world.store.journal(said.message.as_str().to_owned()).await;
    assert_eq!(found.expect("it can be read").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a10_a_bot_does_not_answer_itself() {
    let world = World::new(AccountRules::default()).await;
    let own = json!({
        "msgId": "own",
        "conversationId": "cid/made+up=",
        "conversationType": "1",
        "senderId": "$:LWCP_v1:$made-up",
        "senderStaffId": "manager7675",
        "chatbotUserId": "$:LWCP_v1:$made-up",
        "msgtype": "text",
        "text": {"content": "答：你好"},
    });
    let push = RawPush::bot_message(own.to_string());
    world.emulator.push(push).expect("it is pushed");
    // The next message shows that nothing came of it.
    world.say("你好");
    assert_eq!(world.answers(1).await[0].text, "答：你好");
    assert_eq!(
        world.store.counts().await.expect("they are known").messages,
        1
    );
    let counters = world.emulator.counters();
    assert_eq!(
        (counters.acks, counters.refusing_acks, counters.repeats),
        (2, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_from_nobody_is_refused() {
    let world = World::new(AccountRules::default()).await;
    let data =
        json!({"msgId": "m", "conversationId": "c", "msgtype": "text", "text": {"content": "问"}});
    let push = RawPush::bot_message(data.to_string());
    world.emulator.push(push).expect("it is pushed");
    world.say("你好");
    world.answers(1).await;
    assert_eq!(
        world.store.counts().await.expect("they are known").messages,
        1
    );
    assert_eq!(world.emulator.counters().refusing_acks, 1);
}
