//! Jobs and their runs.

use chela_engine::id::{JobId, MessageId, PersonId};
use chela_engine::ports::{JobLimits, Jobs, Ran, Run, RunDelivery, StoreError, StoreErrorKind};
use chela_engine::schedule::Job;
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use rusqlite::{Connection, Row, params};

use super::failure::Failure;
use super::payload;
use super::store::SqliteStore;

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

impl Jobs for SqliteStore {
    fn jobs(&self) -> Reply<Vec<Job>> {
        self.reader().call(|connection| {
            let order = "ORDER BY next_at IS NULL, next_at, created_at, id";
            select(connection, order, params![])
        })
    }

    fn keep(&self, job: Job, most: JobLimits) -> Reply<bool> {
        match payload::to_json(&job) {
            Ok(json) => self
                .writer()
                .call(move |connection| keep(connection, &job, &json, most)),
            Err(failure) => future::ready(Err(failure.into())).boxed(),
        }
    }

    fn forget(&self, id: JobId) -> Reply<bool> {
        self.writer().call(move |connection| {
            let gone = connection
                .prepare_cached("DELETE FROM cron_job WHERE id = ?1")?
                .execute([id.as_str()])?;
            Ok(gone > 0)
        })
    }

    fn due(&self, at: Timestamp, limit: usize) -> Reply<Vec<Job>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.reader().call(move |connection| {
            let due = "WHERE next_at <= ?1 ORDER BY next_at, id LIMIT ?2";
            select(connection, due, params![at.0, limit])
        })
    }

    fn next_due(&self) -> Reply<Option<Timestamp>> {
        self.reader().call(|connection| {
            let next = connection
                .prepare_cached("SELECT MIN(next_at) FROM cron_job WHERE next_at IS NOT NULL")?
                .query_row([], |row| row.get::<_, Option<i64>>(0))?;
            Ok(next.map(Timestamp))
        })
    }

    fn ran(&self, run: Ran) -> Reply<()> {
        self.writer().call(move |connection| ran(connection, &run))
    }

    fn sweep(&self) -> Reply<u64> {
        self.writer().call(|connection| {
            let gone = connection
                .prepare_cached(
                    "DELETE FROM cron_job WHERE once = 1 AND next_at IS NULL AND EXISTS (
                         SELECT 1 FROM cron_run
                         JOIN inbox ON inbox.message_id = cron_run.message_id
                         WHERE cron_run.job = cron_job.id AND inbox.outcome = 'answer'
                             AND NOT EXISTS (SELECT 1 FROM outbox
                                 WHERE outbox.sequence = inbox.sequence AND outbox.state <> 'delivered'))",
                )?
                .execute([])?;
            Ok(gone as u64)
        })
    }

    fn runs(&self, job: Option<JobId>, limit: usize) -> Reply<Vec<Run>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.reader()
            .call(move |connection| runs(connection, job.as_ref(), limit))
    }
}

fn select(
    connection: &Connection,
    which: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Job>, Failure> {
    let mut select =
        connection.prepare_cached(&format!("SELECT next_at, job FROM cron_job {which}"))?;
    let mut rows = select.query(values)?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let job: Job = payload::from_json(&row.get::<_, String>(1)?)?;
        let next_at = row.get::<_, Option<i64>>(0)?.map(Timestamp);
        jobs.push(Job { next_at, ..job });
    }
    Ok(jobs)
}

fn keep(connection: &Connection, job: &Job, json: &str, most: JobLimits) -> Result<bool, Failure> {
    let author = job.author.as_ref().map(PersonId::as_str);
    let count = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<usize, Failure> {
        let count: i64 = connection
            .prepare_cached(sql)?
            .query_row(values, |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    };
    let id = job.id.as_str();
    let known = count("SELECT COUNT(*) FROM cron_job WHERE id = ?1", &[&id])? > 0;
    let own = "SELECT COUNT(*) FROM cron_job WHERE author = ?1";
    let full = count("SELECT COUNT(*) FROM cron_job", &[])? >= most.all
        || author.is_some() && count(own, &[&author])? >= most.each;
    if full && !known {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "INSERT INTO cron_job (id, author, next_at, once, created_at, job) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET author = excluded.author, next_at = excluded.next_at,
                 once = excluded.once, job = excluded.job",
        )?
        .execute(params![
            id,
            author,
            job.next_at.map(|at| at.0),
            job.once,
            job.created_at.0,
            json
        ])?;
    Ok(true)
}

fn ran(connection: &Connection, run: &Ran) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT INTO cron_run (message_id, job, name, due_at, started_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (message_id) DO NOTHING",
        )?
        .execute(params![
            run.message.as_str(),
            run.job.as_str(),
            run.name,
            run.due_at.0,
            run.at.0
        ])?;
    if let Some((before, next)) = run.moves {
        // Whoever changed the job meanwhile has said when it is due.
        connection
            .prepare_cached("UPDATE cron_job SET next_at = ?3 WHERE id = ?1 AND next_at = ?2")?
            .execute(params![run.job.as_str(), before.0, next.map(|at| at.0)])?;
    }
    Ok(())
}

fn runs(connection: &Connection, job: Option<&JobId>, limit: i64) -> Result<Vec<Run>, Failure> {
    let narrowed = match job {
        Some(_) => "cron_run.job = ?1",
        None => "?1 IS NULL",
    };
    let mut select = connection.prepare_cached(&format!(
        "SELECT cron_run.job, cron_run.name, cron_run.message_id, cron_run.due_at, cron_run.started_at,
             inbox.outcome, inbox.finished_at,
             (SELECT COUNT(*) FROM outbox WHERE outbox.sequence = inbox.sequence),
             (SELECT reason FROM outbox WHERE outbox.sequence = inbox.sequence AND state = 'failed' LIMIT 1),
             EXISTS (SELECT 1 FROM outbox WHERE outbox.sequence = inbox.sequence AND state = 'failed'),
             (SELECT reason FROM outbox WHERE outbox.sequence = inbox.sequence AND state = 'pending' LIMIT 1),
             EXISTS (SELECT 1 FROM outbox WHERE outbox.sequence = inbox.sequence AND state = 'pending')
         FROM cron_run JOIN inbox ON inbox.message_id = cron_run.message_id
         WHERE {narrowed} ORDER BY cron_run.started_at DESC, inbox.sequence DESC LIMIT ?2"
    ))?;
    let mut rows = select.query(params![job.map(JobId::as_str), limit])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(run(row)?);
    }
    Ok(runs)
}

fn run(row: &Row<'_>) -> Result<Run, Failure> {
    let ended = match (
        row.get::<_, Option<String>>(5)?,
        row.get::<_, Option<i64>>(6)?,
    ) {
        (Some(outcome), Some(at)) => Some((outcome, Timestamp(at))),
        (None, None) => None,
        _ => {
            let reason = "a message has half an end".to_owned();
            return Err(Failure::new(StoreErrorKind::Malformed, reason));
        }
    };
    let delivery = if row.get(9)? {
        RunDelivery::Failed {
            reason: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
        }
    } else if row.get(11)? {
        RunDelivery::Pending {
            reason: row.get(10)?,
        }
    } else if row.get::<_, i64>(7)? > 0 {
        RunDelivery::Delivered
    } else {
        RunDelivery::Nothing
    };
    Ok(Run {
        job: JobId::new(row.get::<_, String>(0)?),
        name: row.get(1)?,
        message: MessageId::new(row.get::<_, String>(2)?),
        due_at: Timestamp(row.get(3)?),
        started_at: Timestamp(row.get(4)?),
        ended,
        delivery,
    })
}
