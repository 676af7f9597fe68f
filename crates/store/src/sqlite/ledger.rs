//! How many calls the platform was asked for.

use chela_engine::id::{AccountId, OrganisationId};
use chela_engine::ports::Tally;
use rusqlite::{Connection, params};

use super::failure::Failure;

/// Adds to the counts.
pub(super) fn add(connection: &Connection, tallies: &[Tally]) -> Result<(), Failure> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO ledger (organisation, day, account, api, calls) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET calls = calls + excluded.calls",
    )?;
    for tally in tallies {
        insert.execute(params![
            tally.organisation.as_str(),
            tally.day,
            tally.account.as_str(),
            tally.api,
            i64::try_from(tally.calls).unwrap_or(i64::MAX)
        ])?;
    }
    Ok(())
}

/// The counts of an organisation from a day on.
pub(super) fn since(
    connection: &Connection,
    organisation: &OrganisationId,
    day: i64,
) -> Result<Vec<Tally>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT account, api, day, calls FROM ledger WHERE organisation = ?1 AND day >= ?2",
    )?;
    let tallies = select.query_map(params![organisation.as_str(), day], |row| {
        Ok(Tally {
            organisation: organisation.clone(),
            account: AccountId::new(row.get::<_, String>(0)?),
            api: row.get(1)?,
            day: row.get(2)?,
            calls: row.get::<_, i64>(3)?.unsigned_abs(),
        })
    })?;
    Ok(tallies.collect::<Result<_, _>>()?)
}

/// Drops the counts of an organisation before a day.
pub(super) fn forget(
    connection: &Connection,
    organisation: &OrganisationId,
    before: i64,
) -> Result<(), Failure> {
    let mut delete =
        connection.prepare_cached("DELETE FROM ledger WHERE organisation = ?1 AND day < ?2")?;
    delete.execute(params![organisation.as_str(), before])?;
    Ok(())
}
