//! The writing thread: whatever waits is written in one transaction and flushed to disk once.

use rusqlite::Connection;

use super::failure::Failure;
use super::worker::{Job, Queue};

/// Works until the queue ends. While one group is flushed the next one gathers, so the groups grow with the load.
pub(super) fn run(connection: Connection, mut queue: Queue, group: usize) {
    let mut jobs = Vec::new();
    while queue.blocking_recv_many(&mut jobs, group) > 0 {
        commit(&connection, &mut jobs);
    }
    // The last connection moves the log into the database.
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the store was not closed cleanly; the next start takes care of it");
    }
}

/// Commits all jobs together, then answers. A job that is itself to blame for a failure is taken out and the others
/// are written again: this is rare, and cheaper than a savepoint around every job.
fn commit(connection: &Connection, jobs: &mut Vec<Box<dyn Job>>) {
    while let Err((guilty, failure)) = write(connection, jobs) {
        match guilty {
            Some(index) if failure.is_of_the_call() => jobs.remove(index).answer(Err(failure)),
            _ => {
                return jobs
                    .drain(..)
                    .for_each(|job| job.answer(Err(failure.clone())));
            }
        }
    }
    jobs.drain(..).for_each(|job| job.answer(Ok(())));
}

/// Writes all jobs or none; tells which job failed, if it was one.
fn write(
    connection: &Connection,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), (Option<usize>, Failure)> {
    let whole = |error: rusqlite::Error| (None, Failure::from(error));
    if jobs.is_empty() {
        return Ok(());
    }
    let transaction = Group::begin(connection).map_err(whole)?;
    for (index, job) in jobs.iter_mut().enumerate() {
        job.run(connection)
            .map_err(|failure| (Some(index), failure))?;
    }
    transaction.commit().map_err(whole)
}

/// A transaction that is rolled back unless it was committed.
struct Group<'a>(&'a Connection);

impl<'a> Group<'a> {
    fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Self(connection))
    }

    fn commit(self) -> rusqlite::Result<()> {
        self.0.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        // After a commit, and after errors with which SQLite itself rolls back, there is nothing left to undo.
        if self.0.is_autocommit() {
            return;
        }
        if let Err(error) = self.0.execute_batch("ROLLBACK") {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}
