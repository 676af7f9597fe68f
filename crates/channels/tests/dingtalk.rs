//! Engine and channel against the local platform, in paused time; what counts is what people see.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chela_channels::dingtalk::{Account, CHANNEL, DingTalk, Inbound};
use chela_engine::id::{AccountId, ChannelId};
use chela_engine::memory_store::MemoryStore;
use chela_engine::message::Format;
use chela_engine::ports::{
    Agent, AgentError, AgentEvent, AgentRequest, Clock, Notice, Observation, Observer, Store,
    StoreErrorKind, Texts,
};
use chela_engine::router::AccountRules;
use chela_engine::settings::Settings;
use chela_engine::testing::rules_with;
use chela_engine::time::Timestamp;
use chela_engine::{Ports, Service};
use dingtalk::id::{ClientId, RobotCode};
use dingtalk::stream::{Options, Stream};
use dingtalk::transport::ReqwestTransport;
use dingtalk::{Client, ClientSecret, Credentials};
use dingtalk_emulator::{App, Emulator, Group, Mention, RawPush, Shown, Utterance, View};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const START: i64 = 1_790_000_000_000;

struct TestClock(Instant);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(START).after(self.0.elapsed())
    }
}

/// Repeats the question; `long` answers with nine thousand characters, `slow` after two hours.
struct Echo;

impl Agent for Echo {
    fn run(&self, request: AgentRequest) -> BoxStream<'static, Result<AgentEvent, AgentError>> {
        let text = request.message.text();
        stream::once(async move {
            match text.as_str() {
                "slow" => tokio::time::sleep(Duration::from_secs(2 * 3_600)).await,
                "long" => {
                    return Ok(AgentEvent::Text(format!(
                        "# 报告\n\n{}",
                        "这是一句话。".repeat(1_500)
                    )));
                }
                _ => {}
            }
            Ok(AgentEvent::Text(format!("答：{text}")))
        })
        .boxed()
    }
}

struct Silent;

impl Texts for Silent {
    fn notice(&self, notice: &Notice) -> String {
        format!("<{notice:?}>")
    }
}

impl Observer for Silent {
    fn observe(&self, _: &Observation) {}
}

struct World {
    emulator: Emulator,
    store: Arc<MemoryStore>,
    _tasks: JoinSet<()>,
}

impl World {
    async fn new(account: AccountRules) -> Self {
        Self::with(account, dingtalk_emulator::World::demo()).await
    }

    /// All bots of a platform in one gateway; the first is the account `default`, each other is named after its app.
    async fn with(rules: AccountRules, platform: dingtalk_emulator::World) -> Self {
        // Only the first call of a process has an effect.
        drop(rustls::crypto::ring::default_provider().install_default());
        let apps = platform.apps.clone();
        let emulator = Emulator::builder()
            .world(platform)
            .time_ms(START)
            .start()
            .await
            .expect("the platform starts");
        let store = Arc::new(MemoryStore::new());
        let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
        let mut all_rules = rules_with(rules.clone());
        let mut bots = BTreeMap::new();
        for (number, app) in apps.iter().enumerate() {
            let name = if number == 0 {
                "default"
            } else {
                app.client_id.as_str()
            };
            let id = AccountId::new(name);
            let bot = Account {
                client: client(&emulator, app),
                robot: RobotCode::new(app.robot_code.as_str()),
            };
            bots.insert(id.clone(), bot);
            let key = (ChannelId::new(CHANNEL), id);
            all_rules.accounts.insert(key, rules.clone());
        }
        let channel = Arc::new(DingTalk::new(bots.clone(), Arc::clone(&clock)));
        let ports = Ports {
            store: Arc::clone(&store) as Arc<dyn Store>,
            agent: Arc::new(Echo),
            channels: [(ChannelId::new(CHANNEL), channel as _)].into(),
            clock: Arc::clone(&clock),
            texts: Arc::new(Silent),
            observer: Arc::new(Silent),
        };
        let settings = Settings {
            turn_deadline: Duration::from_secs(4 * 3_600),
            ..Settings::default()
        };
        let (engine, handle) = Service::new(ports, all_rules, settings);
        let mut tasks = JoinSet::new();
        tasks.spawn(engine.run(CancellationToken::new()));
        for (id, bot) in bots {
            let handler = Arc::new(Inbound::new(id, handle.clone()));
            let clock = Arc::clone(&clock);
            let wall_clock = Arc::new(move || clock.now().0);
            let (stream, _) = Stream::new(bot.client, handler, Options::default(), wall_clock);
            tasks.spawn(stream.run(CancellationToken::new()));
        }
        let connected = |view: &View<'_>| {
            let mut robots = apps.iter().map(|app| &app.robot_code);
            robots.all(|robot| view.connections_of(robot) == 1)
        };
        emulator.wait_until(connected).await.expect("all connect");
        Self {
            emulator,
            store,
            _tasks: tasks,
        }
    }

    /// What the bot has written to 林小满 alone, once there is that much; more is an error.
    async fn answers(&self, count: usize) -> Vec<Shown> {
        let chat = self.emulator.direct("林小满").expect("she exists");
        let there = |view: &View<'_>| view.answers(&chat).count() >= count;
        self.emulator
            .wait_within(Duration::from_secs(24 * 3_600), there)
            .await
            .expect("it is answered");
        tokio::time::sleep(Duration::from_secs(300)).await;
        let shown = self.emulator.answers(&chat);
        assert_eq!(shown.len(), count);
        shown
    }

    fn say(&self, text: &str) {
        self.emulator.say("林小满", text).expect("it is said");
    }
}

fn client(emulator: &Emulator, app: &App) -> Client {
    let address = || emulator.base_url().parse().expect("an address");
    let settings = dingtalk::Settings {
        endpoint: address(),
        oapi_endpoint: address(),
        ..dingtalk::Settings::default()
    };
    let credentials = Credentials {
        client_id: ClientId::new(app.client_id.as_str()),
        client_secret: ClientSecret::new(app.client_secret.reveal()),
        corp_id: None,
    };
    Client::new(
        settings,
        credentials,
        Arc::new(ReqwestTransport::new(reqwest::Client::new())),
    )
}

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
    // Refused although it should still live: 300001 with HTTP 200.
    world.emulator.expire_webhooks();
    world.say("你好");
    world.emulator.expire_webhooks();
    world.answers(2).await;
}

#[tokio::test(start_paused = true)]
async fn a13_what_cannot_be_read_is_visible_and_an_exhausted_quota_is_not_answered() {
    let world = World::new(AccountRules::default()).await;
    let picture = Utterance::other("林小满", "picture", json!({"downloadCode": "made-up"}));
    world.emulator.utter(&picture).expect("it is said");
    assert_eq!(
        world.answers(1).await[0].text,
        "答：[图片：暂时无法读取内容]"
    );
    world
        .emulator
        .utter(&Utterance::over_quota("林小满"))
        .expect("it is said");
    world.answers(1).await;
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
    let world = World::with(AccountRules::default(), demo.app(second).group(both)).await;
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
