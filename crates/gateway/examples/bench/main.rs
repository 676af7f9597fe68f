//! Measures the real binary against a local DingTalk and a model without delay. `cargo xtask bench` builds and runs it.
//!
//! Platform, model and measuring live in this process, the gateway in its own; both share the machine, so the CPU of
//! either is told too. Called as `bench --binary PATH --messages N --conversations N`; with `--cards` only cards are
//! measured. Prints one JSON object.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the figures are the output, and a measurement that fails is none"
)]

mod cards;
#[path = "../../tests/site/mod.rs"]
mod site;

use std::time::Duration;

use serde_json::{Map, Value, json};
use site::{COLLEAGUES, Site, colleague};
use tokio::process::Child;
use tokio::time::{Instant, sleep};

/// Messages that are measured one by one.
const SINGLE: usize = 300;
/// Messages that are on their way together. Everybody has four of them, and may have eight.
const TOGETHER: usize = 400;
/// Messages that are sent in one go.
const BURST: usize = 100;
/// Messages before the throughput is measured.
const WARM_UP: usize = 2_000;
/// Conversations that are measured while they are idle. As many more come before them, so that everything whose size
/// is bounded, such as the page cache of the store, has its size by then.
const IDLE: usize = 10_000;
/// Memory that has not changed for so long has found its level.
const SETTLING: Duration = Duration::from_secs(5);
/// Memory that still changes after so long never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// The kernel counts CPU time in hundredths of a second, wherever Linux runs (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

#[tokio::main]
async fn main() {
    let binary = argument("--binary").expect("--binary PATH");
    let messages: usize = argument("--messages").map_or(10_000, |number| number.parse().unwrap());
    let conversations: usize =
        argument("--conversations").map_or(COLLEAGUES, |number| number.parse().unwrap());
    let mut figures = Figures::default();
    if std::env::args().all(|argument| argument != "--cards") {
        load(&binary, messages, conversations.max(1), &mut figures).await;
        idle(&binary, &mut figures).await;
    }
    cards::measure(&binary, &mut figures).await;
    println!("{}", Value::Object(figures.0));
}

#[derive(Default)]
struct Figures(Map<String, Value>);

impl Figures {
    fn set(&mut self, name: &str, value: f64, unit: &str) {
        self.0
            .insert(name.to_owned(), json!({ "value": value, "unit": unit }));
    }
}

/// Latency of single messages, then how many go through when there is always more to do.
async fn load(binary: &str, messages: usize, conversations: usize, figures: &mut Figures) {
    let people = conversations.max(COLLEAGUES);
    let site = Site::with_colleagues(binary, Duration::ZERO, people).await;
    let mut gateway = connected(&site).await;
    let process = gateway.id().unwrap();

    let (mut acks, mut answers) = one_by_one(&site).await;
    for (percent, name) in [(50, "p50"), (99, "p99")] {
        let ack = percentile(&mut acks, percent);
        figures.set(&format!("ack_latency_{name}"), ack, "ms");
        let answer = percentile(&mut answers, percent);
        figures.set(&format!("added_latency_{name}"), answer, "ms");
    }

    let everybody = || (0..conversations).cycle();
    all_at_once(&site, everybody().take(WARM_UP)).await;
    let (start, cpu, own_cpu) = (Instant::now(), cpu(process), cpu(std::process::id()));
    all_at_once(&site, everybody().take(messages)).await;
    let took = start.elapsed().as_secs_f64();
    let cpu = self::cpu(process) - cpu;
    let own_cpu = self::cpu(std::process::id()) - own_cpu;
    figures.set("throughput", count(messages) / took, "messages/s");
    // What all cores would carry if nothing else ran on them, and if the disk were not in the way.
    let cores = count(std::thread::available_parallelism().unwrap().get());
    let bound = cores * count(messages) / (cpu + own_cpu);
    figures.set("throughput_cpu_bound", bound, "messages/s");
    let each = |seconds: f64| seconds * 1_000.0 / count(messages);
    figures.set("gateway_cpu_per_message", each(cpu), "ms");
    figures.set("driver_cpu_per_message", each(own_cpu), "ms");
    figures.set("peak_memory", memory(process, "VmHWM:"), "bytes");
    let memory = settled(process).await;
    figures.set("memory_after_load_anonymous", memory, "bytes");
    gateway.kill().await.unwrap();
}

