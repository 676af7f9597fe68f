//! The end of a message, and the replies that it leaves behind.

use std::time::Duration;

use chela_engine::id::{OutboxId, Sequence};
use chela_engine::ports::{Delivery, Finish, Finished, Receipt, Settlement, StoreErrorKind};
use chela_engine::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::failure::Failure;
use super::{inbox, payload, session};

/// Ends a message; `replies` and `follow_ups` are those of `finish` as JSON.
pub(super) fn finish(
    connection: &Connection,
    finish: &Finish,
    replies: &[String],
    follow_ups: &[String],
) -> Result<Finished, Failure> {
    if !inbox::end(connection, finish.sequence, finish.outcome, finish.at)? {
        return Ok(Finished::Before);
    }
    for joined in &finish.joined {
        inbox::end(connection, *joined, finish.outcome, finish.at)?;
    }
    if let Some((id, entries)) = &finish.transcript {
        session::append(connection, *id, entries, finish.at)?;
        if let Some(usage) = finish.spent.as_ref().map(|spent| &spent.usage) {
            session::charge(connection, *id, usage)?;
        }
    }
    if !follow_ups.is_empty() {
        let received_at = inbox::received_at(connection, finish.sequence)?;
        for (message, json) in finish.follow_ups.iter().zip(follow_ups) {
            inbox::accept(connection, message, json, received_at)?;
        }
    }
    insert(connection, finish.sequence, replies, finish.at)?;
    Ok(Finished::Now)
}

/// Says something to a message that has not ended.
pub(super) fn say(
    connection: &Connection,
    sequence: Sequence,
    replies: &[String],
    at: Timestamp,
) -> Result<(), Failure> {
    if inbox::is_open(connection, sequence)? {
        insert(connection, sequence, replies, at)?;
    }
    Ok(())
}

/// Says something to a message that has ended; nothing when it is not there.
pub(super) fn answer_later(
    connection: &Connection,
    sequence: Sequence,
    replies: &[String],
    at: Timestamp,
) -> Result<(), Failure> {
    let is_there: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM inbox WHERE sequence = ?1)")?
        .query_row([sequence.0], |row| row.get(0))?;
    if is_there {
        insert(connection, sequence, replies, at)?;
    }
    Ok(())
}

/// Puts messages into the outbox.
pub(super) fn insert(
    connection: &Connection,
    sequence: Sequence,
    replies: &[String],
    at: Timestamp,
) -> Result<(), Failure> {
    let mut insert = connection
        .prepare_cached("INSERT INTO outbox (sequence, created_at, message) VALUES (?1, ?2, ?3)")?;
    for reply in replies {
        insert.execute(params![sequence.0, at.0, reply])?;
    }
    Ok(())
}

/// Writes down how a delivery went. What was settled for good stays as it is.
pub(super) fn settle(
    connection: &Connection,
    id: OutboxId,
    settlement: &Settlement,
    at: Timestamp,
) -> Result<(), Failure> {
    match settlement {
        Settlement::Delivered(receipt) => connection
            .prepare_cached(
                "UPDATE outbox SET state = 'delivered', settled_at = ?2, transport = ?3, receipt_key = ?4,
                        reason = NULL
                 WHERE id = ?1 AND state = 'pending'",
            )?
            .execute(params![id.0, at.0, receipt.transport, receipt.key])?,
        Settlement::Retry { reason, uncertain } => connection
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, settled_at = ?2, reason = ?3,
                        uncertain = CASE WHEN ?4 THEN 1 ELSE uncertain END
                 WHERE id = ?1 AND state = 'pending'",
            )?
            .execute(params![id.0, at.0, reason, uncertain])?,
        Settlement::Failed { reason } => connection
            .prepare_cached(
                "UPDATE outbox SET state = 'failed', settled_at = ?2, reason = ?3
                 WHERE id = ?1 AND state = 'pending'",
            )?
            .execute(params![id.0, at.0, reason])?,
    };
    Ok(())
}

/// A reply, and how its last try went.
type Settled = (Delivery, Option<Settlement>);

/// Reads rows as [`delivery`] and [`settlement`] expect them; more of the statement comes behind.
macro_rules! select {
    ($more:literal) => {
        concat!(
            "SELECT outbox.id, inbox.received_at, outbox.created_at, outbox.attempts, outbox.uncertain, outbox.message,
                    outbox.state, outbox.transport, outbox.receipt_key, outbox.reason
             FROM outbox JOIN inbox ON inbox.sequence = outbox.sequence ",
            $more
        )
    };
}

/// Replies behind `after` that are still on their way. One that cannot be read is left out and logged.
pub(super) fn undelivered(
    connection: &Connection,
    after: OutboxId,
    limit: usize,
) -> Result<Vec<Delivery>, Failure> {
    let statement = select!("WHERE outbox.state = 'pending' AND outbox.id > ?1 ORDER BY outbox.id");
    let settled = readable(connection, statement, [after.0], limit)?;
    Ok(settled.into_iter().map(|(delivery, _)| delivery).collect())
}

