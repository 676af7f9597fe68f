//! Messages of agents to others than who asked.

use chela_engine::id::{AccountId, ChannelId, MessageId, OutboxId};
use chela_engine::message::{InboundMessage, OutboundMessage};
use chela_engine::ports::{Acquaintance, Courier, Settlement, StoreError, StoreErrorKind};
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::store::SqliteStore;
use super::{outbox, payload};

/// Messages that are looked through for people, and people who are remembered.
const LOOKED_THROUGH: u32 = 20_000;
const MOST: u32 = 5_000;

/// The question that a message belongs to.
struct Question {
    channel: ChannelId,
    account: AccountId,
    id: MessageId,
}

impl Courier for SqliteStore {
    fn send(
        &self,
        question: &InboundMessage,
        key: String,
        message: OutboundMessage,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<OutboxId, StoreError>> {
        let question = Question {
            channel: question.channel.clone(),
            account: question.account.clone(),
            id: question.id.clone(),
        };
        match payload::to_json(&message) {
            Ok(json) => self
                .writer()
                .call(move |connection| send(connection, &question, &key, &json, at)),
            Err(failure) => future::ready(Err(failure.into())).boxed(),
        }
    }

    fn settlement(
        &self,
        id: OutboxId,
    ) -> BoxFuture<'static, Result<Option<Settlement>, StoreError>> {
        self.reader()
            .call(move |connection| outbox::settlement_of(connection, id))
    }

    fn acquaintances(
        &self,
        channel: &ChannelId,
        account: &AccountId,
    ) -> BoxFuture<'static, Result<Vec<Acquaintance>, StoreError>> {
        let (channel, account) = (channel.clone(), account.clone());
        self.reader()
            .call(move |connection| acquaintances(connection, &channel, &account))
    }
}

fn send(
    connection: &Connection,
    question: &Question,
    key: &str,
    json: &str,
    at: Timestamp,
) -> Result<OutboxId, Failure> {
    let sequence: Option<i64> = connection
        .prepare_cached(
            "SELECT sequence FROM inbox WHERE message_id = ?1 AND account = ?2 AND channel = ?3",
        )?
        .query_row(
            params![
                question.id.as_str(),
                question.account.as_str(),
                question.channel.as_str()
            ],
            |row| row.get(0),
        )
        .optional()?;
    let Some(sequence) = sequence else {
        let reason = "a message is sent for a question that is not there".to_owned();
        return Err(Failure::new(StoreErrorKind::Other, reason));
    };
    connection
        .prepare_cached(
            "INSERT INTO outbox (sequence, created_at, sent_key, message) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (sequence, sent_key) WHERE sent_key IS NOT NULL DO NOTHING",
        )?
        .execute(params![sequence, at.0, key, json])?;
    let id = connection
        .prepare_cached("SELECT id FROM outbox WHERE sequence = ?1 AND sent_key = ?2")?
        .query_row(params![sequence, key], |row| row.get(0))?;
    Ok(OutboxId(id))
}

fn acquaintances(
    connection: &Connection,
    channel: &ChannelId,
    account: &AccountId,
) -> Result<Vec<Acquaintance>, Failure> {
    // Of a group, SQLite takes the columns from the row that has the maximum.
    let mut select = connection.prepare_cached(
        "SELECT json_extract(message, '$.conversation'), json_extract(message, '$.sender'), MAX(sequence) AS newest
         FROM (SELECT sequence, message FROM inbox WHERE channel = ?1 AND account = ?2
               ORDER BY sequence DESC LIMIT ?3)
         GROUP BY json_extract(message, '$.conversation.id'), json_extract(message, '$.sender.id')
         ORDER BY newest DESC LIMIT ?4",
    )?;
    let mut rows = select.query(params![
        channel.as_str(),
        account.as_str(),
        LOOKED_THROUGH,
        MOST
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let conversation = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let person = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        found.push(Acquaintance {
            conversation: payload::from_json(conversation)?,
            person: payload::from_json(person)?,
        });
    }
    Ok(found)
}
