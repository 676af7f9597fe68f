//! Sessions and what was said in them.

use chela_engine::id::{CardId, SessionId, SessionKey};
use chela_engine::ports::{Begin, Continuity, StoreErrorKind, TranscriptEntry, Usage};
use chela_engine::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::{inbox, payload};

/// An opened turn without its history.
pub(super) struct Opened {
    pub(super) attempt: u32,
    pub(super) session: SessionId,
    pub(super) continuity: Continuity,
    /// How many entries the transcript has.
    pub(super) entries: i64,
    /// For how many of them, from the first, a summary stands.
    pub(super) summarised: i64,
    pub(super) summary: Option<String>,
    pub(super) card: Option<CardId>,
}

/// Counts the attempt and opens the session of a turn; `None` when the message has ended.
pub(super) fn begin(connection: &Connection, begin: &Begin) -> Result<Option<Opened>, Failure> {
    let counted = inbox::count_attempt(connection, begin.sequence, begin.card.as_ref())?;
    let Some((attempt, card)) = counted else {
        return Ok(None);
    };
    let current = current(connection, &begin.session_key)?;
    let (session, continuity) = match &current {
        None => (
            insert(connection, begin, Continuity::Fresh)?,
            Continuity::Fresh,
        ),
        Some(current)
            if begin
                .expired_before
                .is_some_and(|limit| current.used_at < limit) =>
        {
            reset(connection, &begin.session_key, begin.at)?;
            (
                insert(connection, begin, Continuity::Expired)?,
                Continuity::Expired,
            )
        }
        Some(current) => {
            extend(connection, current.id, 0, begin.at)?;
            note_origin(connection, current.id, begin)?;
            (current.id, current.continuity(begin))
        }
    };
    let (entries, summarised, summary) = current
        .filter(|current| current.id == session)
        .map_or((0, 0, None), |current| {
            (current.entries, current.summarised, current.summary)
        });
    Ok(Some(Opened {
        attempt,
        session,
        continuity,
        entries,
        summarised,
        summary,
        card,
    }))
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
    let length = extend(connection, session, to_integer(entries.len()), at)?;
    let first = length - to_integer(entries.len()) + 1;
    let mut insert = connection.prepare_cached(
        "INSERT INTO transcript (session, position, role, said_at, text) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (position, entry) in (first..).zip(entries) {
        let role = payload::role_word(entry.role);
        insert.execute(params![session.0, position, role, entry.at.0, entry.text])?;
    }
    Ok(())
}

/// Adds what a turn has cost to its session.
pub(super) fn charge(
    connection: &Connection,
    session: SessionId,
    usage: &Usage,
) -> Result<(), Failure> {
    let tokens = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "UPDATE session SET input_tokens = input_tokens + ?2, output_tokens = output_tokens + ?3 WHERE id = ?1",
        )?
        .execute(params![
            session.0,
            tokens(usage.input_tokens),
            tokens(usage.output_tokens)
        ])?;
    Ok(())
}

/// Everything that was said in a session.
pub(super) fn transcript(
    connection: &Connection,
    session: SessionId,
) -> Result<Vec<TranscriptEntry>, Failure> {
    history(connection, session, 0, i64::MAX)
}

/// The entries of a transcript behind position `after` up to `until`, oldest first.
pub(super) fn history(
    connection: &Connection,
    session: SessionId,
    after: i64,
    until: i64,
) -> Result<Vec<TranscriptEntry>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT role, said_at, text FROM transcript
         WHERE session = ?1 AND position > ?2 AND position <= ?3 ORDER BY position",
    )?;
    let mut rows = select.query(params![session.0, after, until])?;
    let mut history = Vec::new();
    while let Some(row) = rows.next()? {
        history.push(TranscriptEntry {
            role: payload::role(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
            at: Timestamp(row.get(1)?),
            text: row.get(2)?,
        });
    }
    Ok(history)
}

/// The session that a key has now.
struct Current {
    id: SessionId,
    used_at: Timestamp,
    opened_by: i64,
    opening: Continuity,
    entries: i64,
    summarised: i64,
    summary: Option<String>,
}

impl Current {
    /// A turn that is begun again after a crash finds its session as it was the first time, so that an expiry is
    /// still announced.
    fn continuity(&self, begin: &Begin) -> Continuity {
        if self.opened_by == begin.sequence.0 {
            self.opening
        } else {
            Continuity::Continued
        }
    }
}

fn current(connection: &Connection, key: &SessionKey) -> Result<Option<Current>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT id, used_at, opened_by, opening, entries, summarised, summary FROM session
         WHERE session_key = ?1 AND ended_at IS NULL",
    )?;
    let read = |row: &Row<'_>| -> Result<Current, Failure> {
        Ok(Current {
            id: SessionId(row.get(0)?),
            used_at: Timestamp(row.get(1)?),
            opened_by: row.get(2)?,
            opening: payload::opening(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
            entries: row.get(4)?,
            summarised: row.get(5)?,
            summary: row.get(6)?,
        })
    };
    select
        .query_row([key.as_str()], |row| Ok(read(row)))
        .optional()?
        .transpose()
}

fn insert(
    connection: &Connection,
    begin: &Begin,
    opening: Continuity,
) -> Result<SessionId, Failure> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO session (session_key, agent, opened_by, opening, opened_at, used_at, origin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) RETURNING id",
    )?;
    let (key, agent) = (begin.session_key.as_str(), begin.agent.as_str());
    let word = payload::opening_word(opening);
    let origin = payload::to_json(&begin.origin)?;
    let row = params![key, agent, begin.sequence.0, word, begin.at.0, origin];
    Ok(SessionId(insert.query_row(row, |row| row.get(0))?))
}

/// Remembers where a session was used last.
fn note_origin(connection: &Connection, session: SessionId, begin: &Begin) -> Result<(), Failure> {
    let origin = payload::to_json(&begin.origin)?;
    connection
        .prepare_cached("UPDATE session SET origin = ?2 WHERE id = ?1 AND origin IS NOT ?2")?
        .execute(params![session.0, origin])?;
    Ok(())
}

/// Uses a session and makes room for `entries` more entries; tells how many it has then. Silence counts from here. A
/// clock that went backwards does not shorten it.
fn extend(
    connection: &Connection,
    session: SessionId,
    entries: i64,
    at: Timestamp,
) -> Result<i64, Failure> {
    connection
        .prepare_cached(
            "UPDATE session
             SET used_at = CASE WHEN used_at < ?2 THEN ?2 ELSE used_at END, entries = entries + ?3
             WHERE id = ?1 RETURNING entries",
        )?
        .query_row(params![session.0, at.0, entries], |row| row.get(0))
        .optional()?
        .ok_or_else(|| {
            Failure::new(
                StoreErrorKind::Other,
                format!("there is no session {session}"),
            )
        })
}

fn to_integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
