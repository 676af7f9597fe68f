//! What people think of answers.

use chela_engine::id::{CardId, PersonId, Sequence};
use chela_engine::ports::Rating;
use chela_engine::time::Timestamp;
use rusqlite::{Connection, params};

use super::failure::Failure;
use super::payload;

/// Writes a rating down; the last of a person counts. A card that is not known any more changes nothing.
pub(super) fn rate(
    connection: &Connection,
    card: &CardId,
    person: &PersonId,
    rating: Rating,
    at: Timestamp,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT INTO rating (sequence, person, rating, rated_at)
             SELECT sequence, ?2, ?3, ?4 FROM inbox WHERE card = ?1
             ON CONFLICT (sequence, person) DO UPDATE SET rating = excluded.rating, rated_at = excluded.rated_at",
        )?
        .execute(params![
            card.as_str(),
            person.as_str(),
            payload::rating_word(rating),
            at.0
        ])?;
    Ok(())
}

/// The ratings of the answer to one message.
pub(super) fn of(
    connection: &Connection,
    sequence: Sequence,
) -> Result<Vec<(PersonId, Rating)>, Failure> {
    let mut select = connection
        .prepare_cached("SELECT person, rating FROM rating WHERE sequence = ?1 ORDER BY person")?;
    let mut rows = select.query([sequence.0])?;
    let mut ratings = Vec::new();
    while let Some(row) = rows.next()? {
        let word = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        ratings.push((
            PersonId::new(row.get::<_, String>(0)?),
            payload::rating(word)?,
        ));
    }
    Ok(ratings)
}
