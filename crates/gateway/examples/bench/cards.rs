//! Answers on cards that type themselves: how soon something is seen, how many updates one process sustains, and what an
//! answer costs it. Cards type at the default interval, and the platform allows any number of calls.

use std::convert::Infallible;
use std::ops::Sub;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::routing::post;
use axum::serve::ListenerExt;
use dingtalk_emulator::View;
use futures_util::{Stream, StreamExt, stream};
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::site::{Site, colleague};
use super::{Figures, connected, count, cpu, milliseconds, percentile};

/// Cards that are looked at one by one.
const SINGLE: usize = 100;
/// Cards that type at the same time. Each holds a connection to the model.
const TOGETHER: usize = 2_000;
/// The model says so many words …
const WORDS: usize = 20;
/// … with so much time before each but the first: ten seconds in all.
const PAUSE: Duration = Duration::from_millis(500);
/// Updates are counted for so long, from when all cards are there.
const WINDOW: Duration = Duration::from_secs(4);
/// How often it is looked whether cards are as far as they should be.
const LOOK: Duration = Duration::from_millis(50);
/// Cards that are not there or have not ended after so long never will.
const PATIENCE: Duration = Duration::from_secs(120);
/// The call that shows text on a card.
const UPDATES: &str = "PUT /v1.0/card/streaming";

/// Measures all of it with a gateway of its own.
pub(crate) async fn measure(binary: &str, figures: &mut Figures) {
    allow_connections();
    let (_model, address) = serve_model().await;
    let site = Site::with_colleagues(binary, Duration::ZERO, SINGLE + TOGETHER).await;
    site.configure(|config| {
        config["channels"]["dingtalk"]["messageType"] = "card".into();
        config["models"]["providers"]["echo"]["baseUrl"] = address.into();
        config["agents"]["defaults"]["maxConcurrent"] = TOGETHER.into();
    });
    let mut gateway = connected(&site).await;
    let process = gateway.id().unwrap();
    let before = calls(&site);
    one_by_one(&site, figures).await;
    until_ended(&site, SINGLE).await;
    let each = (calls(&site) - before) / count(SINGLE);
    figures.set("card_calls_per_answer", each, "count");
    all_at_once(&site, process, figures).await;
    gateway.kill().await.unwrap();
}

/// From a message to its card, and to the first words on it.
async fn one_by_one(site: &Site, figures: &mut Figures) {
    let (mut cards, mut words) = (Vec::new(), Vec::new());
    for number in 0..SINGLE {
        let person = colleague(number);
        let chat = site.emulator.direct(&person).unwrap();
        let start = Instant::now();
        site.emulator.say(&person, "你好").unwrap();
        let is_there = |view: &View<'_>| view.answers(&chat).next().is_some();
        site.emulator.wait_until(is_there).await.unwrap();
        cards.push(milliseconds(start));
        let has_words = |view: &View<'_>| {
            let mut answers = view.answers(&chat);
            answers.any(|shown| shown.text.contains("字"))
        };
        site.emulator.wait_until(has_words).await.unwrap();
        words.push(milliseconds(start));
    }
    for (percent, name) in [(50, "p50"), (99, "p99")] {
        let card = percentile(&mut cards, percent);
        figures.set(&format!("card_shown_{name}"), card, "ms");
        let first = percentile(&mut words, percent);
        figures.set(&format!("card_first_words_{name}"), first, "ms");
    }
}

/// Updates per second while many cards type, and the CPU of whole answers.
async fn all_at_once(site: &Site, process: u32, figures: &mut Figures) {
    let (begin, before, asked) = (cpus(process), calls(site), Instant::now());
    for number in 0..TOGETHER {
        site.emulator
            .say(&colleague(SINGLE + number), "你好")
            .unwrap();
    }
    let cards = SINGLE + TOGETHER;
    until(site, |view| view.answer_count() >= cards as u64).await;
    let (start, busy, typed) = (Instant::now(), cpus(process), updates(site));
    sleep(WINDOW).await;
    let (took, cpu) = (start.elapsed().as_secs_f64(), cpus(process) - busy);
    let typed = updates(site) - typed;
    figures.set("card_updates", typed / took, "updates/s");
    // What all cores would carry if nothing else ran on them, and if more cards typed.
    let cores = count(std::thread::available_parallelism().unwrap().get());
    let bound = cores * typed / (cpu.gateway + cpu.driver);
    figures.set("card_updates_cpu_bound", bound, "updates/s");

    until_ended(site, cards).await;
    let cpu = cpus(process) - begin;
    let answers = count(TOGETHER);
    let each = |seconds: f64| seconds * 1_000.0 / answers;
    figures.set("card_cpu_per_answer", each(cpu.gateway), "ms");
    figures.set("card_driver_cpu_per_answer", each(cpu.driver), "ms");
    // Who has too much to do writes longer, and makes more calls for the same answer.
    let calls = (calls(site) - before) / answers;
    figures.set("card_calls_per_answer_under_load", calls, "count");
    figures.set("card_answers_under_load", milliseconds(asked), "ms");
}

/// Seconds that both processes have computed.
struct Cpus {
    gateway: f64,
    driver: f64,
}

impl Sub for Cpus {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            gateway: self.gateway - earlier.gateway,
            driver: self.driver - earlier.driver,
        }
    }
}

fn cpus(gateway: u32) -> Cpus {
    Cpus {
        gateway: cpu(gateway),
        driver: cpu(std::process::id()),
    }
}

fn updates(site: &Site) -> f64 {
    charged(site, |path| path == UPDATES)
}

/// All that is paid in calls of the Open API: replies by session webhook are not.
fn calls(site: &Site) -> f64 {
    charged(site, |path| !path.contains("sendBySession"))
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls are small")]
fn charged(site: &Site, is_counted: impl Fn(&str) -> bool) -> f64 {
    let charged = site.emulator.counters().charged.into_iter();
    let counted = charged.filter(|(path, _)| is_counted(path));
    counted.map(|(_, calls)| calls).sum::<u64>() as f64
}

/// Waits until there are so many cards, and nothing else, and all have ended.
async fn until_ended(site: &Site, cards: usize) {
    let has_ended = |view: &View<'_>| {
        view.answer_count() >= cards as u64 && view.spinning_cards().next().is_none()
    };
    until(site, has_ended).await;
    let there = site.emulator.look(|view| view.cards().count());
    assert_eq!(there, cards, "{:?}", site.emulator.counters());
}

/// Looks now and then only: to look at each change costs more than the change.
async fn until(site: &Site, wished: impl Fn(&View<'_>) -> bool) {
    let start = Instant::now();
    while !site.emulator.look(&wished) {
        assert!(start.elapsed() < PATIENCE, "it does not come to that");
        sleep(LOOK).await;
    }
}

/// As many open files as the system lets us have, for us and for the gateway.
fn allow_connections() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// A model that says its first word at once and takes ten seconds for all.
async fn serve_model() -> (JoinSet<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/v1/chat/completions", post(|| async { answer() }));
    // Words are small, and must not wait for each other.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (tasks, address)
}

fn answer() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let words = stream::iter(0..WORDS).then(|number| async move {
        if number > 0 {
            sleep(PAUSE).await;
        }
        let word = format!("第{number}句，有二十多个字，像人说话那样长短。");
        json!({"choices": [{"index": 0, "delta": {"content": word}}]}).to_string()
    });
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}).to_string();
    let lines = words.chain(stream::iter([end, "[DONE]".to_owned()]));
    Sse::new(lines.map(|line| Ok(Event::default().data(line))))
}
