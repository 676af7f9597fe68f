//! The handle on the state, and the faults that a test has asked for.

use std::collections::VecDeque;
use std::fmt;
use std::future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::fate::{Fate, Operation};
use super::ledger::Counts as LedgerCounts;
use super::state::State;
use crate::id::{
    AccountId, CardId, ChannelId, InquiryId, OrganisationId, OutboxId, PersonId, Sequence,
    SessionId, SessionKey,
};
use crate::inquiry::{Inquiry, State as InquiryState};
use crate::message::{InboundMessage, OutboundMessage};
use crate::ports::{
    Accepted, Addressee, Begin, Begun, Chat, Counts, Decision, Delivery, Finish, Finished, Guest,
    Hints, Inquiries, InquiryKey, JournalEntry, Knocked, Ledger, Obstacle, Pairing, PairingCode,
    PairingRequest, Rating, Remembered, Ruling, SessionRecord, Sessions, Settlement, SpendingLine,
    SpendingQuery, Store, StoreError, StoreErrorKind, StoredMessage, Summary, Tally,
    TranscriptEntry,
};
use crate::preferences::Preferences;
use crate::time::Timestamp;

type Hook = Box<dyn FnMut(Operation) -> Fate + Send>;

/// Keeps everything in memory. Each call takes effect when it is made and answers at once, so it needs no runtime
/// and does not disturb paused time. Share it by `Arc`; what an engine leaves behind, the next one finds.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    ledger: Mutex<LedgerCounts>,
    failures: Mutex<VecDeque<StoreErrorKind>>,
    hook: Mutex<Option<Hook>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the next call fail, whichever it is; called twice, the next two. Goes before the hook.
    pub fn fail_next(&self, kind: StoreErrorKind) {
        lock(&self.failures).push_back(kind);
    }

    /// Lets `decide` say what becomes of each call from now on. It must not call this store itself.
    pub fn on_call(&self, decide: impl FnMut(Operation) -> Fate + Send + 'static) {
        *lock(&self.hook) = Some(Box::new(decide));
    }

    /// Lets every call happen again, and forgets failures that have not come to pass.
    pub fn heal(&self) {
        lock(&self.failures).clear();
        *lock(&self.hook) = None;
    }

    fn call<T: Send + 'static>(
        &self,
        operation: Operation,
        work: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        self.decide(operation, || work(&mut lock(&self.state)))
    }

    fn decide<T: Send + 'static>(
        &self,
        operation: Operation,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        match self.fate(operation) {
            Fate::Happen => future::ready(work()).boxed(),
            Fate::Fail(kind) => future::ready(Err(StoreError { kind, source: None })).boxed(),
            Fate::CrashBefore => future::pending().boxed(),
            Fate::CrashAfter => {
                // Whether it worked does not matter: nobody will be told.
                drop(work());
                future::pending().boxed()
            }
        }
    }

    fn fate(&self, operation: Operation) -> Fate {
        if let Some(kind) = lock(&self.failures).pop_front() {
            return Fate::Fail(kind);
        }
        let mut hook = lock(&self.hook);
        hook.as_mut().map_or(Fate::Happen, |hook| hook(operation))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content is what people wrote, which belongs in no log.
        formatter
            .debug_struct("MemoryStore")
            .finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn accept(
        &self,
        message: InboundMessage,
        received_at: Timestamp,
    ) -> BoxFuture<'static, Result<Accepted, StoreError>> {
        self.call(Operation::Accept, |state| {
            Ok(state.accept(message, received_at))
        })
    }

    fn unfinished(
        &self,
        after: Sequence,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<StoredMessage>, StoreError>> {
        self.call(Operation::Unfinished, |state| {
            Ok(state.unfinished(after, limit))
        })
    }

    fn begin(&self, begin: Begin) -> BoxFuture<'static, Result<Begun, StoreError>> {
        self.call(Operation::Begin, |state| Ok(state.begin(begin)))
    }

    fn abandon(&self, sequence: Sequence) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::Abandon, |state| {
            state.abandon(sequence);
            Ok(())
        })
    }

    fn finish(&self, finish: Finish) -> BoxFuture<'static, Result<Finished, StoreError>> {
        self.call(Operation::Finish, |state| state.finish(finish))
    }

    fn say(
        &self,
        sequence: Sequence,
        replies: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::Say, |state| {
            state.say(sequence, replies, at);
            Ok(())
        })
    }

    fn reset_session(
        &self,
        key: SessionKey,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::ResetSession, |state| {
            state.reset_session(&key, at);
            Ok(())
        })
    }

    fn undelivered(
        &self,
        after: OutboxId,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<Delivery>, StoreError>> {
        self.call(Operation::Undelivered, |state| {
            Ok(state.undelivered(after, limit))
        })
    }

    fn settle(
        &self,
        id: OutboxId,
        settlement: Settlement,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::Settle, |state| {
            state.settle(id, settlement, at);
            Ok(())
        })
    }

    fn stuck(
        &self,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<(Delivery, Option<Settlement>)>, StoreError>> {
        self.call(Operation::Stuck, |state| Ok(state.stuck(limit)))
    }

    fn resend(
        &self,
        id: OutboxId,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<Option<OutboxId>, StoreError>> {
        self.call(Operation::Resend, |state| Ok(state.resend(id, at)))
    }

    fn discard(
        &self,
        id: OutboxId,
        reason: String,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        self.call(
            Operation::Discard,
            |state| Ok(state.discard(id, reason, at)),
        )
    }

    fn is_undelivered(&self, id: OutboxId) -> BoxFuture<'static, Result<bool, StoreError>> {
        self.call(Operation::IsUndelivered, |state| {
            Ok(state.is_undelivered(id))
        })
    }

    fn rate(
        &self,
        card: CardId,
        person: PersonId,
        rating: Rating,
        _at: Timestamp,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::Rate, |state| {
            state.rate(card, person, rating);
            Ok(())
        })
    }

    fn mark(
        &self,
        sequence: Sequence,
        reaction: Option<String>,
    ) -> BoxFuture<'static, Result<Option<String>, StoreError>> {
        self.call(Operation::Mark, |state| Ok(state.mark(sequence, reaction)))
    }

    fn marked(
        &self,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<(StoredMessage, String)>, StoreError>> {
        self.call(Operation::Marked, |state| Ok(state.marked(limit)))
    }

    fn delivered_near(
        &self,
        at: Timestamp,
        within: Duration,
    ) -> BoxFuture<'static, Result<Vec<Delivery>, StoreError>> {
        self.call(Operation::DeliveredNear, |state| {
            Ok(state.delivered_near(at, within))
        })
    }

    fn journal(&self, key: String) -> BoxFuture<'static, Result<Vec<JournalEntry>, StoreError>> {
        self.call(Operation::Journal, |state| Ok(state.journal(&key)))
    }

    fn spending(
        &self,
        query: SpendingQuery,
    ) -> BoxFuture<'static, Result<Vec<SpendingLine>, StoreError>> {
        self.call(Operation::Spending, |state| Ok(state.spending(&query)))
    }

    fn counts(&self) -> BoxFuture<'static, Result<Counts, StoreError>> {
        self.call(Operation::Counts, |state| Ok(state.counts()))
    }

    fn prune(&self, before: Timestamp) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.call(Operation::Prune, |state| Ok(state.prune(before)))
    }
}

