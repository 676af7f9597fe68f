//! `POST /v1.0/robot/oToMessages/batchSend`: a robot writes to people, each on their own (protocol reference §4.3).

use std::time::Duration;

use http::Method;
use serde_json::{Map, Value, json};

use super::content::RobotContent;
use super::request::{Authorization, Endpoint, Host, Request};
use crate::error::{Error, ErrorKind};
use crate::id::{ProcessQueryKey, RobotCode, UserId};
use crate::settings::Credentials;

/// People per call. One page of the platform says 20, another 100; 20 is surely allowed.
const PEOPLE_LIMIT: usize = 20;
/// The platform does not say for how long it withholds messages from somebody who gets too many.
const FLOW_CONTROL: Duration = Duration::from_secs(60);

/// Sends one message to up to 20 people. They must be in the visible range of the application.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct SendToPeople {
    /// The robot.
    pub robot_code: RobotCode,
    /// The people.
    pub user_ids: Vec<UserId>,
    /// The message; at most 15,000 bytes as `msgParam`.
    pub content: RobotContent,
}

/// The platform took the message for at least one of the people.
#[derive(Clone, Debug)]
pub struct SentToPeople {
    /// Key of the message.
    pub process_query_key: ProcessQueryKey,
    /// Those who do not get it. When it is all of them, the call fails instead.
    pub not_delivered: Vec<NotDelivered>,
}

/// Somebody who does not get the message, although the call succeeded.
#[derive(Clone, Debug)]
pub struct NotDelivered {
    /// Who.
    pub user_id: UserId,
    /// Why: [`ErrorKind::NotFound`] (no such person, or not in the visible range), [`ErrorKind::RateLimited`] (too many
    /// messages) or [`ErrorKind::Permission`] (filtered).
    pub error: Error,
}

impl Request for SendToPeople {
    type Response = SentToPeople;

    const ENDPOINT: Endpoint = Endpoint {
        method: Method::POST,
        host: Host::Api,
        path: "/v1.0/robot/oToMessages/batchSend",
        authorization: Authorization::Token,
    };

    fn body(&self, _credentials: &Credentials) -> Result<Value, Error> {
        if self.user_ids.is_empty() || self.user_ids.len() > PEOPLE_LIMIT {
            let message = format!(
                "{} people instead of 1 to {PEOPLE_LIMIT}",
                self.user_ids.len()
            );
            return Err(Error::invalid(Self::ENDPOINT.path, message));
        }
        let mut body = Map::new();
        body.insert("robotCode".to_owned(), self.robot_code.as_str().into());
        body.insert("userIds".to_owned(), json!(self.user_ids));
        self.content.write(Self::ENDPOINT.path, &mut body)?;
        Ok(body.into())
    }

    fn read(&self, answer: Map<String, Value>) -> Result<SentToPeople, Error> {
        let not_delivered: Vec<NotDelivered> = refusals()
            .into_iter()
            .flat_map(|(list, error)| {
                listed(&answer, list).map(move |user_id| (user_id, error.clone()))
            })
            .map(|(user_id, error)| NotDelivered { user_id, error })
            .collect();
        let reached = |user_id: &UserId| {
            not_delivered
                .iter()
                .all(|refusal| refusal.user_id != *user_id)
        };
        if let Some(refusal) = not_delivered.first()
            && !self.user_ids.iter().any(reached)
        {
            return Err(refusal.error.clone());
        }
        match answer.get("processQueryKey").and_then(Value::as_str) {
            Some(key) => Ok(SentToPeople {
                process_query_key: key.into(),
                not_delivered,
            }),
            None => Err(Error::unreadable(
                Self::ENDPOINT.path,
                "the answer has no processQueryKey",
            )),
        }
    }
}

/// The lists of the answer that name people who do not get the message.
fn refusals() -> [(&'static str, Error); 3] {
    let refusal = |list, kind, message| {
        (
            list,
            Error::new(SendToPeople::ENDPOINT.path, kind, message).with_code(list),
        )
    };
    [
        refusal(
            "invalidStaffIdList",
            ErrorKind::NotFound,
            "no such person in the organisation, or not in the visible range of the application",
        ),
        refusal(
            "flowControlledStaffIdList",
            ErrorKind::RateLimited {
                after: FLOW_CONTROL,
            },
            "the person got too many messages",
        ),
        refusal(
            "filteredStaffIdList",
            ErrorKind::Permission { scopes: Vec::new() },
            "the platform filtered the message",
        ),
    ]
}

fn listed<'a>(
    answer: &'a Map<String, Value>,
    list: &str,
) -> impl Iterator<Item = UserId> + use<'a> {
    let people = answer.get(list).and_then(Value::as_array);
    people
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(UserId::from)
}
