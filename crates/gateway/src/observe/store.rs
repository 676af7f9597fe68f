//! The store as it is watched: what it could not do lately, told once in the log and for as long as it lasts in the status.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chela_engine::id::{
    AccountId, CardId, ChannelId, InquiryId, OutboxId, PersonId, Sequence, SessionId, SessionKey,
};
use chela_engine::inquiry::{Inquiry, State as InquiryState};
use chela_engine::message::{InboundMessage, OutboundMessage};
use chela_engine::ports::{
    Accepted, Addressee, Begin, Begun, Chat, Counts, Decision, Delivery, Finish, Finished, Guest,
    Hints, Inquiries, InquiryKey, JournalEntry, Knocked, Obstacle, Pairing, PairingCode,
    PairingRequest, Rating, Remembered, Ruling, SessionRecord, Sessions, Settlement, SpendingLine,
    SpendingQuery, Store, StoreError, StoreErrorKind, StoredMessage, Summary, TranscriptEntry,
};
use chela_engine::preferences::Preferences;
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::catalogue::{Code, Language, run};

/// A failure is forgotten when nothing has failed for this long: whatever waits for the store tries again at least every
/// 60 seconds, which is when the platform repeats a message.
const FORGOTTEN: Duration = Duration::from_secs(120);

/// A store whose failures are noticed.
pub struct WatchedStore {
    inner: Arc<dyn Store>,
    troubles: Arc<Troubles>,
}

/// What a store could not do lately.
pub struct Troubles {
    language: Language,
    /// By [`Side`]: on a full disk everything can still be read.
    lately: Mutex<[Option<Trouble>; 2]>,
}

struct Trouble {
    code: Code,
    at: Instant,
}

impl Trouble {
    /// What is damaged stays so, though something else can still be read or written.
    fn stays(&self) -> bool {
        self.code == Code::StoreCorrupt
    }
}

#[derive(Clone, Copy)]
enum Side {
    Write,
    Read,
}

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

impl WatchedStore {
    /// Watches a store; logs in `language`.
    pub fn new(inner: Arc<dyn Store>, language: Language) -> Self {
        let lately = Mutex::default();
        Self {
            inner,
            troubles: Arc::new(Troubles { language, lately }),
        }
    }

    /// What is known of its failures, now and later.
    pub fn troubles(&self) -> Arc<Troubles> {
        Arc::clone(&self.troubles)
    }

    fn watch<T: Send + 'static>(&self, side: Side, call: Reply<T>) -> Reply<T> {
        let troubles = Arc::clone(&self.troubles);
        call.inspect(move |result| match result {
            Ok(_) => troubles.worked(side),
            Err(error) => troubles.failed(side, error),
        })
        .boxed()
    }

    /// A call that may have had nothing to do or touches little, so that its success proves nothing.
    fn watch_failure<T: Send + 'static>(&self, side: Side, call: Reply<T>) -> Reply<T> {
        let troubles = Arc::clone(&self.troubles);
        call.inspect(move |result| {
            if let Err(error) = result {
                troubles.failed(side, error);
            }
        })
        .boxed()
    }
}

impl Troubles {
    /// What the store cannot do now, if anything.
    pub fn current(&self) -> Option<Code> {
        let lately = self.lately();
        let recent = |trouble: &&Trouble| trouble.stays() || trouble.at.elapsed() < FORGOTTEN;
        lately
            .iter()
            .flatten()
            .find(recent)
            .map(|trouble| trouble.code)
    }

    fn failed(&self, side: Side, error: &StoreError) {
        // One row that cannot be read is no trouble of the store; the engine speaks of it.
        if error.kind == StoreErrorKind::Malformed {
            return;
        }
        let code = Code::of_store(error.kind);
        let at = Instant::now();
        let place = &mut self.lately()[side as usize];
        if place.as_ref().is_some_and(Trouble::stays) {
            return;
        }
        let before = place.replace(Trouble { code, at });
        if before.is_none_or(|before| before.code != code || before.at.elapsed() >= FORGOTTEN) {
            let words = run::told(code);
            tracing::error!(%code, "{}", words.get(self.language));
        }
    }