impl Ledger for MemoryStore {
    fn add(&self, tallies: Vec<Tally>) -> BoxFuture<'static, Result<(), StoreError>> {
        self.decide(Operation::LedgerAdd, || {
            lock(&self.ledger).add(tallies);
            Ok(())
        })
    }

    fn since(
        &self,
        organisation: OrganisationId,
        day: i64,
    ) -> BoxFuture<'static, Result<Vec<Tally>, StoreError>> {
        self.decide(Operation::LedgerSince, || {
            Ok(lock(&self.ledger).since(&organisation, day))
        })
    }

    fn forget(
        &self,
        organisation: OrganisationId,
        before: i64,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.decide(Operation::LedgerForget, || {
            lock(&self.ledger).forget(&organisation, before);
            Ok(())
        })
    }
}

impl Hints for MemoryStore {
    fn note_obstacle(
        &self,
        whom: Addressee,
        obstacle: Obstacle,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::NoteObstacle, |state| {
            state.hints.note(whom, obstacle, at);
            Ok(())
        })
    }

    fn take_hint(
        &self,
        whom: Addressee,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<Option<Obstacle>, StoreError>> {
        self.call(Operation::TakeHint, |state| Ok(state.hints.take(&whom, at)))
    }
}

impl Inquiries for MemoryStore {
    fn inquire(
        &self,
        inquiry: Inquiry,
        messages: Vec<OutboundMessage>,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        self.call(Operation::Inquire, |state| {
            Ok(state.inquire(inquiry, messages))
        })
    }

