//! `POST /v1.0/robot/oToMessages/batchSend`: to people, each alone (protocol reference §4.3).

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;

use super::{Content, answer};
use crate::client::{Caller, Request};
use crate::error::{Error, ErrorKind};
use crate::id::{ProcessQueryKey, RobotCode, UserId};

/// A message to people, each alone. Needs the permission `qyapi_robot_sendmsg`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct SendToPeople {
    /// Who speaks.
    pub robot: RobotCode,
    /// To whom: 1 to 20.
    pub people: Vec<UserId>,
    /// What.
    pub content: Content,
}

/// The answer. Who is not named in a list has the message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentToPeople {
    /// The key for recall and read status.
    pub process_query_key: ProcessQueryKey,
    /// People who do not exist or lie outside the app's visible range.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub invalid_staff_id_list: Vec<UserId>,
    /// People who have had too many messages for now.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub flow_controlled_staff_id_list: Vec<UserId>,
    /// People who were left out for other reasons.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub filtered_staff_id_list: Vec<UserId>,
}

fn null_is_empty<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<UserId>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The table of parameters says 20, an error text 100; 20 is safe.
const MOST_PEOPLE: usize = 20;

impl Request for SendToPeople {
    type Response = SentToPeople;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<SentToPeople, Error>> {
        Box::pin(async move {
            if self.people.is_empty() || self.people.len() > MOST_PEOPLE {
                let message = format!(
                    "{} receivers; 1 to {MOST_PEOPLE} are allowed",
                    self.people.len()
                );
                return Err(Error::invalid("invalidParameter.userIds", message));
            }
            let (key, parameters) = self.content.parameters()?;
            let body = json!({
                "robotCode": self.robot, "userIds": self.people, "msgKey": key, "msgParam": parameters,
            });
            let value = caller
                .authorized("v1.0/robot/oToMessages/batchSend", body)
                .await?;
            answer::read(value)
        })
    }
}

impl SentToPeople {
    /// Whether one person has the message; the platform answers HTTP 200 in any case.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for somebody outside the visible range, [`ErrorKind::RateLimited`] under flow control,
    /// [`ErrorKind::Permission`] for somebody who was left out.
    pub fn reached(&self, person: &UserId) -> Result<&ProcessQueryKey, Error> {
        let lists = [
            (
                &self.invalid_staff_id_list,
                ErrorKind::NotFound,
                "invalidStaffIdList",
                "the person does not exist or lies outside the app's visible range",
            ),
            (
                &self.flow_controlled_staff_id_list,
                ErrorKind::RateLimited {
                    after: Duration::from_secs(60),
                },
                "flowControlledStaffIdList",
                "the person has had too many messages for now",
            ),
            (
                &self.filtered_staff_id_list,
                ErrorKind::Permission { scopes: Vec::new() },
                "filteredStaffIdList",
                "the platform left the person out",
            ),
        ];
        match lists
            .into_iter()
            .find(|(people, ..)| people.contains(person))
        {
            None => Ok(&self.process_query_key),
            Some((_, kind, code, message)) => Err(Error {
                kind,
                code: code.to_owned(),
                message: message.to_owned(),
                request_id: None,
                status: Some(200),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_200_does_not_mean_delivered() {
        let sent: SentToPeople = serde_json::from_value(json!({
            "processQueryKey": "k", "invalidStaffIdList": ["gone"], "flowControlledStaffIdList": ["busy"], "filteredStaffIdList": null,
        }))
        .expect("it is an answer");
        assert!(sent.reached(&UserId::new("lin")).is_ok());
        assert_eq!(
            sent.reached(&UserId::new("gone"))
                .expect_err("not reached")
                .kind,
            ErrorKind::NotFound
        );
        assert!(
            sent.reached(&UserId::new("busy"))
                .expect_err("not reached")
                .is_retryable()
        );
    }
}