/// What a conversation leaves in memory when nothing happens in it any more.
async fn idle(binary: &str, figures: &mut Figures) {
    let site = Site::with_colleagues(binary, Duration::ZERO, 2 * IDLE).await;
    let mut gateway = connected(&site).await;
    let process = gateway.id().unwrap();
    all_at_once(&site, 0..IDLE).await;
    let before = settled(process).await;
    all_at_once(&site, IDLE..2 * IDLE).await;
    let held = settled(process).await - before;
    figures.set(
        "memory_per_idle_conversation",
        held.max(0.0) / count(IDLE),
        "bytes",
    );
    gateway.kill().await.unwrap();
}

async fn connected(site: &Site) -> Child {
    let gateway = site.start();
    site.emulator.wait_for_connections(1).await.unwrap();
    gateway
}

/// Says one message at a time; from the push to its acknowledgement, and to the answer on the screen.
async fn one_by_one(site: &Site) -> (Vec<f64>, Vec<f64>) {
    let (mut acks, mut answers) = (Vec::new(), Vec::new());
    for number in 0..SINGLE {
        let before = site
            .emulator
            .look(|view| (view.ack_count(), view.answer_count()));
        let start = Instant::now();
        site.emulator
            .say(&colleague(number % COLLEAGUES), "你好")
            .unwrap();
        site.emulator
            .wait_until(|view| view.ack_count() > before.0)
            .await
            .unwrap();
        acks.push(milliseconds(start));
        site.emulator
            .wait_until(|view| view.answer_count() > before.1)
            .await
            .unwrap();
        answers.push(milliseconds(start));
    }
    (acks, answers)
}

/// These people write one after the other, as fast as there are answers; waits for the last one.
async fn all_at_once(site: &Site, people: impl Iterator<Item = usize>) {
    let answered = site.emulator.look(|view| view.answer_count());
    let mut said = 0;
    for person in people {
        site.emulator.say(&colleague(person), "你好").unwrap();
        said += 1;
        if said % BURST == 0 {
            until_answered(site, answered, said.saturating_sub(TOGETHER - BURST)).await;
        }
    }
    until_answered(site, answered, said).await;
}

async fn until_answered(site: &Site, before: u64, messages: usize) {
    let expected = before + messages as u64;
    site.emulator
        .wait_until(|view| view.answer_count() >= expected)
        .await
        .unwrap();
}

/// The memory of the process's own, without pages of files, when it no longer changes by more than a page or two.
async fn settled(process: u32) -> f64 {
    const LITTLE: f64 = 64.0 * 1_024.0;
    let start = Instant::now();
    let (mut level, mut since) = (memory(process, "RssAnon:"), Instant::now());
    while since.elapsed() < SETTLING && start.elapsed() < PATIENCE {
        sleep(SETTLING / 10).await;
        let now = memory(process, "RssAnon:");
        if (now - level).abs() > LITTLE {
            (level, since) = (now, Instant::now());
        }
    }
    memory(process, "RssAnon:")
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}

fn percentile(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[(samples.len() - 1) * percent / 100]
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages are small")]
fn count(messages: usize) -> f64 {
    messages as f64
}

/// Bytes that the kernel names in the status of a process.
fn memory(process: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        * 1_024.0
}

/// Seconds that a process has computed, in user and kernel mode.
fn cpu(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name, in parentheses, may hold anything; utime and stime are the 12th and 13th behind it.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / TICKS_PER_SECOND
}

fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}
