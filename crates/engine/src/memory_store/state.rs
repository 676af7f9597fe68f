//! The tables, and what each call does to them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;
use std::time::Duration;

use crate::id::{
    AccountId, CardId, ChannelId, MessageId, OutboxId, PersonId, Sequence, SessionId, SessionKey,
};
use crate::message::InboundMessage;
use crate::ports::{
    Accepted, Begin, Begun, Continuity, Counts, Delivery, Finish, Finished, JournalEntry, Rating,
    Settlement, StoreError, StoreErrorKind, StoredMessage, TranscriptEntry,
};
use crate::time::Timestamp;

#[derive(Default)]
pub(super) struct State {
    known: HashSet<(ChannelId, AccountId, MessageId)>,
    inbox: BTreeMap<Sequence, InboxRow>,
    unfinished: BTreeSet<Sequence>,
    outbox: BTreeMap<OutboxId, OutboxRow>,
    undelivered: BTreeSet<OutboxId>,
    sessions: BTreeMap<SessionId, SessionRow>,
    /// The session that a key has now.
    open: HashMap<SessionKey, SessionId>,
    ratings: BTreeMap<(CardId, PersonId), Rating>,
    /// The last numbers given out; they are not used again when rows go.
    last_sequence: Sequence,
    last_outbox: OutboxId,
    last_session: SessionId,
}

struct InboxRow {
    message: StoredMessage,
    card: Option<CardId>,
    reaction: Option<String>,
    end: Option<(&'static str, Timestamp)>,
}

struct OutboxRow {
    sequence: Sequence,
    delivery: Delivery,
    settlement: Option<Settlement>,
    settled_at: Option<Timestamp>,
    /// Given up by a person, so that nobody lists it.
    is_discarded: bool,
}

impl OutboxRow {
    fn has_failed(&self) -> bool {
        matches!(self.settlement, Some(Settlement::Failed { .. })) && !self.is_discarded
    }
}

struct SessionRow {
    /// The message whose turn began it, and how it stood to the session before.
    opened: (Sequence, Continuity),
    used_at: Timestamp,
    ended_at: Option<Timestamp>,
    transcript: Vec<TranscriptEntry>,
}

impl State {
    pub(super) fn accept(&mut self, message: InboundMessage, received_at: Timestamp) -> Accepted {
        if !self.known.insert(identity(&message)) {
            return Accepted::Duplicate;
        }
        self.last_sequence.0 += 1;
        let sequence = self.last_sequence;
        let message = StoredMessage {
            sequence,
            received_at,
            attempts: 0,
            message,
        };
        self.inbox.insert(
            sequence,
            InboxRow {
                message,
                card: None,
                reaction: None,
                end: None,
            },
        );
        self.unfinished.insert(sequence);
        Accepted::New(sequence)
    }

    pub(super) fn unfinished(&self, after: Sequence, limit: usize) -> Vec<StoredMessage> {
        self.unfinished
            .range((Bound::Excluded(after), Bound::Unbounded))
            .take(limit)
            .map(|sequence| self.inbox[sequence].message.clone())
            .collect()
    }

    pub(super) fn begin(&mut self, begin: Begin) -> Begun {
        let Some(row) = self
            .inbox
            .get_mut(&begin.sequence)
            .filter(|row| row.end.is_none())
        else {
            return Begun::Finished;
        };
        row.message.attempts += 1;
        let attempt = row.message.attempts;
        row.card = row.card.take().or_else(|| begin.card.clone());
        let card = row.card.clone();
        let (session, continuity) = self.session(&begin);
        let transcript = &self.sessions[&session].transcript;
        let skipped = transcript.len().saturating_sub(begin.history);
        let history = transcript.iter().skip(skipped).cloned().collect();
        Begun::Open {
            attempt,
            session,
            continuity,
            history,
            card,
        }
    }

    pub(super) fn abandon(&mut self, sequence: Sequence) {
        let row = self.inbox.get_mut(&sequence);
        if let Some(row) = row.filter(|row| row.end.is_none()) {
            row.message.attempts = row.message.attempts.saturating_sub(1);
        }
    }

