//! What turns have used of models.

use chela_engine::id::{AgentId, PersonId, Sequence};
use chela_engine::ports::{Cost, Finish, SpendingLine, SpendingQuery, Spent, Usage};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::payload;

/// Writes down what a turn has used, if it asked a model.
pub(super) fn write(
    connection: &Connection,
    finish: &Finish,
    attempts: &str,
) -> Result<(), Failure> {
    let Some(spent) = &finish.spent else {
        return Ok(());
    };
    let usage = &spent.usage;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO usage (sequence, used_at, agent, person, model, input_tokens, cached_tokens,
                 cache_written_tokens, output_tokens, cost, attempts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            finish.sequence.0,
            finish.at.0,
            spent.agent.as_str(),
            spent.person.as_str(),
            spent.model(),
            stored(usage.input_tokens),
            stored(usage.cached_tokens),
            stored(usage.cache_written_tokens),
            stored(usage.output_tokens),
            stored(usage.cost.0),
            attempts,
        ])?;
    Ok(())
}

/// What the turn on one message has used.
pub(super) fn of(connection: &Connection, sequence: Sequence) -> Result<Option<Spent>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT agent, person, input_tokens, cached_tokens, cache_written_tokens, output_tokens, cost, attempts
         FROM usage WHERE sequence = ?1",
    )?;
    let row = select
        .query_row([sequence.0], |row| {
            let agent = AgentId::new(row.get::<_, String>(0)?);
            let person = PersonId::new(row.get::<_, String>(1)?);
            Ok((agent, person, usage(row, 2)?, row.get::<_, String>(7)?))
        })
        .optional()?;
    let Some((agent, person, usage, attempts)) = row else {
        return Ok(None);
    };
    Ok(Some(Spent {
        agent,
        person,
        usage,
        attempts: payload::from_json(&attempts)?,
    }))
}

/// Sums up by agent, person and model.
pub(super) fn sum(
    connection: &Connection,
    query: &SpendingQuery,
) -> Result<Vec<SpendingLine>, Failure> {
    // Two texts that each use an index; one with `?3 IS NULL OR agent = ?3` would use none.
    let narrowed = match (&query.agent, &query.person) {
        (None, None) => "?3 IS NULL AND ?4 IS NULL",
        (Some(_), None) => "agent = ?3 AND ?4 IS NULL",
        (None, Some(_)) => "?3 IS NULL AND person = ?4",
        (Some(_), Some(_)) => "agent = ?3 AND person = ?4",
    };
    let mut select = connection.prepare_cached(&format!(
        "SELECT agent, person, model, COUNT(*), SUM(input_tokens), SUM(cached_tokens), SUM(cache_written_tokens),
             SUM(output_tokens), SUM(cost)
         FROM usage WHERE used_at >= ?1 AND used_at < ?2 AND {narrowed}
         GROUP BY agent, person, model ORDER BY agent, person, model"
    ))?;
    let agent = query.agent.as_ref().map(AgentId::as_str);
    let person = query.person.as_ref().map(PersonId::as_str);
    let (since, until) = (query.during.start.0, query.during.end.0);
    let lines = select.query_map(params![since, until, agent, person], |row| {
        Ok(SpendingLine {
            agent: AgentId::new(row.get::<_, String>(0)?),
            person: PersonId::new(row.get::<_, String>(1)?),
            model: row.get(2)?,
            turns: row.get::<_, i64>(3)?.unsigned_abs(),
            usage: usage(row, 4)?,
        })
    })?;
    Ok(lines.collect::<Result<_, _>>()?)
}

fn usage(row: &Row<'_>, first: usize) -> rusqlite::Result<Usage> {
    let number = |index: usize| row.get::<_, i64>(first + index).map(i64::unsigned_abs);
    Ok(Usage {
        input_tokens: number(0)?,
        cached_tokens: number(1)?,
        cache_written_tokens: number(2)?,
        output_tokens: number(3)?,
        cost: Cost(number(4)?),
    })
}

/// No service counts so far; what claims to is kept as much.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX / 1_000_000)
}
