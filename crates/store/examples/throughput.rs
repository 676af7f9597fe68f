//! Measures the store: 100 conversations write as fast as they are answered, every commit flushed to disk.
//!
//! `cargo run --release -p chela-store --example throughput [-- MESSAGES [HISTORY [FOLDER]]]`
#![expect(clippy::print_stdout, reason = "a measurement is for a person to read")]

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chela_engine::id::{AgentId, OutboxId, Sequence, SessionKey};
use chela_engine::message::{Destination, Format, InboundMessage, OutboundMessage};
use chela_engine::ports::{
    Accepted, Begin, Begun, Finish, Origin, Receipt, Settlement, Store, StoreError,
    TranscriptEntry, TranscriptRole,
};
use chela_engine::testing::direct_message;
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;
use tokio::task::JoinSet;
use tokio::time::Instant;

const CONVERSATIONS: usize = 100;
const NOON: Timestamp = Timestamp(1_790_000_000_000);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let messages: usize = arguments.next().map_or(Ok(50_000), |count| count.parse())?;
    let history: usize = arguments.next().map_or(Ok(20), |count| count.parse())?;
    let parent = arguments.next().map_or_else(env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(parent)?;
    let store = Arc::new(SqliteStore::open(&folder.path().join("chela.db"))?);

    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for conversation in 0..CONVERSATIONS {
        tasks.spawn(converse(
            Arc::clone(&store),
            conversation,
            messages / CONVERSATIONS,
            history,
        ));
    }
    let mut latencies = Vec::with_capacity(messages);
    while let Some(task) = tasks.join_next().await {
        latencies.extend(task??);
    }
    let elapsed = start.elapsed();
    store.close();

    latencies.sort_unstable();
    let rate = latencies.len() as f64 / elapsed.as_secs_f64();
    println!("messages       {}", latencies.len());
    println!("messages/s     {rate:.0} (4 writes each)");
    println!("ack p50        {:?}", percentile(&latencies, 50));
    println!("ack p99        {:?}", percentile(&latencies, 99));
    println!("ack max        {:?}", percentile(&latencies, 100));
    Ok(())
}

/// One conversation, one message after the other; tells how long each waited until it could be acknowledged.
async fn converse(
    store: Arc<SqliteStore>,
    conversation: usize,
    messages: usize,
    history: usize,
) -> Result<Vec<Duration>, StoreError> {
    let mut latencies = Vec::with_capacity(messages);
    let person = format!("person{conversation}");
    for index in 0..messages {
        let id = format!("msg{conversation}/{index}");
        let question = direct_message(&id, &person, "请帮我总结一下今天的会议纪要，谢谢。");
        let asked = Instant::now();
        let accepted = store.accept(question.clone(), NOON).await?;
        latencies.push(asked.elapsed());
        if let Accepted::New(sequence) = accepted {
            answer(&store, sequence, question, history).await?;
        }
    }
    Ok(latencies)
}

async fn answer(
    store: &SqliteStore,
    sequence: Sequence,
    question: InboundMessage,
    history: usize,
) -> Result<(), StoreError> {
    let begin = Begin {
        sequence,
        agent: AgentId::new("main"),
        session_key: SessionKey::new(format!("agent:main:dingtalk:direct:{}", question.sender.id)),
        origin: Origin::of(&question),
        expired_before: Some(NOON),
        history,
        card: None,
        at: NOON,
    };
    let Begun::Open { session, .. } = store.begin(begin).await? else {
        return Ok(());
    };
    let answer = "好的，以下是总结：".repeat(20);
    let said = |role, text| TranscriptEntry {
        role,
        text,
        at: NOON,
    };
    let transcript = vec![
        said(TranscriptRole::User, question.text()),
        said(TranscriptRole::Assistant, answer.clone()),
    ];
    let finish = Finish {
        sequence,
        joined: Vec::new(),
        outcome: "answer",
        transcript: Some((session, transcript)),
        spent: None,
        follow_ups: Vec::new(),
        replies: vec![reply(question, answer)],
        at: NOON,
    };
    store.finish(finish).await?;
    // With one reply to each message both are numbered alike only by luck; what is measured does not depend on it.
    let receipt = Receipt {
        transport: "session_webhook".to_owned(),
        key: Some(format!("key{sequence}")),
    };
    store
        .settle(OutboxId(sequence.0), Settlement::Delivered(receipt), NOON)
        .await
}

fn reply(question: InboundMessage, body: String) -> OutboundMessage {
    OutboundMessage {
        destination: Destination {
            channel: question.channel,
            account: question.account,
            conversation: question.conversation,
            person: question.sender,
            reply_route: question.reply_route,
            private: false,
        },
        in_reply_to: question.id,
        part: 1,
        parts: 1,
        format: Format::Markdown,
        title: "总结".to_owned(),
        body,
        attachment: None,
        card: None,
        inquiry: None,
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}
