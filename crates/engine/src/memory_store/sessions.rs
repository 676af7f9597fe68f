//! Sessions in memory: what is set for them, what is known of them, and how they are shortened.

use std::collections::{BTreeMap, HashMap};

use super::state::State;
use crate::id::Sequence;
use crate::id::{AgentId, SessionId, SessionKey};
use crate::ports::{
    Begin, Chat, Continuity, Origin, Remembered, SessionRecord, Summary, TranscriptEntry, Usage,
};
use crate::preferences::Preferences;
use crate::time::Timestamp;

/// The tables.
#[derive(Default)]
pub(super) struct Table {
    rows: BTreeMap<SessionId, Row>,
    /// The session that a key has now.
    open: HashMap<SessionKey, SessionId>,
    /// The last number given out; it is not used again when rows go.
    last: SessionId,
    preferences: BTreeMap<SessionKey, Preferences>,
    aliases: BTreeMap<Chat, String>,
}

struct Row {
    key: SessionKey,
    agent: AgentId,
    origin: Origin,
    /// The message whose turn began it, and how it stood to the session before.
    opened: (Sequence, Continuity),
    opened_at: Timestamp,
    used_at: Timestamp,
    ended_at: Option<Timestamp>,
    tokens: (u64, u64),
    summary: Option<Summary>,
    transcript: Vec<TranscriptEntry>,
}

impl Table {
    /// Finds or opens the session of a turn. A turn that is begun again after a crash finds its session as it
    /// was the first time, so that an expiry is still announced.
    pub(super) fn begin(&mut self, begin: &Begin) -> (SessionId, Continuity) {
        let current = self.open.get(&begin.session_key).copied();
        let mut continuity = Continuity::Fresh;
        if let Some((id, session)) = current.and_then(|id| Some((id, self.rows.get_mut(&id)?))) {
            if begin
                .expired_before
                .is_none_or(|limit| session.used_at >= limit)
            {
                session.used_at = session.used_at.max(begin.at);
                session.origin.clone_from(&begin.origin);
                let (opened_by, continuity) = session.opened;
                let again = opened_by == begin.sequence;
                let continuity = if again {
                    continuity
                } else {
                    Continuity::Continued
                };
                return (id, continuity);
            }
            session.ended_at = Some(begin.at);
            continuity = Continuity::Expired;
        }
        self.last.0 += 1;
        let session = Row {
            key: begin.session_key.clone(),
            agent: begin.agent.clone(),
            origin: begin.origin.clone(),
            opened: (begin.sequence, continuity),
            opened_at: begin.at,
            used_at: begin.at,
            ended_at: None,
            tokens: (0, 0),
            summary: None,
            transcript: Vec::new(),
        };
        self.rows.insert(self.last, session);
        self.open.insert(begin.session_key.clone(), self.last);
        (self.last, continuity)
    }

    /// The newest entries of a session, and the words that stand for its beginning.
    pub(super) fn history(
        &self,
        session: SessionId,
        limit: usize,
    ) -> (Vec<TranscriptEntry>, Option<String>) {
        let row = &self.rows[&session];
        let skipped = row.transcript.len().saturating_sub(limit);
        let summarised = row.summary.as_ref().map_or(0, |summary| summary.entries);
        let history = row.transcript.iter().skip(skipped.max(summarised));
        let summary = row.summary.as_ref().map(|summary| summary.text.clone());
        (history.cloned().collect(), summary)
    }

    /// Adds to a transcript; `false` when there is no such session.
    pub(super) fn append(
        &mut self,
        session: SessionId,
        entries: Vec<TranscriptEntry>,
        usage: Option<Usage>,
        at: Timestamp,
    ) -> bool {
        let Some(row) = self.rows.get_mut(&session) else {
            return false;
        };
        row.used_at = row.used_at.max(at);
        row.transcript.extend(entries);
        if let Some(usage) = usage {
            row.tokens.0 += usage.input_tokens;
            row.tokens.1 += usage.output_tokens;
        }
        true
    }

    pub(super) fn reset(&mut self, key: &SessionKey, at: Timestamp) {
        let id = self.open.remove(key);
        if let Some(session) = id.and_then(|id| self.rows.get_mut(&id)) {
            session.ended_at = Some(at);
        }
    }

    pub(super) fn count_open(&self) -> usize {
        self.open.len()
    }

    pub(super) fn prune(&mut self, before: Timestamp) {
        self.rows
            .retain(|_, session| session.ended_at.is_none_or(|ended| ended >= before));
    }
}

impl State {
    pub(super) fn settings(&self) -> Remembered {
        let preferences = self.sessions.preferences.iter();
        let aliases = self.sessions.aliases.iter();
        Remembered {
            preferences: preferences
                .map(|(key, preferences)| (key.clone(), preferences.clone()))
                .collect(),
            aliases: aliases
                .map(|(chat, alias)| (chat.clone(), alias.clone()))
                .collect(),
        }
    }

    pub(super) fn prefer(&mut self, key: SessionKey, preferences: Preferences) {
        if preferences.is_empty() {
            self.sessions.preferences.remove(&key);
        } else {
            self.sessions.preferences.insert(key, preferences);
        }
    }

    pub(super) fn alias(&mut self, chat: Chat, alias: Option<String>) {
        match alias {
            Some(alias) => self.sessions.aliases.insert(chat, alias),
            None => self.sessions.aliases.remove(&chat),
        };
    }

    pub(super) fn list_sessions(&self, ended: bool) -> Vec<SessionRecord> {
        let rows = self.sessions.rows.iter();
        let wanted = rows.filter(|(_, row)| ended || row.ended_at.is_none());
        let mut records: Vec<SessionRecord> = wanted.map(|(id, row)| record(*id, row)).collect();
        records.sort_by_key(|record| std::cmp::Reverse((record.used_at, record.id)));
        records
    }

    pub(super) fn find_session(&self, key: &SessionKey) -> Option<SessionRecord> {
        let id = self.sessions.open.get(key)?;
        Some(record(*id, self.sessions.rows.get(id)?))
    }

    pub(super) fn transcript(&self, session: SessionId) -> Vec<TranscriptEntry> {
        let row = self.sessions.rows.get(&session);
        row.map(|row| row.transcript.clone()).unwrap_or_default()
    }

    pub(super) fn compact(&mut self, session: SessionId, summary: Summary) {
        let row = self.sessions.rows.get_mut(&session);
        if let Some(row) = row.filter(|row| row.transcript.len() >= summary.entries) {
            row.summary = Some(summary);
        }
    }
}

fn record(id: SessionId, row: &Row) -> SessionRecord {
    SessionRecord {
        id,
        key: row.key.clone(),
        agent: row.agent.clone(),
        origin: Some(row.origin.clone()),
        opened_at: row.opened_at,
        used_at: row.used_at,
        ended_at: row.ended_at,
        entries: row.transcript.len(),
        tokens: row.tokens,
        summary: row.summary.clone(),
    }
}
