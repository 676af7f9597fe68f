//! Measures the real binary against a local DingTalk and a model without delay. `cargo xtask bench` builds and runs it.
//!
//! Platform, model and measuring live in this process, the gateway in its own; both share the machine. Called as
//! `bench --binary PATH --messages N --conversations N`; prints one JSON object.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the figures are the output, and a measurement that fails is none"
)]

#[path = "../tests/site/mod.rs"]
mod site;

use std::time::Duration;

use serde_json::{Map, Value, json};
use site::{COLLEAGUES, Site, colleague};
use tokio::time::Instant;

/// Messages that are measured one by one.
const SINGLE: usize = 300;
/// Messages of one person that are on their way together; eight may be.
const TOGETHER: usize = 4;

#[tokio::main]
async fn main() {
    let binary = argument("--binary").expect("--binary PATH");
    let messages: usize = argument("--messages").map_or(10_000, |number| number.parse().unwrap());
    let conversations: usize =
        argument("--conversations").map_or(COLLEAGUES, |number| number.parse().unwrap());
    let conversations = conversations.clamp(1, COLLEAGUES);
    let site = Site::new(&binary, Duration::ZERO).await;
    let mut gateway = site.start();
    let process = gateway.id().unwrap();
    site.emulator.wait_for_connections(1).await.unwrap();

    let mut figures = Map::new();
    let mut figure = |name: &str, value: f64, unit: &str| {
        figures.insert(name.to_owned(), json!({ "value": value, "unit": unit }));
    };
    let (mut acks, mut answers) = one_by_one(&site).await;
    figure("ack_latency_p50", percentile(&mut acks, 50), "ms");
    figure("ack_latency_p99", percentile(&mut acks, 99), "ms");
    figure("added_latency_p50", percentile(&mut answers, 50), "ms");
    figure("added_latency_p99", percentile(&mut answers, 99), "ms");

    let start = Instant::now();
    let sent = all_at_once(&site, messages, conversations).await;
    figure(
        "throughput",
        sent / start.elapsed().as_secs_f64(),
        "messages/s",
    );
    figure("peak_memory", memory(process, "VmHWM:"), "bytes");
    gateway.kill().await.unwrap();

    figure(
        "memory_per_idle_conversation",
        idle_conversation(&site).await,
        "bytes",
    );
    println!("{}", Value::Object(figures));
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

/// Everybody writes several messages together, again and again.
async fn all_at_once(site: &Site, messages: usize, conversations: usize) -> f64 {
    let round = conversations * TOGETHER;
    let mut expected = site.emulator.look(|view| view.answer_count());
    let rounds = messages.div_ceil(round);
    for _ in 0..rounds {
        for number in 0..round {
            site.emulator
                .say(&colleague(number % conversations), "你好")
                .unwrap();
        }
        expected += round as u64;
        site.emulator
            .wait_until(|view| view.answer_count() >= expected)
            .await
            .unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of messages are small")]
    let sent = (rounds * round) as f64;
    sent
}

/// What a fresh gateway holds after everybody has written once, for each of them.
async fn idle_conversation(site: &Site) -> f64 {
    let mut gateway = site.start();
    let process = gateway.id().unwrap();
    site.emulator.wait_for_connections(1).await.unwrap();
    all_at_once(site, TOGETHER, 1).await;
    let before = memory(process, "VmRSS:");
    all_at_once(site, COLLEAGUES * TOGETHER, COLLEAGUES).await;
    let held = memory(process, "VmRSS:") - before;
    gateway.kill().await.unwrap();
    #[expect(clippy::cast_precision_loss, reason = "there are a hundred")]
    let each = held.max(0.0) / COLLEAGUES as f64;
    each
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}

fn percentile(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[(samples.len() - 1) * percent / 100]
}

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

fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}
