//! The buttons of cards.

use tokio::sync::oneshot;

use crate::id::{CardId, InquiryId, PersonId};
use crate::inquiry::{Answer, InquiryCard, Refusal};

/// Somebody has pressed the one that stops.
pub(crate) struct Press {
    pub(crate) card: CardId,
    pub(crate) person: PersonId,
    pub(crate) answer: oneshot::Sender<Pressed>,
}

/// What pressing it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// The turn is being stopped; the card will say so.
    Stopping,
    /// Only who asked may stop the answer.
    NotYours,
    /// Nothing is being written on the card.
    Over,
}

/// Somebody has pressed something on a card that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryPress {
    /// The card.
    pub card: CardId,
    /// What the press itself says that it is about.
    pub named: InquiryId,
    /// Who, as the platform says.
    pub person: PersonId,
    /// The answer; `None`: there will be none.
    pub answer: Option<Answer>,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Why it does not count, if it does not.
    pub refused: Option<Refusal>,
    /// What the person is told.
    pub words: String,
    /// How the card stands now; nothing for whoever has no business with it.
    pub card: Option<InquiryCard>,
}
