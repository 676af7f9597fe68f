//! Brings the schema up to date. Migrations are only ever added; `user_version` counts those that were applied.

use chela_engine::ports::StoreErrorKind;
use rusqlite::{Connection, TransactionBehavior};

use super::failure::Failure;

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/001_foundation.sql"),
    include_str!("../../migrations/sqlite/002_ledger.sql"),
    include_str!("../../migrations/sqlite/003_reactions.sql"),
    include_str!("../../migrations/sqlite/004_conversation.sql"),
    include_str!("../../migrations/sqlite/005_usage.sql"),
    include_str!("../../migrations/sqlite/006_sent.sql"),
    include_str!("../../migrations/sqlite/007_hints.sql"),
    include_str!("../../migrations/sqlite/008_cron.sql"),
    include_str!("../../migrations/sqlite/009_approvals.sql"),
    include_str!("../../migrations/sqlite/010_pairing.sql"),
];

/// Applies what is missing, each migration in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    while apply_next(connection)? {}
    Ok(())
}

/// Applies one migration; `false` when there was none left.
fn apply_next(connection: &mut Connection) -> Result<bool, Failure> {
    if pending(connection)?.is_none() {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been faster.
    let Some((version, migration)) = pending(&transaction)? else {
        return Ok(false);
    };
    transaction.execute_batch(migration)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()?;
    Ok(true)
}

/// The next migration and the version behind it.
fn pending(connection: &Connection) -> Result<Option<(i32, &'static str)>, Failure> {
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len();
    match usize::try_from(version) {
        Ok(applied) if applied <= known => Ok(MIGRATIONS
            .get(applied)
            .map(|migration| (version + 1, *migration))),
        _ => Err(Failure::new(
            StoreErrorKind::Newer,
            format!("the database has schema version {version}, this program knows {known}"),
        )),
    }
}