/// How one delivery stands; `None` before its first try.
pub(super) fn settlement_of(
    connection: &Connection,
    id: OutboxId,
) -> Result<Option<Settlement>, Failure> {
    // The columns stand where [`settlement`] looks for them.
    let mut select = connection.prepare_cached(
        "SELECT id, 0, created_at, attempts, uncertain, NULL, state, transport, receipt_key, reason
         FROM outbox WHERE id = ?1",
    )?;
    let mut rows = select.query([id.0])?;
    match rows.next()? {
        Some(row) => settlement(row, row.get(4)?),
        None => Ok(None),
    }
}

/// Replies that are on their way or were given up. One that cannot be read is left out and logged.
pub(super) fn stuck(connection: &Connection, limit: usize) -> Result<Vec<Settled>, Failure> {
    let statement = select!("WHERE outbox.state IN ('pending', 'failed') ORDER BY outbox.id");
    readable(connection, statement, [], limit)
}

/// Writes a reply that was given up anew.
pub(super) fn resend(
    connection: &Connection,
    id: OutboxId,
    at: Timestamp,
) -> Result<Option<OutboxId>, Failure> {
    let fresh = connection
        .prepare_cached(
            "INSERT INTO outbox (sequence, created_at, uncertain, message)
             SELECT sequence, ?2, uncertain, message FROM outbox WHERE id = ?1 AND state = 'failed'
             RETURNING id",
        )?
        .query_row(params![id.0, at.0], |row| row.get(0).map(OutboxId))
        .optional()?;
    if fresh.is_some() {
        connection
            .prepare_cached("DELETE FROM outbox WHERE id = ?1")?
            .execute([id.0])?;
    }
    Ok(fresh)
}

/// Gives a reply up for good.
pub(super) fn discard(
    connection: &Connection,
    id: OutboxId,
    reason: &str,
    at: Timestamp,
) -> Result<bool, Failure> {
    let mut update = connection.prepare_cached(
        "UPDATE outbox SET state = 'discarded', settled_at = ?2, reason = ?3
         WHERE id = ?1 AND state IN ('pending', 'failed')",
    )?;
    Ok(update.execute(params![id.0, at.0, reason])? == 1)
}

/// Whether a reply is still on its way.
pub(super) fn is_undelivered(connection: &Connection, id: OutboxId) -> Result<bool, Failure> {
    let mut select =
        connection.prepare_cached("SELECT 1 FROM outbox WHERE id = ?1 AND state = 'pending'")?;
    Ok(select.exists([id.0])?)
}

/// The replies to one message, with what became of them.
pub(super) fn replies(
    connection: &Connection,
    sequence: Sequence,
) -> Result<Vec<Settled>, Failure> {
    let statement = select!("WHERE outbox.sequence = ?1 ORDER BY outbox.id");
    let mut select = connection.prepare_cached(statement)?;
    let mut rows = select.query([sequence.0])?;
    let mut replies = Vec::new();
    while let Some(row) = rows.next()? {
        replies.push(settled(row)?);
    }
    Ok(replies)
}

/// Replies that were delivered within `within` of `at`.
pub(super) fn delivered_near(
    connection: &Connection,
    at: Timestamp,
    within: Duration,
) -> Result<Vec<Delivery>, Failure> {
    let statement =
        select!("WHERE outbox.state = 'delivered' AND outbox.settled_at BETWEEN ?1 AND ?2");
    let mut select = connection.prepare_cached(statement)?;
    let mut rows = select.query([at.before(within).0, at.after(within).0])?;
    let mut deliveries = Vec::new();
    while let Some(row) = rows.next()? {
        deliveries.push(delivery(row)?);
    }
    Ok(deliveries)
}

/// The first rows of a statement that can be read; the others are logged.
fn readable(
    connection: &Connection,
    statement: &str,
    parameters: impl Params,
    limit: usize,
) -> Result<Vec<Settled>, Failure> {
    let mut select = connection.prepare_cached(statement)?;
    let mut rows = select.query(parameters)?;
    let mut replies = Vec::new();
    while replies.len() < limit
        && let Some(row) = rows.next()?
    {
        match settled(row) {
            Err(failure) if failure.kind == StoreErrorKind::Malformed => {
                let id: i64 = row.get(0)?;
                tracing::error!(id, %failure, "left out a reply of the outbox");
            }
            reply => replies.push(reply?),
        }
    }
    Ok(replies)
}

fn settled(row: &Row<'_>) -> Result<Settled, Failure> {
    let delivery = delivery(row)?;
    let settlement = settlement(row, delivery.uncertain)?;
    Ok((delivery, settlement))
}

fn delivery(row: &Row<'_>) -> Result<Delivery, Failure> {
    let json = row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Delivery {
        id: OutboxId(row.get(0)?),
        message: payload::from_json(json)?,
        received_at: Timestamp(row.get(1)?),
        created_at: Timestamp(row.get(2)?),
        attempts: row.get(3)?,
        uncertain: row.get(4)?,
    })
}

fn settlement(row: &Row<'_>, uncertain: bool) -> Result<Option<Settlement>, Failure> {
    let state = row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?;
    let reason: Option<String> = row.get(9)?;
    match state {
        "pending" => Ok(reason.map(|reason| Settlement::Retry { reason, uncertain })),
        "delivered" => Ok(Some(Settlement::Delivered(Receipt {
            transport: row.get(7)?,
            key: row.get(8)?,
        }))),
        "failed" | "discarded" => Ok(Some(Settlement::Failed {
            reason: reason.unwrap_or_default(),
        })),
        _ => Err(payload::unknown("state of a reply")),
    }
}
