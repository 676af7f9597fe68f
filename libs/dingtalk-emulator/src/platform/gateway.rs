//! `POST /v1.0/gateway/connections/open` and the tickets it gives out (protocol reference §2.1, S1–S4).

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use crate::clock::millis;
use crate::id::ClientId;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::failure::ApiFailure;

/// Topic of bot messages.
pub(crate) const BOT_TOPIC: &str = "/v1.0/im/bot/messages/get";
/// Topic of card callbacks.
pub(crate) const CARD_TOPIC: &str = "/v1.0/card/instances/callback";

/// What a connection asked to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) kind: String,
    pub(crate) topic: String,
}

impl Subscription {
    pub(crate) fn covers(&self, kind: &str, topic: &str) -> bool {
        self.kind == kind && (kind == "EVENT" || self.topic == topic)
    }
}

/// What a WebSocket may do, once.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) app: ClientId,
    pub(crate) subscriptions: Vec<Subscription>,
    expires_ms: i64,
}

/// Tickets that were not used yet, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    open: HashMap<String, Admission>,
    by_age: VecDeque<(i64, String)>,
}

impl Tickets {
    fn add(&mut self, ticket: String, admission: Admission) {
        self.by_age
            .push_back((admission.expires_ms, ticket.clone()));
        self.open.insert(ticket, admission);
    }

    fn drop_expired(&mut self, now_ms: i64) {
        while let Some((_, ticket)) = self
            .by_age
            .pop_front_if(|(expires_ms, _)| *expires_ms <= now_ms)
        {
            self.open.remove(&ticket);
        }
    }
}

impl Platform {
    pub(crate) fn open_connection(&mut self, call: &Call) -> Result<Answer, ApiFailure> {
        if !call.is_json() || call.body.is_empty() {
            return Err(ApiFailure::missing_body());
        }
        let body = call.object().ok_or_else(|| invalid("body invalid"))?;
        let app = self
            .app_with(&body["clientId"], &body["clientSecret"])
            .ok_or_else(|| ApiFailure::new(401, "authFailed", "鉴权失败"))?;
        self.admit(&app, &call.path)?;
        if app.refuses_address {
            return Err(ApiFailure::address_not_listed());
        }
        if !app.is_published {
            // The words are a guess; the status is what clients report (protocol reference §2.1).
            return Err(invalid("app is not published or has no bot in stream mode"));
        }
        for name in ["ua", "localIp"] {
            if !matches!(body[name], Value::Null | Value::String(_)) {
                return Err(invalid(format!("{name} invalid")));
            }
        }
        let subscriptions = subscriptions(&body["subscriptions"])?;

        let now_ms = self.now_ms;
        self.tickets.drop_expired(now_ms);
        let ticket = self.chance.uuid();
        let expires_ms = now_ms + millis(self.settings.ticket_lifetime);
        self.tickets.add(
            ticket.clone(),
            Admission {
                app: app.client_id.clone(),
                subscriptions,
                expires_ms,
            },
        );
        let endpoint = self.socket_url();
        Ok(if call.accepts_json() {
            json!({"endpoint": endpoint, "ticket": ticket}).into()
        } else {
            Answer::Xml(format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OpenConnectionResponse><endpoint>{endpoint}</endpoint><ticket>{ticket}</ticket></OpenConnectionResponse>"
            ))
        })
    }

    /// Uses a ticket up; `None` when it is unknown, too old or was used before (S3).
    pub(crate) fn redeem(&mut self, ticket: &str) -> Option<Admission> {
        let admission = self.tickets.open.remove(ticket)?;
        (admission.expires_ms > self.now_ms).then_some(admission)
    }
}

fn subscriptions(value: &Value) -> Result<Vec<Subscription>, ApiFailure> {
    let list = value
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or_else(|| invalid("subscriptions invalid"))?;
    list.iter().map(subscription).collect()
}

fn subscription(value: &Value) -> Result<Subscription, ApiFailure> {
    let (Some(kind), Some(topic)) = (value["type"].as_str(), value["topic"].as_str()) else {
        return Err(invalid("subscriptions invalid"));
    };
    let known = match kind {
        "EVENT" => topic == "*",
        "CALLBACK" | "SYSTEM" => !topic.is_empty(),
        _ => false,
    };
    if !known {
        return Err(invalid("subscriptions invalid"));
    }
    Ok(Subscription {
        kind: kind.to_owned(),
        topic: topic.to_owned(),
    })
}

fn invalid(message: impl Into<String>) -> ApiFailure {
    ApiFailure::bad("invalidParameter", message)
}
