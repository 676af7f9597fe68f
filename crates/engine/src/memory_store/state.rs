//! The tables, and what each call does to them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Bound;
use std::time::Duration;

use super::{hints, inquiries, pairing, sessions};
use crate::id::{
    AccountId, AgentId, CardId, ChannelId, InquiryId, OutboxId, PersonId, Sequence, SessionId,
    SessionKey,
};
use crate::inquiry::{Inquiry, State as InquiryState};
use crate::message::{InboundMessage, OutboundMessage};
use crate::ports::{
    Accepted, Begin, Begun, Counts, Delivery, Finish, Finished, JournalEntry, Rating, Settlement,
    SpendingLine, SpendingQuery, Spent, StoreError, StoreErrorKind, StoredMessage, Usage,
};
use crate::time::Timestamp;

/// How much longer than messages is kept what they have used of models.
const SPENT_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

#[derive(Default)]
pub(super) struct State {
    known: HashSet<(ChannelId, AccountId, String)>,
    inbox: BTreeMap<Sequence, InboxRow>,
    unfinished: BTreeSet<Sequence>,
    outbox: BTreeMap<OutboxId, OutboxRow>,
    undelivered: BTreeSet<OutboxId>,
    pub(super) sessions: sessions::Table,
    pub(super) hints: hints::Table,
    pub(super) inquiries: inquiries::Table,
    pub(super) pairing: pairing::Table,
    ratings: BTreeMap<(CardId, PersonId), Rating>,
    spent: BTreeMap<Sequence, (Timestamp, Spent)>,
    /// The last numbers given out; they are not used again when rows go.
    last_sequence: Sequence,
    last_outbox: OutboxId,
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
        let (session, continuity) = self.sessions.begin(&begin);
        let (history, summary) = self.sessions.history(session, begin.history);
        Begun::Open {
            attempt,
            session,
            continuity,
            history,
            summary,
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
            let usage = finish.spent.as_ref().map(|spent| spent.usage);
            if !self.sessions.append(id, entries, usage, finish.at) {
                return Err(unknown_session(id));
            }
        }
        let received_at = row.message.received_at;
        if let Some(spent) = finish.spent {
            self.spent.insert(finish.sequence, (finish.at, spent));
        }
        for sequence in [finish.sequence].iter().chain(&finish.joined) {
            if let Some(row) = self.inbox.get_mut(sequence)
                && self.unfinished.remove(sequence)
            {
                row.end = Some((finish.outcome, finish.at));
            }
        }
        self.reply(finish.sequence, finish.replies, received_at, finish.at);
        for message in finish.follow_ups {
            self.accept(message, received_at);
        }
        Ok(Finished::Now)
    }

    pub(super) fn say(&mut self, sequence: Sequence, replies: Vec<OutboundMessage>, at: Timestamp) {
        let row = self.inbox.get(&sequence);
        if let Some(row) = row.filter(|row| row.end.is_none()) {
            let received_at = row.message.received_at;
            self.reply(sequence, replies, received_at, at);
        }
    }

    /// Writes an inquiry down with the messages that put it before people.
    pub(super) fn inquire(&mut self, inquiry: Inquiry, messages: Vec<OutboundMessage>) -> bool {
        let (sequence, at) = (inquiry.sequence, inquiry.asked_at);
        let Some(row) = self.inbox.get(&sequence).filter(|row| row.end.is_none()) else {
            return false;
        };
        let received_at = row.message.received_at;
        let is_new = self.inquiries.insert(inquiry);
        if is_new {
            self.reply(sequence, messages, received_at, at);
        }
        is_new
    }

    /// Ends a pending inquiry with the messages that say so.
    pub(super) fn decide(
        &mut self,
        id: &InquiryId,
        ended: InquiryState,
        messages: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> bool {
        let Some(sequence) = self.inquiries.decide(id, ended) else {
            return false;
        };
        self.answer_later(sequence, messages, at);
        true
    }

    /// Says something to a message, whether it has ended or not; nothing when it is not there.
    pub(super) fn answer_later(
        &mut self,
        sequence: Sequence,
        replies: Vec<OutboundMessage>,
        at: Timestamp,
    ) {
        if let Some(row) = self.inbox.get(&sequence) {
            let received_at = row.message.received_at;
            self.reply(sequence, replies, received_at, at);
        }
    }

    fn reply(
        &mut self,
        sequence: Sequence,
        replies: Vec<OutboundMessage>,
        received_at: Timestamp,
        created_at: Timestamp,
    ) {
        for message in replies {
            self.last_outbox.0 += 1;
            let id = self.last_outbox;
            let delivery = Delivery {
                id,
                message,
                received_at,
                created_at,
                attempts: 0,
                uncertain: false,
            };
            let row = OutboxRow {
                sequence,
                delivery,
                settlement: None,
                settled_at: None,
                is_discarded: false,
            };
            self.outbox.insert(id, row);
            self.undelivered.insert(id);
        }
    }

    pub(super) fn reset_session(&mut self, key: &SessionKey, at: Timestamp) {
        self.sessions.reset(key, at);
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
                is_about(&row.message.message, key) || answered.contains(sequence)
            })
            .map(|(sequence, row)| JournalEntry {
                message: row.message.clone(),
                outcome: row.end.map(|(outcome, _)| outcome.to_owned()),
                replies: self.replies(*sequence),
                spent: self.spent.get(sequence).map(|(_, spent)| spent.clone()),
                ratings: self.ratings(row.card.as_ref()),
            })
            .collect()
    }

    pub(super) fn spending(&self, query: &SpendingQuery) -> Vec<SpendingLine> {
        let mut lines: BTreeMap<_, (u64, Usage)> = BTreeMap::new();
        for (at, spent) in self.spent.values() {
            let of_agent = query
                .agent
                .as_ref()
                .is_none_or(|agent| *agent == spent.agent);
            let of_person = query
                .person
                .as_ref()
                .is_none_or(|person| *person == spent.person);
            if query.during.contains(at) && of_agent && of_person {
                let key = (&spent.agent, &spent.person, spent.model());
                let (turns, usage) = lines.entry(key).or_default();
                *turns += 1;
                *usage += spent.usage;
            }
        }
        let line = |((agent, person, model), (turns, usage)): ((&AgentId, &PersonId, &str), _)| {
            SpendingLine {
                agent: agent.clone(),
                person: person.clone(),
                model: model.to_owned(),
                turns,
                usage,
            }
        };
        lines.into_iter().map(line).collect()
    }

    pub(super) fn counts(&self) -> Counts {
        let failed = |row: &&OutboxRow| row.has_failed();
        Counts {
            messages: count(self.inbox.len()),
            unfinished: count(self.unfinished.len()),
            undelivered: count(self.undelivered.len()),
            failed: count(self.outbox.values().filter(failed).count()),
            sessions: count(self.sessions.count_open()),
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
        self.inquiries
            .forget(|sequence| forgotten.contains(&sequence));
        self.sessions.prune(before);
        self.hints.prune(before);
        self.pairing.prune(before);
        let long_ago = before.before(SPENT_KEPT);
        self.spent.retain(|_, (at, _)| *at >= long_ago);
        count(forgotten.len())
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

fn identity(message: &InboundMessage) -> (ChannelId, AccountId, String) {
    (
        message.channel.clone(),
        message.account.clone(),
        message.key(),
    )
}

/// Whether a key means a message, or the message of which it is a copy.
fn is_about(message: &InboundMessage, key: &str) -> bool {
    message.id.as_str() == key || message.key() == key
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
