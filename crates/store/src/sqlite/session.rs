//! Sessions and what was said in them.

use chela_engine::id::{SessionId, SessionKey};
use chela_engine::ports::{Begin, Begun, Continuity, StoreErrorKind, TranscriptEntry};
use chela_engine::time::Timestamp;
use rusqlite::{Connection, params};

use super::failure::Failure;
use super::{inbox, payload};

/// Counts the attempt and opens the session of a turn.
pub(super) fn begin(connection: &Connection, begin: &Begin) -> Result<Begun, Failure> {
    let Some(attempt) = inbox::count_attempt(connection, begin.sequence)? else {
        return Ok(Begun::Finished);
    };
    let (session, continuity) = open(connection, begin)?;
    Ok(Begun::Open {
        attempt,
        session,
        continuity,
        history: history(connection, session, begin.history)?,
    })
}

/// Ends the session that a key has now.
pub(super) fn reset(
    connection: &Connection,
    key: &SessionKey,
    at: Timestamp,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE session SET ended_at = ?2 WHERE session_key = ?1 AND ended_at IS NULL",
        )?
        .execute(params![key.as_str(), at.0])?;
    Ok(())
}

/// Adds to a transcript. A session that does not exist is an error.
pub(super) fn append(
    connection: &Connection,
    session: SessionId,
    entries: &[TranscriptEntry],
    at: Timestamp,
) -> Result<(), Failure> {
    touch(connection, session, at)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO transcript (session, role, said_at, text) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for entry in entries {
        insert.execute(params![
            session.0,
            payload::role_word(entry.role),
            entry.at.0,
            entry.text
        ])?;
    }
    Ok(())
}

/// Finds or opens the session of a turn. A turn that is begun again after a crash finds its session as it was the
/// first time, so that an expiry is still announced.
fn open(connection: &Connection, begin: &Begin) -> Result<(SessionId, Continuity), Failure> {
    let Some(current) = current(connection, &begin.session_key)? else {
        return insert(connection, begin, Continuity::Fresh);
    };
    if begin
        .expired_before
        .is_some_and(|limit| current.used_at < limit)
    {
        reset(connection, &begin.session_key, begin.at)?;
        return insert(connection, begin, Continuity::Expired);
    }
    touch(connection, current.id, begin.at)?;
    let again = current.opened_by == begin.sequence.0;
    Ok((
        current.id,
        if again {
            current.opening
        } else {
            Continuity::Continued
        },
    ))
}

struct Current {
    id: SessionId,
    used_at: Timestamp,
    opened_by: i64,
    opening: Continuity,
}

fn current(connection: &Connection, key: &SessionKey) -> Result<Option<Current>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT id, used_at, opened_by, opening FROM session WHERE session_key = ?1 AND ended_at IS NULL",
    )?;
    let mut rows = select.query([key.as_str()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Current {
        id: SessionId(row.get(0)?),
        used_at: Timestamp(row.get(1)?),
        opened_by: row.get(2)?,
        opening: payload::opening(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
    }))
}

fn insert(
    connection: &Connection,
    begin: &Begin,
    opening: Continuity,
) -> Result<(SessionId, Continuity), Failure> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO session (session_key, agent, opened_by, opening, opened_at, used_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5) RETURNING id",
    )?;
    let (key, agent) = (begin.session_key.as_str(), begin.agent.as_str());
    let word = payload::opening_word(opening);
    let row = params![key, agent, begin.sequence.0, word, begin.at.0];
    let id = insert.query_row(row, |row| row.get(0))?;
    Ok((SessionId(id), opening))
}

/// Silence counts from here. A clock that went backwards does not shorten it.
fn touch(connection: &Connection, session: SessionId, at: Timestamp) -> Result<(), Failure> {
    let touched = connection
        .prepare_cached(
            "UPDATE session SET used_at = CASE WHEN used_at < ?2 THEN ?2 ELSE used_at END WHERE id = ?1",
        )?
        .execute(params![session.0, at.0])?;
    match touched {
        0 => Err(Failure::new(
            StoreErrorKind::Other,
            format!("there is no session {session}"),
        )),
        _ => Ok(()),
    }
}

fn history(
    connection: &Connection,
    session: SessionId,
    limit: usize,
) -> Result<Vec<TranscriptEntry>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT role, said_at, text FROM transcript WHERE session = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let mut rows = select.query(params![session.0, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(TranscriptEntry {
            role: payload::role(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
            at: Timestamp(row.get(1)?),
            text: row.get(2)?,
        });
    }
    entries.reverse();
    Ok(entries)
}
