//! How values are written into columns: messages as JSON, choices as words. Rows outlive versions of the program, so
//! what is written here is read by every later one; the tests hold the shapes.

use chela_engine::ports::{Continuity, Rating, StoreErrorKind, TranscriptRole};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;

pub(super) fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::new(StoreErrorKind::Malformed, error.to_string()))
}

/// Reads a message back. What serde says is left out of the error: it quotes what people wrote.
pub(super) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| {
        let (class, column) = (error.classify(), error.column());
        Failure::new(
            StoreErrorKind::Malformed,
            format!("a stored message cannot be read: {class:?} error at byte {column}"),
        )
    })
}

/// The word for how a session stood to the one before when it was opened. None is opened as a continuation.
pub(super) fn opening_word(continuity: Continuity) -> &'static str {
    match continuity {
        Continuity::Expired => "expired",
        Continuity::Fresh | Continuity::Continued => "fresh",
    }
}

pub(super) fn opening(word: &str) -> Result<Continuity, Failure> {
    match word {
        "fresh" => Ok(Continuity::Fresh),
        "expired" => Ok(Continuity::Expired),
        _ => Err(unknown("opening of a session")),
    }
}

pub(super) fn role_word(role: TranscriptRole) -> &'static str {
    match role {
        TranscriptRole::User => "user",
        TranscriptRole::Assistant => "assistant",
    }
}

pub(super) fn role(word: &str) -> Result<TranscriptRole, Failure> {
    match word {
        "user" => Ok(TranscriptRole::User),
        "assistant" => Ok(TranscriptRole::Assistant),
        _ => Err(unknown("role in a transcript")),
    }
}

pub(super) fn rating_word(rating: Rating) -> &'static str {
    match rating {
        Rating::Good => "good",
        Rating::Bad => "bad",
    }
}

pub(super) fn rating(word: &str) -> Result<Rating, Failure> {
    match word {
        "good" => Ok(Rating::Good),
        "bad" => Ok(Rating::Bad),
        _ => Err(unknown("rating")),
    }
}

pub(super) fn unknown(what: &str) -> Failure {
    Failure::new(StoreErrorKind::Malformed, format!("unknown {what}"))
}
