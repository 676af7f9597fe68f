//! B19 and R6 on the real binary: fifty people, three bots, four agents, twenty tasks each, while the platform repeats,
//! cuts, refuses and forgets, and the gateway is killed: no answer stands in another conversation than its question, and no
//! model hears of two conversations in one call. `CHELA_TASKS` sets the number of tasks.

#![expect(
    clippy::disallowed_methods,
    reason = "a test is told how much to do by its environment"
)]
#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::routing::post;
use dingtalk_emulator::{
    App, ConversationId, Emulator, Fault, Group, Mention, Person, Said, Utterance, View, World,
};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use site::{Site, terminate};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const PEOPLE: usize = 50;
const BOTS: [&str; 3] = ["sales", "support", "lab"];
const GROUPS: usize = 5;
/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

fn app(bot: &str) -> App {
    App::new(&format!("ding{bot}"), &format!("{bot}-secret"), bot)
}

fn person(number: usize) -> String {
    format!("同事{number}号")
}

fn world() -> World {
    let mut world = World::new("示例科技");
    for bot in BOTS {
        world = world.app(app(bot));
    }
    for number in 0..PEOPLE {
        world = world.person(Person::new(&person(number), &format!("staff{number}")));
    }
    let staff: Vec<String> = (0..PEOPLE).map(|number| format!("staff{number}")).collect();
    for number in 0..GROUPS {
        let members = staff.iter().map(String::as_str);
        let group = Group::new(&format!("群{number}")).members(members);
        world = world.group(BOTS.iter().fold(group, |group, bot| group.bot(&app(bot))));
    }
    world
}

/// The tasks that each call of a model has heard of.
type Heard = Arc<Mutex<Vec<BTreeSet<usize>>>>;

/// The numbers of the tasks that a text names.
fn tasks(text: &str) -> BTreeSet<usize> {
    let named = text.split("任务").skip(1);
    named
        .filter_map(|rest| rest.split('。').next()?.parse().ok())
        .collect()
}

/// Answers the last task, and notes all that it has heard of.
async fn model(Json(question): Json<Value>, heard: Heard) -> Json<Value> {
    let messages = question["messages"].as_array().unwrap();
    let text = |message: &Value| message["content"].as_str().unwrap_or_default().to_owned();
    let all = messages.iter().flat_map(|message| tasks(&text(message)));
    heard.lock().unwrap().push(all.collect());
    let last = tasks(&text(messages.last().unwrap()));
    let answer: String = last
        .iter()
        .map(|task| format!("完成任务{task}。"))
        .collect();
    let message = json!({ "role": "assistant", "content": answer });
    Json(json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }))
}

async fn serve(heard: Heard) -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = axum::Router::new().route(
        "/v1/chat/completions",
        post(move |question| model(question, heard.clone())),
    );
    let mut running = JoinSet::new();
    running.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (running, address)
}

fn configure(site: &Site, model: &str) {
    site.configure(|config| {
        config["models"]["providers"]["echo"]["baseUrl"] = json!(model);
        let dingtalk = config["channels"]["dingtalk"].as_object_mut().unwrap();
        dingtalk.retain(|name, _| !matches!(name.as_str(), "clientId" | "clientSecret"));
        let accounts = BOTS.map(|bot| {
            let app = app(bot);
            let bot = json!({
                "clientId": app.client_id.as_str(),
                "clientSecret": app.client_secret.reveal(),
            });
            (app.bot_name, bot)
        });
        let accounts = accounts.into_iter().collect::<serde_json::Map<_, _>>();
        dingtalk.insert("accounts".to_owned(), accounts.into());
        let agents = ["main", "coder", "writer", "clerk"];
        config["agents"]["list"] = agents.map(|id| json!({ "id": id })).to_vec().into();
        let by = |value: Value| json!({ "channel": "dingtalk", "accountId": value });
        config["bindings"] = json!([
            { "agentId": "clerk", "match": by(json!("support")) },
            { "agentId": "writer", "match": by(json!("lab")) },
        ]);
        config["session"] = json!({ "dmScope": "per-account-channel-peer" });
        config["messages"]["queue"] = json!({ "showPosition": false, "cap": 1_000 });
    });
}

/// Something goes wrong with the platform.
fn trouble(emulator: &Emulator, random: &mut SmallRng) {
    let fault = match random.random_range(0..12) {
        0 => return emulator.deliver_twice(5),
        1 => {
            emulator.disconnect_all();
            return;
        }
        2 => {
            emulator.cut_all();
            return;
        }
        3 => {
            emulator.reset_all();
            return;
        }
        4 => return emulator.invalidate_tokens(),
        5 => return emulator.expire_webhooks(),
        6 => Fault::lose_response().on("/robot/sendBySession"),
        7 => Fault::status(503).on("/robot/sendBySession").times(3),
        8 => Fault::status(500).on("/v1.0/robot").times(2),
        9 => Fault::cut_before().times(2),
        10 => Fault::latency(Duration::from_millis(300)).times(5),
        _ => Fault::too_fast().on("/v1.0").times(2),
    };
    emulator.fault(fault);
}