    fn worked(&self, side: Side) {
        let over = self.lately()[side as usize].take_if(|trouble| !trouble.stays());
        if let Some(Trouble { code, .. }) = over {
            tracing::info!(%code, "{}", run::STORE_RECOVERED.get(self.language));
        }
    }

    fn lately(&self) -> MutexGuard<'_, [Option<Trouble>; 2]> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for WatchedStore {
    fn accept(&self, message: InboundMessage, received_at: Timestamp) -> Reply<Accepted> {
        self.watch(Side::Write, self.inner.accept(message, received_at))
    }

    fn unfinished(&self, after: Sequence, limit: usize) -> Reply<Vec<StoredMessage>> {
        self.watch(Side::Read, self.inner.unfinished(after, limit))
    }

    fn begin(&self, begin: Begin) -> Reply<Begun> {
        self.watch(Side::Write, self.inner.begin(begin))
    }

    fn abandon(&self, sequence: Sequence) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.abandon(sequence))
    }

    fn finish(&self, finish: Finish) -> Reply<Finished> {
        self.watch(Side::Write, self.inner.finish(finish))
    }

    fn say(&self, sequence: Sequence, replies: Vec<OutboundMessage>, at: Timestamp) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.say(sequence, replies, at))
    }

    fn reset_session(&self, key: SessionKey, at: Timestamp) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.reset_session(key, at))
    }

    fn undelivered(&self, after: OutboxId, limit: usize) -> Reply<Vec<Delivery>> {
        self.watch(Side::Read, self.inner.undelivered(after, limit))
    }

    fn settle(&self, id: OutboxId, settlement: Settlement, at: Timestamp) -> Reply<()> {
        self.watch(Side::Write, self.inner.settle(id, settlement, at))
    }

    fn rate(&self, card: CardId, person: PersonId, rating: Rating, at: Timestamp) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.rate(card, person, rating, at))
    }

    fn mark(&self, sequence: Sequence, reaction: Option<String>) -> Reply<Option<String>> {
        self.watch_failure(Side::Write, self.inner.mark(sequence, reaction))
    }

    fn marked(&self, limit: usize) -> Reply<Vec<(StoredMessage, String)>> {
        self.watch_failure(Side::Read, self.inner.marked(limit))
    }

    fn delivered_near(&self, at: Timestamp, within: Duration) -> Reply<Vec<Delivery>> {
        self.watch_failure(Side::Read, self.inner.delivered_near(at, within))
    }

    fn stuck(&self, limit: usize) -> Reply<Vec<(Delivery, Option<Settlement>)>> {
        self.watch_failure(Side::Read, self.inner.stuck(limit))
    }

    fn resend(&self, id: OutboxId, at: Timestamp) -> Reply<Option<OutboxId>> {
        self.watch_failure(Side::Write, self.inner.resend(id, at))
    }

    fn discard(&self, id: OutboxId, reason: String, at: Timestamp) -> Reply<bool> {
        self.watch_failure(Side::Write, self.inner.discard(id, reason, at))
    }

    fn is_undelivered(&self, id: OutboxId) -> Reply<bool> {
        self.watch_failure(Side::Read, self.inner.is_undelivered(id))
    }

    fn journal(&self, key: String) -> Reply<Vec<JournalEntry>> {
        self.watch(Side::Read, self.inner.journal(key))
    }

    fn spending(&self, query: SpendingQuery) -> Reply<Vec<SpendingLine>> {
        self.watch(Side::Read, self.inner.spending(query))
    }

    fn counts(&self) -> Reply<Counts> {
        self.watch_failure(Side::Read, self.inner.counts())
    }

    fn prune(&self, before: Timestamp) -> Reply<u64> {
        self.watch_failure(Side::Write, self.inner.prune(before))
    }
}

