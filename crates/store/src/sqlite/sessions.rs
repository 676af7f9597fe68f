//! Sessions from outside of a turn: what is set for them, what is known of them, and how they are shortened.

use chela_engine::id::{AccountId, AgentId, ChannelId, ConversationId, SessionId, SessionKey};
use chela_engine::ports::{Chat, Remembered, SessionRecord, Summary};
use chela_engine::preferences::Preferences;
use chela_engine::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::payload;

/// The columns that [`record`] reads.
const COLUMNS: &str = "id, session_key, agent, origin, opened_at, used_at, ended_at, entries, input_tokens, output_tokens, summarised, summary";

/// All that people have set. What cannot be read is as configured, and logged.
pub(super) fn settings(connection: &Connection) -> Result<Remembered, Failure> {
    let mut remembered = Remembered::default();
    let mut select = connection.prepare("SELECT session_key, set_to FROM preference")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let key = SessionKey::new(row.get::<_, String>(0)?);
        let json = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        match payload::from_json(json) {
            Ok(preferences) => remembered.preferences.push((key, preferences)),
            Err(failure) => tracing::error!(%failure, "left out what was set for a session"),
        }
    }
    let mut select =
        connection.prepare("SELECT channel, account, conversation, alias FROM session_alias")?;
    let aliases = select.query_map([], |row| {
        let chat = Chat {
            channel: ChannelId::new(row.get::<_, String>(0)?),
            account: AccountId::new(row.get::<_, String>(1)?),
            conversation: ConversationId::new(row.get::<_, String>(2)?),
        };
        Ok((chat, row.get(3)?))
    })?;
    remembered.aliases = aliases.collect::<Result<_, _>>()?;
    Ok(remembered)
}

/// Remembers what is set for a session, or forgets it.
pub(super) fn prefer(
    connection: &Connection,
    key: &SessionKey,
    preferences: &Preferences,
) -> Result<(), Failure> {
    if preferences.is_empty() {
        connection
            .prepare_cached("DELETE FROM preference WHERE session_key = ?1")?
            .execute([key.as_str()])?;
    } else {
        connection
            .prepare_cached(
                "INSERT INTO preference (session_key, set_to) VALUES (?1, ?2)
                 ON CONFLICT (session_key) DO UPDATE SET set_to = excluded.set_to",
            )?
            .execute(params![key.as_str(), payload::to_json(preferences)?])?;
    }
    Ok(())
}

/// Gives a chat the session of an alias, or its own again.
pub(super) fn alias(
    connection: &Connection,
    chat: &Chat,
    alias: Option<&str>,
) -> Result<(), Failure> {
    let (channel, account, conversation) = (
        chat.channel.as_str(),
        chat.account.as_str(),
        chat.conversation.as_str(),
    );
    match alias {
        Some(alias) => connection
            .prepare_cached(
                "INSERT INTO session_alias (channel, account, conversation, alias) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (channel, account, conversation) DO UPDATE SET alias = excluded.alias",
            )?
            .execute(params![channel, account, conversation, alias])?,
        None => connection
            .prepare_cached(
                "DELETE FROM session_alias WHERE channel = ?1 AND account = ?2 AND conversation = ?3",
            )?
            .execute(params![channel, account, conversation])?,
    };
    Ok(())
}

/// The sessions that are open, or all; the one used last comes first.
pub(super) fn list(connection: &Connection, ended: bool) -> Result<Vec<SessionRecord>, Failure> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM session WHERE ?1 OR ended_at IS NULL ORDER BY used_at DESC, id DESC"
    ))?;
    let mut rows = select.query([ended])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(record(row)?);
    }
    Ok(records)
}

/// The session that a key has now.
pub(super) fn find(
    connection: &Connection,
    key: &SessionKey,
) -> Result<Option<SessionRecord>, Failure> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM session WHERE session_key = ?1 AND ended_at IS NULL"
    ))?;
    select
        .query_row([key.as_str()], |row| Ok(record(row)))
        .optional()?
        .transpose()
}

/// Puts a summary in the place of the beginning of a session.
pub(super) fn compact(
    connection: &Connection,
    session: SessionId,
    summary: &Summary,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE session SET summary = ?2, summarised = ?3 WHERE id = ?1 AND entries >= ?3",
        )?
        .execute(params![
            session.0,
            summary.text,
            to_integer(summary.entries)
        ])?;
    Ok(())
}

fn record(row: &Row<'_>) -> Result<SessionRecord, Failure> {
    let origin: Option<String> = row.get(3)?;
    let count = |index| -> Result<u64, Failure> { Ok(row.get::<_, i64>(index)?.unsigned_abs()) };
    let entries = |index| -> Result<usize, Failure> {
        Ok(usize::try_from(row.get::<_, i64>(index)?).unwrap_or(0))
    };
    let summary: Option<String> = row.get(11)?;
    let summarised = entries(10)?;
    Ok(SessionRecord {
        id: SessionId(row.get(0)?),
        key: SessionKey::new(row.get::<_, String>(1)?),
        agent: AgentId::new(row.get::<_, String>(2)?),
        origin: origin.as_deref().map(payload::from_json).transpose()?,
        opened_at: Timestamp(row.get(4)?),
        used_at: Timestamp(row.get(5)?),
        ended_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        entries: entries(7)?,
        tokens: (count(8)?, count(9)?),
        summary: summary.map(|text| Summary {
            text,
            entries: summarised,
        }),
    })
}

fn to_integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
