//! Writes to a store until it is killed, and prints what was acknowledged. For the tests, which kill it.
//!
//! `acknowledge DATABASE PREFIX`
#![expect(
    clippy::print_stdout,
    reason = "the output is what this program is for"
)]

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use chela_engine::id::{AgentId, OutboxId, SessionKey};
use chela_engine::message::{Destination, Format, OutboundMessage};
use chela_engine::ports::{
    Accepted, Begin, Begun, Finish, Origin, Receipt, Settlement, Store, StoreError,
    TranscriptEntry, TranscriptRole,
};
use chela_engine::testing::direct_message;
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;
use tokio::task::JoinSet;

const NOON: Timestamp = Timestamp(1_790_000_000_000);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let path = arguments
        .next()
        .map(PathBuf::from)
        .ok_or("which database?")?;
    let prefix = arguments
        .next()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let store = Arc::new(SqliteStore::open(&path)?);
    let mut tasks = JoinSet::new();
    for writer in 0..8 {
        tasks.spawn(write(Arc::clone(&store), format!("{prefix}-{writer}")));
    }
    tasks.spawn(deliver(store));
    // They write for ever, so the first that ends has failed.
    match tasks.join_next().await.transpose()? {
        Some(Err(error)) => Err(error.into()),
        None => Ok(()),
    }
}

async fn write(store: Arc<SqliteStore>, prefix: String) -> Result<Infallible, StoreError> {
    let mut index = 0;
    loop {
        let id = format!("{prefix}-{index}");
        index += 1;
        let question = direct_message(&id, &prefix, "问");
        let Accepted::New(sequence) = store.accept(question.clone(), NOON).await? else {
            continue;
        };
        println!("accepted {id}");
        let begin = Begin {
            sequence,
            agent: AgentId::new("main"),
            session_key: SessionKey::new(prefix.clone()),
            origin: Origin::of(&question),
            expired_before: None,
            history: 10,
            card: None,
            at: NOON,
        };
        let Begun::Open { session, .. } = store.begin(begin).await? else {
            continue;
        };
        let text = "答".repeat(100);
        let said = TranscriptEntry {
            role: TranscriptRole::Assistant,
            text: text.clone(),
            at: NOON,
        };
        let reply = OutboundMessage {
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
            format: Format::Text,
            title: "答复".to_owned(),
            body: text,
            attachment: None,
            card: None,
            inquiry: None,
        };
        let finish = Finish {
            sequence,
            joined: Vec::new(),
            outcome: "answer",
            transcript: Some((session, vec![said])),
            spent: None,
            follow_ups: Vec::new(),
            replies: vec![reply],
            at: NOON,
        };
        store.finish(finish).await?;
        println!("finished {id}");
    }
}

/// Settles what the writers leave behind, and what was left when the one before was killed.
async fn deliver(store: Arc<SqliteStore>) -> Result<Infallible, StoreError> {
    loop {
        for delivery in store.undelivered(OutboxId(0), 64).await? {
            let id = delivery.message.in_reply_to;
            let receipt = Receipt {
                transport: "robot".to_owned(),
                key: Some(format!("key {id}")),
            };
            store
                .settle(delivery.id, Settlement::Delivered(receipt), NOON)
                .await?;
            println!("settled {id}");
        }
    }
}