    pub(super) fn finish(&mut self, finish: Finish) -> Result<Finished, StoreError> {
        let Some(row) = self
            .inbox
            .get_mut(&finish.sequence)
            .filter(|row| row.end.is_none())
        else {
            return Ok(Finished::Before);
        };
        if let Some((id, entries)) = finish.transcript {
            let session = self
                .sessions
                .get_mut(&id)
                .ok_or_else(|| unknown_session(id))?;
            session.used_at = session.used_at.max(finish.at);
            session.transcript.extend(entries);
        }
        let received_at = row.message.received_at;
        for sequence in [finish.sequence].iter().chain(&finish.joined) {
            if let Some(row) = self.inbox.get_mut(sequence)
                && self.unfinished.remove(sequence)
            {
                row.end = Some((finish.outcome, finish.at));
            }
        }
        for message in finish.replies {
            self.last_outbox.0 += 1;
            let id = self.last_outbox;
            let delivery = Delivery {
                id,
                message,
                received_at,
                created_at: finish.at,
                attempts: 0,
                uncertain: false,
            };
            let row = OutboxRow {
                sequence: finish.sequence,
                delivery,
                settlement: None,
                settled_at: None,
                is_discarded: false,
            };
            self.outbox.insert(id, row);
            self.undelivered.insert(id);
        }
        Ok(Finished::Now)
    }

    pub(super) fn reset_session(&mut self, key: &SessionKey, at: Timestamp) {
        let id = self.open.remove(key);
        if let Some(session) = id.and_then(|id| self.sessions.get_mut(&id)) {
            session.ended_at = Some(at);
        }
    }

    pub(super) fn undelivered(&self, after: OutboxId, limit: usize) -> Vec<Delivery> {
        self.undelivered
            .range((Bound::Excluded(after), Bound::Unbounded))
            .take(limit)
            .map(|id| self.outbox[id].delivery.clone())
            .collect()
    }

    pub(super) fn settle(&mut self, id: OutboxId, mut settlement: Settlement, at: Timestamp) {
        if !self.undelivered.contains(&id) {
            return;
        }
        let Some(row) = self.outbox.get_mut(&id) else {
            return;
        };
        if let Settlement::Retry { uncertain, .. } = &mut settlement {
            row.delivery.attempts += 1;
            row.delivery.uncertain |= *uncertain;
            *uncertain = row.delivery.uncertain;
        } else {
            self.undelivered.remove(&id);
        }
        row.settlement = Some(settlement);
        row.settled_at = Some(at);
    }

    pub(super) fn stuck(&self, limit: usize) -> Vec<(Delivery, Option<Settlement>)> {
        let rows = self.outbox.iter();
        let stuck = rows.filter(|(id, row)| self.is_undelivered(**id) || row.has_failed());
        stuck
            .take(limit)
            .map(|(_, row)| (row.delivery.clone(), row.settlement.clone()))
            .collect()
    }

    pub(super) fn resend(&mut self, id: OutboxId, at: Timestamp) -> Option<OutboxId> {
        let mut row = self.outbox.remove(&id)?;
        if !row.has_failed() {
            self.outbox.insert(id, row);
            return None;
        }
        self.last_outbox.0 += 1;
        let id = self.last_outbox;
        (
            row.delivery.id,
            row.delivery.created_at,
            row.delivery.attempts,
        ) = (id, at, 0);
        (row.settlement, row.settled_at) = (None, None);
        self.outbox.insert(id, row);
        self.undelivered.insert(id);
        Some(id)
    }

    pub(super) fn discard(&mut self, id: OutboxId, reason: String, at: Timestamp) -> bool {
        let is_undelivered = self.undelivered.remove(&id);
        let row = self.outbox.get_mut(&id);
        let Some(row) = row.filter(|row| is_undelivered || row.has_failed()) else {
            return false;
        };
        row.settlement = Some(Settlement::Failed { reason });
        row.settled_at = Some(at);
        row.is_discarded = true;
        true
    }

    pub(super) fn is_undelivered(&self, id: OutboxId) -> bool {
        self.undelivered.contains(&id)
    }

    pub(super) fn mark(&mut self, sequence: Sequence, reaction: Option<String>) -> Option<String> {
        let row = self.inbox.get_mut(&sequence)?;
        std::mem::replace(&mut row.reaction, reaction)
    }

    pub(super) fn marked(&self, limit: usize) -> Vec<(StoredMessage, String)> {
        let ended = self.inbox.values().filter(|row| row.end.is_some());
        let marked = ended.filter_map(|row| Some((row.message.clone(), row.reaction.clone()?)));
        marked.take(limit).collect()
    }

    pub(super) fn delivered_near(&self, at: Timestamp, within: Duration) -> Vec<Delivery> {
        let near = |row: &&OutboxRow| {
            let delivered = matches!(row.settlement, Some(Settlement::Delivered(_)));
            let settled_at = row.settled_at.filter(|_| delivered);
            settled_at
                .is_some_and(|settled| settled >= at.before(within) && settled <= at.after(within))
        };
        let rows = self.outbox.values().filter(near);
        rows.map(|row| row.delivery.clone()).collect()
    }