impl Hints for WatchedStore {
    fn note_obstacle(&self, whom: Addressee, obstacle: Obstacle, at: Timestamp) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.note_obstacle(whom, obstacle, at))
    }

    fn take_hint(&self, whom: Addressee, at: Timestamp) -> Reply<Option<Obstacle>> {
        self.watch_failure(Side::Write, self.inner.take_hint(whom, at))
    }
}

impl Inquiries for WatchedStore {
    fn inquire(&self, inquiry: Inquiry, messages: Vec<OutboundMessage>) -> Reply<bool> {
        self.watch_failure(Side::Write, self.inner.inquire(inquiry, messages))
    }

    fn inquiry(&self, key: InquiryKey) -> Reply<Option<Inquiry>> {
        self.watch_failure(Side::Read, self.inner.inquiry(key))
    }

    fn inquiries_of(&self, sequence: Sequence) -> Reply<Vec<Inquiry>> {
        self.watch_failure(Side::Read, self.inner.inquiries_of(sequence))
    }

    fn pending_inquiries(&self) -> Reply<Vec<Inquiry>> {
        self.watch_failure(Side::Read, self.inner.pending_inquiries())
    }

    fn decide(
        &self,
        id: InquiryId,
        state: InquiryState,
        messages: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> Reply<bool> {
        self.watch_failure(Side::Write, self.inner.decide(id, state, messages, at))
    }

    fn use_up(&self, id: InquiryId, at: Timestamp) -> Reply<bool> {
        self.watch_failure(Side::Write, self.inner.use_up(id, at))
    }
}

impl Pairing for WatchedStore {
    fn guests(&self) -> Reply<Vec<Guest>> {
        self.watch_failure(Side::Read, self.inner.guests())
    }

    fn requests(&self, at: Timestamp) -> Reply<Vec<PairingRequest>> {
        self.watch_failure(Side::Read, self.inner.requests(at))
    }

    fn knock(&self, request: PairingRequest, most: usize) -> Reply<Knocked> {
        self.watch_failure(Side::Write, self.inner.knock(request, most))
    }

    fn rule(&self, which: PairingCode, ruling: Ruling, at: Timestamp) -> Reply<Decision> {
        self.watch_failure(Side::Write, self.inner.rule(which, ruling, at))
    }

    fn revoke(
        &self,
        channel: Option<ChannelId>,
        account: Option<AccountId>,
        person: PersonId,
    ) -> Reply<Vec<Addressee>> {
        self.watch_failure(Side::Write, self.inner.revoke(channel, account, person))
    }

    fn answer_later(
        &self,
        sequence: Sequence,
        replies: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.answer_later(sequence, replies, at))
    }
}

impl Sessions for WatchedStore {
    fn settings(&self) -> Reply<Remembered> {
        self.watch_failure(Side::Read, self.inner.settings())
    }

    fn prefer(&self, key: SessionKey, preferences: Preferences) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.prefer(key, preferences))
    }

    fn alias(&self, chat: Chat, alias: Option<String>) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.alias(chat, alias))
    }

    fn sessions(&self, ended: bool) -> Reply<Vec<SessionRecord>> {
        self.watch_failure(Side::Read, self.inner.sessions(ended))
    }

    fn session(&self, key: SessionKey) -> Reply<Option<SessionRecord>> {
        self.watch_failure(Side::Read, self.inner.session(key))
    }

    fn transcript(&self, session: SessionId) -> Reply<Vec<TranscriptEntry>> {
        self.watch_failure(Side::Read, self.inner.transcript(session))
    }

    fn compact(&self, session: SessionId, summary: Summary) -> Reply<()> {
        self.watch_failure(Side::Write, self.inner.compact(session, summary))
    }
}
