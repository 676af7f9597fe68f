//! What a card wants to have sent.

use futures_util::future::BoxFuture;

use crate::api::{StreamCard, UpdateCard};
use crate::client::{Caller, Request};
use crate::error::Error;

/// A call that a [`super::Card`] wants to be made. A request like any other: [`crate::Client::send`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a request does nothing until a client sends it"]
pub enum Call {
    /// Opens the card. A card in a group ignores changes of variables before that.
    Kick(StreamCard),
    /// Shows the text so far.
    Frame(StreamCard),
    /// Changes variables.
    Update(UpdateCard),
    /// Shows all of the text, and that it is all.
    End(StreamCard),
}

impl Request for Call {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        match self {
            Self::Kick(call) | Self::Frame(call) | Self::End(call) => call.send(caller),
            Self::Update(call) => call.send(caller),
        }
    }
}