    pub(super) fn journal(&self, key: &str) -> Vec<JournalEntry> {
        let answered: BTreeSet<Sequence> = self
            .outbox
            .values()
            .filter(|row| {
                let settlement = row.settlement.as_ref();
                settlement
                    .and_then(Settlement::key)
                    .is_some_and(|known| known == key)
            })
            .map(|row| row.sequence)
            .collect();
        self.inbox
            .iter()
            .filter(|(sequence, row)| {
                row.message.message.id.as_str() == key || answered.contains(sequence)
            })
            .map(|(sequence, row)| JournalEntry {
                message: row.message.clone(),
                outcome: row.end.map(|(outcome, _)| outcome.to_owned()),
                replies: self.replies(*sequence),
                ratings: self.ratings(row.card.as_ref()),
            })
            .collect()
    }

    pub(super) fn counts(&self) -> Counts {
        let failed = |row: &&OutboxRow| row.has_failed();
        Counts {
            messages: count(self.inbox.len()),
            unfinished: count(self.unfinished.len()),
            undelivered: count(self.undelivered.len()),
            failed: count(self.outbox.values().filter(failed).count()),
            sessions: count(self.open.len()),
            oldest_unfinished: self
                .unfinished
                .iter()
                .map(|sequence| self.inbox[sequence].message.received_at)
                .min(),
        }
    }

    pub(super) fn prune(&mut self, before: Timestamp) -> u64 {
        let busy: HashSet<Sequence> = self
            .undelivered
            .iter()
            .map(|id| self.outbox[id].sequence)
            .collect();
        let old = self.inbox.extract_if(.., |sequence, row| {
            row.end.is_some_and(|(_, at)| at < before) && !busy.contains(sequence)
        });
        let mut forgotten = HashSet::new();
        for (sequence, row) in old {
            if let Some(card) = row.card {
                self.ratings.retain(|(rated, _), _| *rated != card);
            }
            self.known.remove(&identity(&row.message.message));
            forgotten.insert(sequence);
        }
        self.outbox
            .retain(|_, row| !forgotten.contains(&row.sequence));
        self.sessions
            .retain(|_, session| session.ended_at.is_none_or(|ended| ended >= before));
        count(forgotten.len())
    }

    /// Finds or opens the session of a turn. A turn that is begun again after a crash finds its session as it
    /// was the first time, so that an expiry is still announced.
    fn session(&mut self, begin: &Begin) -> (SessionId, Continuity) {
        let current = self.open.get(&begin.session_key).copied();
        let mut continuity = Continuity::Fresh;
        if let Some((id, session)) = current.and_then(|id| Some((id, self.sessions.get_mut(&id)?)))
        {
            if begin
                .expired_before
                .is_none_or(|limit| session.used_at >= limit)
            {
                session.used_at = session.used_at.max(begin.at);
                let (opened_by, continuity) = session.opened;
                let again = opened_by == begin.sequence;
                return (
                    id,
                    if again {
                        continuity
                    } else {
                        Continuity::Continued
                    },
                );
            }
            session.ended_at = Some(begin.at);
            continuity = Continuity::Expired;
        }
        self.last_session.0 += 1;
        let id = self.last_session;
        let session = SessionRow {
            opened: (begin.sequence, continuity),
            used_at: begin.at,
            ended_at: None,
            transcript: Vec::new(),
        };
        self.sessions.insert(id, session);
        self.open.insert(begin.session_key.clone(), id);
        (id, continuity)
    }

    pub(super) fn rate(&mut self, card: CardId, person: PersonId, rating: Rating) {
        self.ratings.insert((card, person), rating);
    }

    fn ratings(&self, card: Option<&CardId>) -> Vec<(PersonId, Rating)> {
        let of_card = self
            .ratings
            .iter()
            .filter(|((rated, _), _)| Some(rated) == card);
        of_card
            .map(|((_, person), rating)| (person.clone(), *rating))
            .collect()
    }

    fn replies(&self, sequence: Sequence) -> Vec<(Delivery, Option<Settlement>)> {
        self.outbox
            .values()
            .filter(|row| row.sequence == sequence)
            .map(|row| (row.delivery.clone(), row.settlement.clone()))
            .collect()
    }
}

fn identity(message: &InboundMessage) -> (ChannelId, AccountId, MessageId) {
    (
        message.channel.clone(),
        message.account.clone(),
        message.id.clone(),
    )
}

fn unknown_session(id: SessionId) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Other,
        source: Some(format!("there is no session {id}").into()),
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
