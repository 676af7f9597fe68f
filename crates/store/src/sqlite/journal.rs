//! What happened to a message, and how much there is of everything.

use chela_engine::id::Sequence;
use chela_engine::ports::{Counts, JournalEntry};
use chela_engine::time::Timestamp;
use rusqlite::Connection;

use super::failure::Failure;
use super::{inbox, outbox, rating, spending};

/// Finds messages by their id or by the receipt key of an answer.
pub(super) fn find(connection: &Connection, key: &str) -> Result<Vec<JournalEntry>, Failure> {
    // One snapshot for all of it, though the writer goes on.
    let snapshot = connection.unchecked_transaction()?;
    let entries = sequences(&snapshot, key)?
        .into_iter()
        .map(|sequence| entry(&snapshot, sequence))
        .collect();
    snapshot.finish()?;
    entries
}

/// Counts rows through the small indexes, without touching the messages.
pub(super) fn counts(connection: &Connection) -> Result<Counts, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT (SELECT COUNT(*) FROM inbox WHERE outcome IS NULL),
                (SELECT COUNT(*) FROM inbox WHERE outcome IS NOT NULL),
                (SELECT COUNT(*) FROM outbox WHERE state = 'pending'),
                (SELECT COUNT(*) FROM outbox WHERE state = 'failed'),
                (SELECT COUNT(*) FROM session WHERE ended_at IS NULL),
                (SELECT MIN(received_at) FROM inbox WHERE outcome IS NULL)",
    )?;
    let counts = select.query_row([], |row| {
        let count = |index| row.get::<_, i64>(index).map(i64::unsigned_abs);
        let oldest: Option<i64> = row.get(5)?;
        Ok(Counts {
            messages: count(0)? + count(1)?,
            unfinished: count(0)?,
            undelivered: count(2)?,
            failed: count(3)?,
            sessions: count(4)?,
            oldest_unfinished: oldest.map(Timestamp),
        })
    })?;
    Ok(counts)
}

fn sequences(connection: &Connection, key: &str) -> Result<Vec<Sequence>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT sequence FROM inbox WHERE message_id = ?1
         -- Its copies for several agents: `?1@agent`, and `A` is the character behind `@`.
         UNION
         SELECT sequence FROM inbox WHERE message_id > ?1 || '@' AND message_id < ?1 || 'A'
         UNION
         SELECT sequence FROM outbox WHERE receipt_key = ?1
         ORDER BY sequence",
    )?;
    let sequences = select.query_map([key], |row| row.get(0).map(Sequence))?;
    Ok(sequences.collect::<Result<_, _>>()?)
}

fn entry(connection: &Connection, sequence: Sequence) -> Result<JournalEntry, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT sequence, received_at, attempts, message, outcome FROM inbox WHERE sequence = ?1",
    )?;
    let (message, outcome) = select.query_row([sequence.0], |row| {
        Ok((inbox::stored_message(row), row.get(4)?))
    })?;
    Ok(JournalEntry {
        message: message?,
        outcome,
        replies: outbox::replies(connection, sequence)?,
        spent: spending::of(connection, sequence)?,
        ratings: rating::of(connection, sequence)?,
    })
}
