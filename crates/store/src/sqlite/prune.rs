//! Forgets what is old, a little at a time: new messages must not wait behind it.

use std::time::Duration;

use chela_engine::time::Timestamp;
use rusqlite::{Connection, params};

use super::failure::Failure;
use super::{hints, pairing};

/// Rows that one transaction forgets at most.
const STEP: usize = 500;

/// How much longer than messages is kept what they have used of models.
const SPENT_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What one step came to.
pub(super) struct Pruned {
    pub(super) messages: usize,
    /// Whether there may be more to forget.
    pub(super) more: bool,
}

/// Forgets some messages that ended before `before` and have no reply on its way, and some sessions that ended
/// before it. Replies, transcripts and runs of jobs go with them.
pub(super) fn step(connection: &Connection, before: Timestamp) -> Result<Pruned, Failure> {
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    let messages = connection
        .prepare_cached(
            "DELETE FROM inbox WHERE sequence IN (
                 SELECT sequence FROM inbox
                 WHERE outcome IS NOT NULL AND finished_at < ?1 AND NOT EXISTS (
                     SELECT 1 FROM outbox WHERE outbox.sequence = inbox.sequence AND outbox.state = 'pending')
                 LIMIT ?2)",
        )?
        .execute(params![before.0, limit])?;
    let sessions = connection
        .prepare_cached(
            "DELETE FROM session WHERE id IN (
                 SELECT id FROM session WHERE ended_at IS NOT NULL AND ended_at < ?1 LIMIT ?2)",
        )?
        .execute(params![before.0, limit])?;
    hints::prune(connection, before)?;
    pairing::prune(connection, before)?;
    let spent = connection
        .prepare_cached(
            "DELETE FROM usage WHERE sequence IN (SELECT sequence FROM usage WHERE used_at < ?1 LIMIT ?2)",
        )?
        .execute(params![before.before(SPENT_KEPT).0, limit])?;
    let runs = connection
        .prepare_cached(
            "DELETE FROM cron_run WHERE message_id IN (
                 SELECT message_id FROM cron_run WHERE started_at < ?1 AND NOT EXISTS (
                     SELECT 1 FROM inbox WHERE inbox.message_id = cron_run.message_id)
                 LIMIT ?2)",
        )?
        .execute(params![before.0, limit])?;
    Ok(Pruned {
        messages,
        more: [messages, sessions, spent, runs].contains(&STEP),
    })
}
