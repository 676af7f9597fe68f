//! The handle: turns calls into jobs for the two threads.

use std::fmt;
use std::future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chela_engine::id::{
    CardId, OrganisationId, OutboxId, PersonId, Sequence, SessionId, SessionKey,
};
use chela_engine::message::{InboundMessage, OutboundMessage};
use chela_engine::ports::{
    Accepted, Addressee, Begin, Begun, Chat, Counts, Delivery, Finish, Finished, Hints,
    JournalEntry, Ledger, Obstacle, Rating, Remembered, SessionRecord, Sessions, Settlement,
    SpendingLine, SpendingQuery, Store, StoreError, StoredMessage, Summary, Tally, TranscriptEntry,
};
use chela_engine::preferences::Preferences;
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rusqlite::Connection;

use super::failure::Failure;
use super::open::{self, Connections, OpenError};
use super::options::Options;
use super::worker::Worker;
use super::{
    examine, hints, inbox, journal, ledger, outbox, payload, prune, rating, read, session,
    sessions, spending, write,
};

/// The store in one SQLite file, for one gateway at a time.
///
/// A writing call is answered when its transaction is flushed to disk. Calls that come at the same time share one
/// transaction, so many callers wait little longer than one. After an error, a full disk included, the store keeps
/// working: later calls succeed when the cause has gone.
///
/// Answers come from threads of the store, so under tokio's paused time a test sees deadlines expire too early: use
/// [`chela_engine::memory_store::MemoryStore`] there.
pub struct SqliteStore {
    writer: Arc<Worker>,
    reader: Arc<Worker>,
}

impl SqliteStore {
    /// Opens or creates the database at `path` with the default options. Blocks.
    ///
    /// Creates missing folders (0700) and the file (0600), and brings an older schema up to date.
    ///
    /// # Errors
    /// Tells by its kind whether the disk is full, another process holds the database, the file is damaged, was
    /// written by a newer version, or cannot be reached.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, &Options::default())
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// See [`Self::open`].
    pub fn open_with(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let Connections { writer, reader } = open::open(path, options)?;
        let (limit, group) = (options.queue.max(1), options.group.max(1));
        let no_thread = |error: std::io::Error| OpenError {
            path: path.to_owned(),
            reason: Failure::from(error).into(),
        };
        let writer = Worker::spawn("store-writer", limit, move |queue| {
            write::run(writer, queue, group);
        })
        .map_err(no_thread)?;
        let reader = Worker::spawn("store-reader", limit, move |queue| {
            read::run(&reader, queue);
        })
        .map_err(no_thread)?;
        Ok(Self {
            writer: Arc::new(writer),
            reader: Arc::new(reader),
        })
    }

    /// Reads the whole file and tells whether it is sound; takes as long as reading it takes.
    ///
    /// # Errors
    /// [`chela_engine::ports::StoreErrorKind::Corrupt`] when it is damaged, with the first thing that is wrong with it.
    pub fn examine(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        self.reader.call(examine::sound)
    }

    pub(super) fn writer(&self) -> &Worker {
        &self.writer
    }

    pub(super) fn reader(&self) -> &Worker {
        &self.reader
    }

    /// Finishes what was called so far, moves the log into the database and ends the threads. Blocks until then.
    /// Later calls fail; closing again does nothing. A store that is dropped instead does the same in its own time.
    pub fn close(&self) {
        // The reader first: only the last connection can tidy up.
        self.reader.close();
        self.writer.close();
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqliteStore")
            .finish_non_exhaustive()
    }
}

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

impl Store for SqliteStore {
    fn accept(&self, message: InboundMessage, received_at: Timestamp) -> Reply<Accepted> {
        match payload::to_json(&message) {
            Ok(json) => self
                .writer
                .call(move |connection| inbox::accept(connection, &message, &json, received_at)),
            Err(failure) => refused(failure),
        }
    }

    fn unfinished(&self, after: Sequence, limit: usize) -> Reply<Vec<StoredMessage>> {
        self.reader
            .call(move |connection| inbox::unfinished(connection, after, limit))
    }

