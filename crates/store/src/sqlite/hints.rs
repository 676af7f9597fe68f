//! What people should be told when they write next.

use chela_engine::ports::{Addressee, Obstacle};
use chela_engine::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::payload;

/// Remembers what is in the way; `obstacle` is JSON.
pub(super) fn note(
    connection: &Connection,
    whom: &Addressee,
    obstacle: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    let (channel, account) = (whom.channel.as_str(), whom.account.as_str());
    connection
        .prepare_cached(
            "INSERT INTO hint (channel, account, person, obstacle, noted_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET obstacle = excluded.obstacle, noted_at = excluded.noted_at, is_news = 1",
        )?
        .execute(params![channel, account, whom.person.as_str(), obstacle, at.0])?;
    Ok(())
}

/// What somebody is to be told, who is told with that. What cannot be read is not told, and logged.
pub(super) fn take(
    connection: &Connection,
    whom: &Addressee,
    at: Timestamp,
) -> Result<Option<Obstacle>, Failure> {
    let (channel, account) = (whom.channel.as_str(), whom.account.as_str());
    let (fresh, quiet) = (at.before(Obstacle::LASTS), at.before(Obstacle::QUIET));
    let taken: Option<String> = connection
        .prepare_cached(
            "UPDATE hint SET is_news = 0, told_at = ?4
             WHERE channel = ?1 AND account = ?2 AND person = ?3
                 AND is_news AND noted_at >= ?5 AND (told_at IS NULL OR told_at <= ?6)
             RETURNING obstacle",
        )?
        .query_row(
            params![
                channel,
                account,
                whom.person.as_str(),
                at.0,
                fresh.0,
                quiet.0
            ],
            |row| row.get(0),
        )
        .optional()?;
    let Some(json) = taken else { return Ok(None) };
    let obstacle = payload::from_json(&json);
    if let Err(failure) = &obstacle {
        tracing::error!(%failure, "left out what a person should be told");
    }
    Ok(obstacle.ok())
}

/// Forgets what was in the way before `before`.
pub(super) fn prune(connection: &Connection, before: Timestamp) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM hint WHERE noted_at < ?1")?
        .execute([before.0])?;
    Ok(())
}
