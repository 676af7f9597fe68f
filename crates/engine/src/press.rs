//! The stop button of a card.

use tokio::sync::oneshot;

use crate::id::{CardId, PersonId};

/// Somebody has pressed it.
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