    /// The history is read by the reading thread: a long one must not hold up the messages of others. It ends where
    /// it ended when the turn began, whatever is written meanwhile.
    fn begin(&self, begin: Begin) -> Reply<Begun> {
        let history = begin.history;
        let opened = self
            .writer
            .call(move |connection| session::begin(connection, &begin));
        let reader = Arc::clone(&self.reader);
        async move {
            let Some(opened) = opened.await? else {
                return Ok(Begun::Finished);
            };
            let limit = i64::try_from(history).unwrap_or(i64::MAX);
            let after = opened.entries.saturating_sub(limit).max(opened.summarised);
            let history = if after < opened.entries {
                let read = move |connection: &Connection| {
                    session::history(connection, opened.session, after, opened.entries)
                };
                reader.call(read).await?
            } else {
                Vec::new()
            };
            Ok(Begun::Open {
                attempt: opened.attempt,
                session: opened.session,
                continuity: opened.continuity,
                history,
                summary: opened.summary,
                card: opened.card,
            })
        }
        .boxed()
    }

    fn abandon(&self, sequence: Sequence) -> Reply<()> {
        self.writer
            .call(move |connection| inbox::take_attempt_back(connection, sequence))
    }

    fn finish(&self, finish: Finish) -> Reply<Finished> {
        let attempts = finish.spent.as_ref().map(|spent| &spent.attempts);
        let attempts = attempts.map(payload::to_json).transpose();
        let written = all_json(&finish.replies)
            .and_then(|replies| Ok((replies, all_json(&finish.follow_ups)?, attempts?)));
        match written {
            Ok((replies, follow_ups, attempts)) => self.writer.call(move |connection| {
                let finished = outbox::finish(connection, &finish, &replies, &follow_ups)?;
                if let (Finished::Now, Some(attempts)) = (finished, &attempts) {
                    spending::write(connection, &finish, attempts)?;
                }
                Ok(finished)
            }),
            Err(failure) => refused(failure),
        }
    }

    fn say(&self, sequence: Sequence, replies: Vec<OutboundMessage>, at: Timestamp) -> Reply<()> {
        match all_json(&replies) {
            Ok(replies) => self
                .writer
                .call(move |connection| outbox::say(connection, sequence, &replies, at)),
            Err(failure) => refused(failure),
        }
    }

    fn reset_session(&self, key: SessionKey, at: Timestamp) -> Reply<()> {
        self.writer
            .call(move |connection| session::reset(connection, &key, at))
    }

    fn undelivered(&self, after: OutboxId, limit: usize) -> Reply<Vec<Delivery>> {
        self.reader
            .call(move |connection| outbox::undelivered(connection, after, limit))
    }

    fn settle(&self, id: OutboxId, settlement: Settlement, at: Timestamp) -> Reply<()> {
        self.writer
            .call(move |connection| outbox::settle(connection, id, &settlement, at))
    }

    fn stuck(&self, limit: usize) -> Reply<Vec<(Delivery, Option<Settlement>)>> {
        self.reader
            .call(move |connection| outbox::stuck(connection, limit))
    }

    fn resend(&self, id: OutboxId, at: Timestamp) -> Reply<Option<OutboxId>> {
        self.writer
            .call(move |connection| outbox::resend(connection, id, at))
    }

    fn discard(&self, id: OutboxId, reason: String, at: Timestamp) -> Reply<bool> {
        self.writer
            .call(move |connection| outbox::discard(connection, id, &reason, at))
    }

    fn is_undelivered(&self, id: OutboxId) -> Reply<bool> {
        self.reader
            .call(move |connection| outbox::is_undelivered(connection, id))
    }

    fn journal(&self, key: String) -> Reply<Vec<JournalEntry>> {
        self.reader
            .call(move |connection| journal::find(connection, &key))
    }

    fn rate(&self, card: CardId, person: PersonId, rating: Rating, at: Timestamp) -> Reply<()> {
        self.writer
            .call(move |connection| rating::rate(connection, &card, &person, rating, at))
    }