fn are_connected(view: &View<'_>) -> bool {
    let mut robots = BOTS.iter().map(|bot| app(bot).robot_code);
    robots.all(|robot| view.connections_of(&robot) > 0)
}

/// Says a task somewhere.
fn say(emulator: &Emulator, random: &mut SmallRng, number: usize) -> Said {
    let person = person(random.random_range(0..PEOPLE));
    let robot = app(BOTS[random.random_range(0..BOTS.len())]).robot_code;
    let text = match random.random_range(0..8) {
        0 => format!("@coder 做任务{number}。"),
        1 => format!("@coder @clerk 做任务{number}。"),
        2 => format!("/btw 做任务{number}。"),
        _ => format!("做任务{number}。"),
    };
    let utterance = Utterance::text(&person, &text);
    let utterance = if random.random_bool(0.3) {
        let group = format!("群{}", random.random_range(0..GROUPS));
        utterance.in_group(&group).mentioning(Mention::Bot(robot))
    } else {
        utterance.to_bot(&robot)
    };
    emulator.utter(&utterance).unwrap()
}

/// Which tasks were answered where.
fn answered(
    view: &View<'_>,
    chats: &BTreeSet<ConversationId>,
) -> BTreeSet<(usize, ConversationId)> {
    let shown = chats
        .iter()
        .flat_map(|chat| view.answers(chat).map(move |shown| (chat, shown)));
    shown
        .flat_map(|(chat, shown)| {
            tasks(&shown.text)
                .into_iter()
                .map(|task| (task, chat.clone()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reply_reaches_another_conversation() {
    let each: usize = std::env::var("CHELA_TASKS")
        .ok()
        .and_then(|tasks| tasks.parse().ok())
        .unwrap_or(20);
    let mut random = SmallRng::seed_from_u64(20_261_125);
    let site = Site::in_world(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, world()).await;
    let heard = Heard::default();
    let (_model, address) = serve(Arc::clone(&heard)).await;
    configure(&site, &address);
    let mut gateway = site.start_after("");
    let connected = site.emulator.wait_until(are_connected);
    assert!(connected.await.is_ok(), "{}", site.printed());
    let count = PEOPLE * each;
    let mut said: BTreeMap<usize, Said> = BTreeMap::new();
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    for number in 0..count {
        pace.tick().await;
        if random.random_bool(0.03) {
            trouble(&site.emulator, &mut random);
            // What is said to a bot that is away is lost on every platform, and shows nothing.
            site.emulator.wait_until(are_connected).await.unwrap();
        }
        if number == count / 2 {
            gateway.kill().await.unwrap();
            gateway = site.start_after("");
            site.emulator.wait_until(are_connected).await.unwrap();
        }
        said.insert(number, say(&site.emulator, &mut random, number));
    }
    site.emulator.clear_faults();
    let messages: BTreeMap<usize, ConversationId> = said
        .iter()
        .map(|(task, said)| (*task, said.conversation.clone()))
        .collect();
    let chats: BTreeSet<ConversationId> = messages.values().cloned().collect();
    // What no bot has acknowledged, because none was connected, nobody owes an answer to.
    let unanswered = |view: &View<'_>| {
        let answered = answered(view, &chats);
        let pushes = view.pushes().filter(|push| push.ack_code == Some(200));
        let taken: BTreeSet<_> = pushes.filter_map(|push| push.message.clone()).collect();
        let owed = said
            .iter()
            .filter(|(_, said)| taken.contains(&said.message));
        let owed =
            owed.filter(|(task, said)| !answered.contains(&(**task, said.conversation.clone())));
        owed.map(|(task, _)| *task).collect::<Vec<_>>()
    };
    let settled =
        |view: &View<'_>| view.oldest_unacked_ms().is_none() && unanswered(view).is_empty();
    let settled = site.emulator.wait_within(PATIENCE, settled).await;
    let missing = site.emulator.look(unanswered);
    assert!(
        settled.is_ok(),
        "unanswered: {missing:?}\n{}",
        site.printed()
    );
    let answered = site.emulator.look(|view| answered(view, &chats));
    assert!(
        answered.len() * 4 > count * 3,
        "there was work: {}",
        answered.len()
    );
    // Each answer stands where its question does.
    for (task, chat) in answered {
        assert_eq!(Some(&chat), messages.get(&task), "task {task}");
    }
    let shown: usize = chats
        .iter()
        .map(|chat| site.emulator.answers(chat).len())
        .sum();
    let all = site.emulator.look(|view| view.answer_count());
    assert_eq!(all, shown as u64, "nothing is said elsewhere");
    // No call of a model brings two conversations together.
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    assert!(!heard.is_empty());
    for tasks in heard {
        let chats: BTreeSet<_> = tasks.iter().filter_map(|task| messages.get(task)).collect();
        assert!(chats.len() <= 1, "{tasks:?}");
    }
    terminate(&mut gateway).await;
}
