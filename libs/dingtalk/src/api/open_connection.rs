//! `POST /v1.0/gateway/connections/open`: the first step of Stream mode (protocol reference §2.1).

use http::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::request::{Authorization, Endpoint, Host, Request};
use crate::error::Error;
use crate::secret::Ticket;
use crate::settings::Credentials;

/// Asks where to open a WebSocket. [`StreamClient`](crate::stream::StreamClient) does it for you.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct OpenConnection {
    /// What shall be pushed. The platform pushes nothing else.
    pub subscriptions: Vec<Subscription>,
    /// Name and version of the program, such as `my-gateway/1.0.0`.
    pub user_agent: String,
}

/// Something to be pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subscription {
    /// Kind of push.
    #[serde(rename = "type")]
    pub kind: SubscriptionKind,
    /// The topic; for events only `*`.
    pub topic: String,
}

/// Kind of push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SubscriptionKind {
    /// Something happened; which events come is ticked in the developer console.
    Event,
    /// The platform calls the application.
    Callback,
}

/// Where to open the WebSocket.
#[derive(Clone, Debug)]
pub struct OpenedConnection {
    /// Address, without the ticket.
    pub endpoint: Url,
    /// Admits one WebSocket within 90 s.
    pub ticket: Ticket,
}

impl OpenedConnection {
    /// The address with the ticket, which makes it a secret.
    #[must_use]
    pub fn url(&self) -> Url {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("ticket", self.ticket.expose());
        url
    }
}

impl Request for OpenConnection {
    type Response = OpenedConnection;

    const ENDPOINT: Endpoint = Endpoint {
        method: Method::POST,
        host: Host::Api,
        path: "/v1.0/gateway/connections/open",
        authorization: Authorization::None,
    };

    fn body(&self, credentials: &Credentials) -> Result<Value, Error> {
        Ok(json!({
            "clientId": credentials.client_id,
            "clientSecret": credentials.client_secret.expose(),
            "subscriptions": self.subscriptions,
            "ua": self.user_agent,
        }))
    }

    fn read(&self, answer: Map<String, Value>) -> Result<OpenedConnection, Error> {
        let field = |name| answer.get(name).and_then(Value::as_str);
        let endpoint = field("endpoint").and_then(|endpoint| Url::parse(endpoint).ok());
        match (endpoint, field("ticket")) {
            (Some(endpoint), Some(ticket)) => Ok(OpenedConnection {
                endpoint,
                ticket: ticket.into(),
            }),
            _ => Err(Error::unreadable(
                Self::ENDPOINT.path,
                "the answer has no endpoint or no ticket",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticket_is_quoted() {
        let opened = OpenedConnection {
            endpoint: Url::parse("wss://wss-open-connection.dingtalk.com:443/connect")
                .expect("an address"),
            ticket: Ticket::from("a+b/c="),
        };
        assert_eq!(
            opened.url().as_str(),
            "wss://wss-open-connection.dingtalk.com/connect?ticket=a%2Bb%2Fc%3D"
        );
    }
}
