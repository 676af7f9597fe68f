//! Who has asked to be let in, and who was.

use chela_engine::id::{AccountId, ChannelId, MessageId, PersonId, Sequence};
use chela_engine::message::OutboundMessage;
use chela_engine::ports::{
    Addressee, Decision, Guest, Knocked, Pairing, PairingCode, PairingRequest, Ruling, StoreError,
};
use chela_engine::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::store::SqliteStore;
use super::{outbox, payload};

type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

/// Of a request that was not refused.
const COLUMNS: &str = "channel, account, person, name, message_id, code, asked_at, expires_at";

impl Pairing for SqliteStore {
    fn guests(&self) -> Reply<Vec<Guest>> {
        self.reader().call(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT channel, account, person, name, granted_at, granted_by FROM pairing_guest
                 ORDER BY channel, account, person",
            )?;
            let rows = select.query_map([], |row| {
                Ok(Guest {
                    whom: whom(row)?,
                    name: row.get(3)?,
                    granted_at: Timestamp(row.get(4)?),
                    granted_by: row.get::<_, Option<String>>(5)?.map(PersonId::new),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn requests(&self, at: Timestamp) -> Reply<Vec<PairingRequest>> {
        self.reader().call(move |connection| {
            let mut select = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM pairing_request WHERE code IS NOT NULL AND expires_at > ?1
                 ORDER BY asked_at, channel, account, person"
            ))?;
            let rows = select.query_map([at.0], request)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn knock(&self, request: PairingRequest, most: usize) -> Reply<Knocked> {
        self.writer()
            .call(move |connection| knock(connection, &request, most))
    }

    fn rule(&self, which: PairingCode, ruling: Ruling, at: Timestamp) -> Reply<Decision> {
        self.writer()
            .call(move |connection| decide(connection, &which, &ruling, at))
    }

    fn revoke(
        &self,
        channel: Option<ChannelId>,
        account: Option<AccountId>,
        person: PersonId,
    ) -> Reply<Vec<Addressee>> {
        self.writer().call(move |connection| {
            let mut delete = connection.prepare_cached(
                "DELETE FROM pairing_guest
                 WHERE person = ?1 AND (?2 IS NULL OR channel = ?2) AND (?3 IS NULL OR account = ?3)
                 RETURNING channel, account, person",
            )?;
            let channel = channel.as_ref().map(ChannelId::as_str);
            let account = account.as_ref().map(AccountId::as_str);
            let rows = delete.query_map(params![person.as_str(), channel, account], whom)?;
            let mut gone = rows.collect::<Result<Vec<_>, _>>()?;
            gone.sort();
            Ok(gone)
        })
    }

    fn answer_later(
        &self,
        sequence: Sequence,
        replies: Vec<OutboundMessage>,
        at: Timestamp,
    ) -> Reply<()> {
        let replies: Result<Vec<String>, Failure> = replies.iter().map(payload::to_json).collect();
        match replies {
            Ok(replies) => self
                .writer()
                .call(move |connection| outbox::answer_later(connection, sequence, &replies, at)),
            Err(failure) => future::ready(Err(failure.into())).boxed(),
        }
    }
}

fn whom(row: &Row<'_>) -> Result<Addressee, rusqlite::Error> {
    Ok(Addressee {
        channel: ChannelId::new(row.get::<_, String>(0)?),
        account: AccountId::new(row.get::<_, String>(1)?),
        person: PersonId::new(row.get::<_, String>(2)?),
    })
}

fn request(row: &Row<'_>) -> Result<PairingRequest, rusqlite::Error> {
    Ok(PairingRequest {
        whom: whom(row)?,
        name: row.get(3)?,
        message: MessageId::new(row.get::<_, String>(4)?),
        code: row.get(5)?,
        asked_at: Timestamp(row.get(6)?),
        expires_at: Timestamp(row.get(7)?),
    })
}

fn knock(connection: &Connection, asked: &PairingRequest, most: usize) -> Result<Knocked, Failure> {
    let whom = &asked.whom;
    let (channel, account) = (whom.channel.as_str(), whom.account.as_str());
    let (person, now) = (whom.person.as_str(), asked.asked_at.0);
    let is_guest: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM pairing_guest WHERE channel = ?1 AND account = ?2 AND person = ?3)",
        )?
        .query_row([channel, account, person], |row| row.get(0))?;
    if is_guest {
        return Ok(Knocked::Quiet);
    }
    let before = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, code IS NULL FROM pairing_request
             WHERE channel = ?1 AND account = ?2 AND person = ?3 AND expires_at > ?4"
        ))?
        .query_row(params![channel, account, person, now], |row| {
            Ok(if row.get(8)? {
                Knocked::Quiet
            } else {
                Knocked::Waiting(request(row)?)
            })
        })
        .optional()?;
    if let Some(before) = before {
        return Ok(before);
    }
    let waiting: i64 = connection
        .prepare_cached(
            "SELECT COUNT(*) FROM pairing_request
             WHERE channel = ?1 AND account = ?2 AND code IS NOT NULL AND expires_at > ?3",
        )?
        .query_row(params![channel, account, now], |row| row.get(0))?;
    if usize::try_from(waiting).unwrap_or(usize::MAX) >= most {
        return Ok(Knocked::Full);
    }
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO pairing_request ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        ))?
        .execute(params![
            channel,
            account,
            person,
            asked.name,
            asked.message.as_str(),
            asked.code,
            now,
            asked.expires_at.0
        ])?;
    Ok(Knocked::Waiting(asked.clone()))
}

fn decide(
    connection: &Connection,
    which: &PairingCode,
    ruling: &Ruling,
    at: Timestamp,
) -> Result<Decision, Failure> {
    let channel = which.channel.as_ref().map(ChannelId::as_str);
    let account = which.account.as_ref().map(AccountId::as_str);
    let found = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM pairing_request
             WHERE code = ?1 AND (?2 IS NULL OR channel = ?2) AND (?3 IS NULL OR account = ?3)
             ORDER BY expires_at DESC LIMIT 1"
        ))?
        .query_row(params![which.code, channel, account], request)
        .optional()?;
    let Some(request) = found else {
        return Ok(Decision::Unknown);
    };
    if request.expires_at <= at {
        return Ok(Decision::Expired);
    }
    let whom = &request.whom;
    let key = [
        whom.channel.as_str(),
        whom.account.as_str(),
        whom.person.as_str(),
    ];
    match ruling {
        Ruling::Grant { by } => {
            let [channel, account, person] = key;
            let by = by.as_ref().map(PersonId::as_str);
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO pairing_guest (channel, account, person, name, granted_at, granted_by)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![channel, account, person, request.name, at.0, by])?;
            connection
                .prepare_cached(
                    "DELETE FROM pairing_request WHERE channel = ?1 AND account = ?2 AND person = ?3",
                )?
                .execute(key)?;
        }
        Ruling::Refuse => {
            let [channel, account, person] = key;
            let until = at.after(PairingRequest::REFUSED);
            connection
                .prepare_cached(
                    "UPDATE pairing_request SET code = NULL, expires_at = ?4
                     WHERE channel = ?1 AND account = ?2 AND person = ?3",
                )?
                .execute(params![channel, account, person, until.0])?;
        }
    }
    Ok(Decision::Done(request))
}

/// Forgets requests that expired before `before`.
pub(super) fn prune(connection: &Connection, before: Timestamp) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM pairing_request WHERE expires_at < ?1")?
        .execute([before.0])?;
    Ok(())
}