    fn mark(&self, sequence: Sequence, reaction: Option<String>) -> Reply<Option<String>> {
        self.writer
            .call(move |connection| inbox::mark(connection, sequence, reaction.as_deref()))
    }

    fn marked(&self, limit: usize) -> Reply<Vec<(StoredMessage, String)>> {
        self.reader
            .call(move |connection| inbox::marked(connection, limit))
    }

    fn delivered_near(&self, at: Timestamp, within: Duration) -> Reply<Vec<Delivery>> {
        self.reader
            .call(move |connection| outbox::delivered_near(connection, at, within))
    }

    fn spending(&self, query: SpendingQuery) -> Reply<Vec<SpendingLine>> {
        self.reader
            .call(move |connection| spending::sum(connection, &query))
    }

    fn counts(&self) -> Reply<Counts> {
        self.reader.call(journal::counts)
    }

    /// Works in steps, between which other calls are served. Dropping the future leaves the later steps to the
    /// next time.
    fn prune(&self, before: Timestamp) -> Reply<u64> {
        let writer = Arc::clone(&self.writer);
        let mut step = writer.call(move |connection| prune::step(connection, before));
        async move {
            let mut messages = 0;
            loop {
                let pruned = step.await?;
                messages += u64::try_from(pruned.messages).unwrap_or(u64::MAX);
                if !pruned.more {
                    return Ok(messages);
                }
                step = writer.call(move |connection| prune::step(connection, before));
            }
        }
        .boxed()
    }
}

impl Ledger for SqliteStore {
    fn add(&self, tallies: Vec<Tally>) -> Reply<()> {
        self.writer
            .call(move |connection| ledger::add(connection, &tallies))
    }

    fn since(&self, organisation: OrganisationId, day: i64) -> Reply<Vec<Tally>> {
        self.reader
            .call(move |connection| ledger::since(connection, &organisation, day))
    }

    fn forget(&self, organisation: OrganisationId, before: i64) -> Reply<()> {
        self.writer
            .call(move |connection| ledger::forget(connection, &organisation, before))
    }
}

impl Hints for SqliteStore {
    fn note_obstacle(&self, whom: Addressee, obstacle: Obstacle, at: Timestamp) -> Reply<()> {
        match payload::to_json(&obstacle) {
            Ok(json) => self
                .writer
                .call(move |connection| hints::note(connection, &whom, &json, at)),
            Err(failure) => refused(failure),
        }
    }

    fn take_hint(&self, whom: Addressee, at: Timestamp) -> Reply<Option<Obstacle>> {
        self.writer
            .call(move |connection| hints::take(connection, &whom, at))
    }
}

impl Sessions for SqliteStore {
    fn settings(&self) -> Reply<Remembered> {
        self.reader.call(sessions::settings)
    }

    fn prefer(&self, key: SessionKey, preferences: Preferences) -> Reply<()> {
        self.writer
            .call(move |connection| sessions::prefer(connection, &key, &preferences))
    }

    fn alias(&self, chat: Chat, alias: Option<String>) -> Reply<()> {
        self.writer
            .call(move |connection| sessions::alias(connection, &chat, alias.as_deref()))
    }

    fn sessions(&self, ended: bool) -> Reply<Vec<SessionRecord>> {
        self.reader
            .call(move |connection| sessions::list(connection, ended))
    }

    fn session(&self, key: SessionKey) -> Reply<Option<SessionRecord>> {
        self.reader
            .call(move |connection| sessions::find(connection, &key))
    }

    fn transcript(&self, session: SessionId) -> Reply<Vec<TranscriptEntry>> {
        self.reader
            .call(move |connection| session::transcript(connection, session))
    }

    fn compact(&self, session: SessionId, summary: Summary) -> Reply<()> {
        self.writer
            .call(move |connection| sessions::compact(connection, session, &summary))
    }
}

fn all_json<T: serde::Serialize>(values: &[T]) -> Result<Vec<String>, Failure> {
    values.iter().map(payload::to_json).collect()
}

fn refused<T: Send + 'static>(failure: Failure) -> Reply<T> {
    future::ready(Err(failure.into())).boxed()
}
