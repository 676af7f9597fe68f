//! An inquiry as a channel shows it.

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::id::{CardId, InquiryId};

/// An inquiry on its way to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryCard {
    /// What people type.
    pub id: InquiryId,
    /// The card that it is shown on, if it is.
    pub card: Option<CardId>,
    /// What is asked.
    pub subject: Subject,
    /// How it stands.
    pub standing: Standing,
}

/// How an inquiry stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// It can be answered.
    Open,
    /// It cannot any more: the card says so, and stays as it is.
    Closed {
        /// How it ended, as [`super::State::name`] says.
        state: String,
        /// Who decided what and when, for people.
        words: String,
    },
}