    fn inquiry(&self, key: InquiryKey) -> BoxFuture<'static, Result<Option<Inquiry>, StoreError>> {
        self.call(Operation::Inquiries, |state| Ok(state.inquiries.find(&key)))
    }

    fn inquiries_of(
        &self,
        sequence: Sequence,
    ) -> BoxFuture<'static, Result<Vec<Inquiry>, StoreError>> {
        self.call(Operation::Inquiries, |state| {
            Ok(state.inquiries.of(sequence))
        })
    }

    fn pending_inquiries(&self) -> BoxFuture<'static, Result<Vec<Inquiry>, StoreError>> {
        self.call(Operation::Inquiries, |state| Ok(state.inquiries.pending()))
    }

    fn decide(
        &self,
        id: InquiryId,
        ended: InquiryState,
        messages: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<bool, StoreError>> {
        self.call(Operation::Decide, |state| {
            Ok(state.decide(&id, ended, messages, at))
        })
    }

    fn use_up(&self, id: InquiryId, at: Timestamp) -> BoxFuture<'static, Result<bool, StoreError>> {
        self.call(Operation::UseUp, |state| {
            Ok(state.inquiries.use_up(&id, at))
        })
    }
}

impl Pairing for MemoryStore {
    fn guests(&self) -> BoxFuture<'static, Result<Vec<Guest>, StoreError>> {
        self.call(Operation::Guests, |state| Ok(state.pairing.guests()))
    }

    fn requests(
        &self,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<Vec<PairingRequest>, StoreError>> {
        self.call(Operation::Requests, |state| Ok(state.pairing.requests(at)))
    }

    fn knock(
        &self,
        request: PairingRequest,
        most: usize,
    ) -> BoxFuture<'static, Result<Knocked, StoreError>> {
        self.call(Operation::Knock, |state| {
            Ok(state.pairing.knock(request, most))
        })
    }

    fn rule(
        &self,
        which: PairingCode,
        ruling: Ruling,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<Decision, StoreError>> {
        self.call(Operation::Rule, |state| {
            Ok(state.pairing.decide(&which, ruling, at))
        })
    }

    fn revoke(
        &self,
        channel: Option<ChannelId>,
        account: Option<AccountId>,
        person: PersonId,
    ) -> BoxFuture<'static, Result<Vec<Addressee>, StoreError>> {
        self.call(Operation::Revoke, |state| {
            let (channel, account) = (channel.as_ref(), account.as_ref());
            Ok(state.pairing.revoke(channel, account, &person))
        })
    }

    fn answer_later(
        &self,
        sequence: Sequence,
        replies: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::AnswerLater, |state| {
            state.answer_later(sequence, replies, at);
            Ok(())
        })
    }
}

impl Sessions for MemoryStore {
    fn settings(&self) -> BoxFuture<'static, Result<Remembered, StoreError>> {
        self.call(Operation::Settings, |state| Ok(state.settings()))
    }

    fn prefer(
        &self,
        key: SessionKey,
        preferences: Preferences,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::Prefer, |state| {
            state.prefer(key, preferences);
            Ok(())
        })
    }

    fn alias(
        &self,
        chat: Chat,
        alias: Option<String>,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::Alias, |state| {
            state.alias(chat, alias);
            Ok(())
        })
    }

    fn sessions(&self, ended: bool) -> BoxFuture<'static, Result<Vec<SessionRecord>, StoreError>> {
        self.call(Operation::Sessions, |state| Ok(state.list_sessions(ended)))
    }

    fn session(
        &self,
        key: SessionKey,
    ) -> BoxFuture<'static, Result<Option<SessionRecord>, StoreError>> {
        self.call(Operation::Sessions, |state| Ok(state.find_session(&key)))
    }

    fn transcript(
        &self,
        session: SessionId,
    ) -> BoxFuture<'static, Result<Vec<TranscriptEntry>, StoreError>> {
        self.call(Operation::Transcript, |state| Ok(state.transcript(session)))
    }

    fn compact(
        &self,
        session: SessionId,
        summary: Summary,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        self.call(Operation::Compact, |state| {
            state.compact(session, summary);
            Ok(())
        })
    }
}

/// A test that panicked elsewhere has said what is wrong; its poison would only hide that.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
