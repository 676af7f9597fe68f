//! Messages from people.

use chela_engine::id::{CardId, Sequence};
use chela_engine::message::InboundMessage;
use chela_engine::ports::{Accepted, StoreErrorKind, StoredMessage};
use chela_engine::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::payload;

/// Inserts a message unless it is there.
pub(super) fn accept(
    connection: &Connection,
    message: &InboundMessage,
    json: &str,
    received_at: Timestamp,
) -> Result<Accepted, Failure> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO inbox (channel, account, message_id, received_at, message) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (message_id, account, channel) DO NOTHING
         RETURNING sequence",
    )?;
    let (channel, account, id) = (
        message.channel.as_str(),
        message.account.as_str(),
        message.key(),
    );
    let sequence = insert
        .query_row(params![channel, account, id, received_at.0, json], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(sequence.map_or(Accepted::Duplicate, |sequence| {
        Accepted::New(Sequence(sequence))
    }))
}

/// Counts an attempt and tells which it is, and on which card it is written; `None` when the message has ended. A card
/// that an earlier attempt has begun stays the card of the message.
pub(super) fn count_attempt(
    connection: &Connection,
    sequence: Sequence,
    card: Option<&CardId>,
) -> Result<Option<(u32, Option<CardId>)>, Failure> {
    let mut update = connection.prepare_cached(
        "UPDATE inbox SET attempts = attempts + 1, card = COALESCE(card, ?2)
         WHERE sequence = ?1 AND outcome IS NULL RETURNING attempts, card",
    )?;
    Ok(update
        .query_row(params![sequence.0, card.map(CardId::as_str)], |row| {
            let card: Option<String> = row.get(1)?;
            Ok((row.get(0)?, card.map(CardId::new)))
        })
        .optional()?)
}

/// Counts one attempt less.
pub(super) fn take_attempt_back(
    connection: &Connection,
    sequence: Sequence,
) -> Result<(), Failure> {
    let mut update = connection.prepare_cached(
        "UPDATE inbox SET attempts = attempts - 1 WHERE sequence = ?1 AND outcome IS NULL AND attempts > 0",
    )?;
    update.execute([sequence.0])?;
    Ok(())
}

/// Ends a message; `false` when it had ended before.
pub(super) fn end(
    connection: &Connection,
    sequence: Sequence,
    outcome: &str,
    at: Timestamp,
) -> Result<bool, Failure> {
    let mut update = connection.prepare_cached(
        "UPDATE inbox SET outcome = ?2, finished_at = ?3 WHERE sequence = ?1 AND outcome IS NULL",
    )?;
    Ok(update.execute(params![sequence.0, outcome, at.0])? == 1)
}

/// When a message was accepted.
pub(super) fn received_at(
    connection: &Connection,
    sequence: Sequence,
) -> Result<Timestamp, Failure> {
    let mut select =
        connection.prepare_cached("SELECT received_at FROM inbox WHERE sequence = ?1")?;
    Ok(Timestamp(select.query_row([sequence.0], |row| row.get(0))?))
}

/// Whether a message is there and has not ended.
pub(super) fn is_open(connection: &Connection, sequence: Sequence) -> Result<bool, Failure> {
    let mut select =
        connection.prepare_cached("SELECT 1 FROM inbox WHERE sequence = ?1 AND outcome IS NULL")?;
    Ok(select.exists([sequence.0])?)
}

/// Messages without an end behind `after`. A row that cannot be read is left out and logged: it must not hold up
/// everybody behind it.
pub(super) fn unfinished(
    connection: &Connection,
    after: Sequence,
    limit: usize,
) -> Result<Vec<StoredMessage>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT sequence, received_at, attempts, message FROM inbox
         WHERE outcome IS NULL AND sequence > ?1 ORDER BY sequence",
    )?;
    let mut rows = select.query([after.0])?;
    let mut messages = Vec::new();
    while messages.len() < limit
        && let Some(row) = rows.next()?
    {
        match stored_message(row) {
            Err(failure) if failure.kind == StoreErrorKind::Malformed => {
                let sequence: i64 = row.get(0)?;
                tracing::error!(sequence, %failure, "left out a message of the inbox");
            }
            message => messages.push(message?),
        }
    }
    Ok(messages)
}

/// Writes down which reaction a message bears; tells what was there before.
pub(super) fn mark(
    connection: &Connection,
    sequence: Sequence,
    reaction: Option<&str>,
) -> Result<Option<String>, Failure> {
    let before = connection
        .prepare_cached("SELECT reaction FROM inbox WHERE sequence = ?1")?
        .query_row([sequence.0], |row| row.get(0))
        .optional()?;
    connection
        .prepare_cached("UPDATE inbox SET reaction = ?2 WHERE sequence = ?1")?
        .execute(params![sequence.0, reaction])?;
    Ok(before.flatten())
}

/// Messages that have ended and still bear a reaction. One that cannot be read is left out and logged.
pub(super) fn marked(
    connection: &Connection,
    limit: usize,
) -> Result<Vec<(StoredMessage, String)>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT sequence, received_at, attempts, message, reaction FROM inbox
         WHERE reaction IS NOT NULL AND outcome IS NOT NULL ORDER BY sequence",
    )?;
    let mut rows = select.query([])?;
    let mut messages = Vec::new();
    while messages.len() < limit
        && let Some(row) = rows.next()?
    {
        match stored_message(row) {
            Err(failure) if failure.kind == StoreErrorKind::Malformed => {
                let sequence: i64 = row.get(0)?;
                tracing::error!(sequence, %failure, "left out a message with a reaction");
            }
            message => messages.push((message?, row.get(4)?)),
        }
    }
    Ok(messages)
}

/// Reads the columns `sequence, received_at, attempts, message`.
pub(super) fn stored_message(row: &Row<'_>) -> Result<StoredMessage, Failure> {
    let json = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(StoredMessage {
        sequence: Sequence(row.get(0)?),
        received_at: Timestamp(row.get(1)?),
        attempts: row.get(2)?,
        message: payload::from_json(json)?,
    })
}
