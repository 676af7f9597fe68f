//! `POST /v1.0/gateway/connections/open`: admission to Stream mode (protocol reference §2.1).

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::Call;
use crate::secret::Ticket;

/// Asks for admission to Stream mode. Needs no token. Wrong credentials are [`crate::ErrorKind::Auth`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct OpenConnection {
    /// What is to be pushed. What is not listed is never pushed.
    pub subscriptions: Vec<Subscription>,
}

/// Something that can be pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// Messages to the robot.
    RobotMessages,
    /// Messages that the robot is to answer in the name of a person: [`crate::Message::hosting`]. Not pushed by default.
    DelegatedMessages,
    /// Clicks on cards.
    CardCallbacks,
    /// The events that are ticked in the developer console.
    Events,
}

/// Admission to one connection.
#[derive(Clone, Debug, Deserialize)]
pub struct Opened {
    endpoint: String,
    #[serde(deserialize_with = "ticket")]
    ticket: Ticket,
}

impl Opened {
    /// The address to connect to, with its ticket: good for 90 seconds and one connection. A secret.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Invalid`] when the platform answered with something else than an address.
    pub fn address(&self) -> Result<Url, Error> {
        let mut url = Url::parse(&self.endpoint).map_err(|_| {
            Error::invalid("endpoint", "the platform named no address to connect to")
        })?;
        url.query_pairs_mut()
            .append_pair("ticket", self.ticket.expose());
        Ok(url)
    }
}

fn ticket<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Ticket, D::Error> {
    String::deserialize(deserializer).map(Ticket::new)
}

impl Subscription {
    fn json(self) -> Value {
        let (kind, topic) = match self {
            Self::RobotMessages => ("CALLBACK", "/v1.0/im/bot/messages/get"),
            Self::DelegatedMessages => ("CALLBACK", "/v1.0/im/bot/messages/delegate"),
            Self::CardCallbacks => ("CALLBACK", "/v1.0/card/instances/callback"),
            Self::Events => ("EVENT", "*"),
        };
        json!({"type": kind, "topic": topic})
    }
}

impl Request for OpenConnection {
    type Response = Opened;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<Opened, Error>> {
        Box::pin(async move {
            let credentials = caller.credentials();
            let subscriptions: Vec<Value> =
                self.subscriptions.iter().map(|one| one.json()).collect();
            let body = json!({
                "clientId": credentials.client_id,
                "clientSecret": credentials.client_secret.expose(),
                "subscriptions": subscriptions,
                "ua": caller.http().settings.user_agent,
            });
            let call = Call::new("v1.0/gateway/connections/open", &body);
            answer::read(caller.http().call(call).await?)
        })
    }
}
