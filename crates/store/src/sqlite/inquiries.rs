//! What agents have asked people.

use chela_engine::id::{CardId, InquiryId, Sequence};
use chela_engine::inquiry::{Answer, Inquiry, State};
use chela_engine::message::OutboundMessage;
use chela_engine::ports::{Inquiries, InquiryKey, StoreError, StoreErrorKind};
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::store::SqliteStore;
use super::{inbox, outbox, payload};

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

impl Inquiries for SqliteStore {
    fn inquire(&self, inquiry: Inquiry, messages: Vec<OutboundMessage>) -> Reply<bool> {
        let messages: Result<Vec<String>, _> = messages.iter().map(payload::to_json).collect();
        match messages.and_then(|messages| Ok((messages, payload::to_json(&inquiry)?))) {
            Ok((messages, json)) => self
                .writer()
                .call(move |connection| insert(connection, &inquiry, &json, &messages)),
            Err(failure) => future::ready(Err(failure.into())).boxed(),
        }
    }

    fn inquiry(&self, key: InquiryKey) -> Reply<Option<Inquiry>> {
        self.reader().call(move |connection| find(connection, &key))
    }

    fn inquiries_of(&self, sequence: Sequence) -> Reply<Vec<Inquiry>> {
        self.reader().call(move |connection| {
            let select = "SELECT inquiry, outcome, used_at FROM inquiry WHERE sequence = ?1 ORDER BY ordinal";
            let mut select = connection.prepare_cached(select)?;
            let mut rows = select.query([sequence.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    fn pending_inquiries(&self) -> Reply<Vec<Inquiry>> {
        self.reader().call(pending)
    }

    fn decide(
        &self,
        id: InquiryId,
        state: State,
        messages: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> Reply<bool> {
        let messages: Result<Vec<String>, _> = messages.iter().map(payload::to_json).collect();
        match messages.and_then(|messages| Ok((messages, payload::to_json(&state)?))) {
            Ok((messages, json)) => self
                .writer()
                .call(move |connection| decide(connection, &id, &json, &messages, at)),
            Err(failure) => future::ready(Err(failure.into())).boxed(),
        }
    }

    fn use_up(&self, id: InquiryId, at: Timestamp) -> Reply<bool> {
        self.writer()
            .call(move |connection| use_up(connection, &id, at))
    }
}

fn insert(
    connection: &Connection,
    inquiry: &Inquiry,
    json: &str,
    messages: &[String],
) -> Result<bool, Failure> {
    if !inbox::is_open(connection, inquiry.sequence)? {
        return Ok(false);
    }
    let inserted = connection
        .prepare_cached(
            "INSERT INTO inquiry (id, sequence, ordinal, inquiry) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            inquiry.id.as_str(),
            inquiry.sequence.0,
            inquiry.ordinal,
            json
        ])?;
    if inserted == 0 {
        return Ok(false);
    }
    let mut card =
        connection.prepare_cached("INSERT INTO inquiry_card (card, inquiry) VALUES (?1, ?2)")?;
    for shown in inquiry.places.iter().filter_map(|(_, card)| card.as_ref()) {
        card.execute(params![CardId::as_str(shown), inquiry.id.as_str()])?;
    }
    outbox::insert(connection, inquiry.sequence, messages, inquiry.asked_at)?;
    Ok(true)
}

fn find(connection: &Connection, key: &InquiryKey) -> Result<Option<Inquiry>, Failure> {
    let (select, key) = match key {
        InquiryKey::Id(id) => (
            "SELECT inquiry, outcome, used_at FROM inquiry WHERE id = ?1",
            id.as_str(),
        ),
        InquiryKey::Card(card) => (
            "SELECT inquiry.inquiry, outcome, used_at FROM inquiry JOIN inquiry_card ON inquiry_card.inquiry = inquiry.id
             WHERE card = ?1",
            card.as_str(),
        ),
    };
    let mut select = connection.prepare_cached(select)?;
    let mut rows = select.query([key])?;
    rows.next()?.map(read).transpose()
}

/// One that cannot be read is left out and logged: it must not hold up the others.
fn pending(connection: &Connection) -> Result<Vec<Inquiry>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT inquiry, outcome, used_at FROM inquiry WHERE outcome IS NULL ORDER BY sequence, ordinal",
    )?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Err(failure) if failure.kind == StoreErrorKind::Malformed => {
                tracing::error!(%failure, "left out an approval or a question");
            }
            inquiry => found.push(inquiry?),
        }
    }
    Ok(found)
}

fn decide(
    connection: &Connection,
    id: &InquiryId,
    json: &str,
    messages: &[String],
    at: Timestamp,
) -> Result<bool, Failure> {
    let sequence: Option<i64> = connection
        .prepare_cached(
            "UPDATE inquiry SET outcome = ?2 WHERE id = ?1 AND outcome IS NULL RETURNING sequence",
        )?
        .query_row(params![id.as_str(), json], |row| row.get(0))
        .optional()?;
    let Some(sequence) = sequence else {
        return Ok(false);
    };
    outbox::insert(connection, Sequence(sequence), messages, at)?;
    Ok(true)
}

fn use_up(connection: &Connection, id: &InquiryId, at: Timestamp) -> Result<bool, Failure> {
    let outcome: Option<String> = connection
        .prepare_cached(
            "SELECT outcome FROM inquiry WHERE id = ?1 AND used_at IS NULL AND outcome IS NOT NULL",
        )?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    let state = outcome.as_deref().map(payload::from_json).transpose()?;
    let is_approved = matches!(
        state,
        Some(State::Answered {
            answer: Answer::Approved,
            ..
        })
    );
    if is_approved {
        connection
            .prepare_cached("UPDATE inquiry SET used_at = ?2 WHERE id = ?1")?
            .execute(params![id.as_str(), at.0])?;
    }
    Ok(is_approved)
}

/// Reads the columns `inquiry, outcome, used_at`.
fn read(row: &Row<'_>) -> Result<Inquiry, Failure> {
    let json = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    let mut inquiry: Inquiry = payload::from_json(json)?;
    if let Some(outcome) = row.get::<_, Option<String>>(1)? {
        inquiry.state = payload::from_json(&outcome)?;
    }
    inquiry.used_at = row.get::<_, Option<i64>>(2)?.map(Timestamp);
    Ok(inquiry)
}
