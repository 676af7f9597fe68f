//! `POST /v1.0/robot/groupMessages/send`: a robot writes into a group (protocol reference §4.4).

use http::Method;
use serde_json::{Map, Value};

use super::content::RobotContent;
use super::request::{Authorization, Endpoint, Host, Request};
use crate::error::Error;
use crate::id::{ConversationId, ProcessQueryKey, RobotCode};
use crate::settings::Credentials;

/// Sends one message to a group that the robot is in. Nobody can be mentioned this way.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct SendToGroup {
    /// The robot.
    pub robot_code: RobotCode,
    /// The group.
    pub conversation_id: ConversationId,
    /// The message; at most 15,000 bytes as `msgParam`.
    pub content: RobotContent,
}

/// The platform took the message.
#[derive(Clone, Debug)]
pub struct SentToGroup {
    /// Key of the message.
    pub process_query_key: ProcessQueryKey,
}

impl Request for SendToGroup {
    type Response = SentToGroup;

    const ENDPOINT: Endpoint = Endpoint {
        method: Method::POST,
        host: Host::Api,
        path: "/v1.0/robot/groupMessages/send",
        authorization: Authorization::Token,
    };

    fn body(&self, _credentials: &Credentials) -> Result<Value, Error> {
        let mut body = Map::new();
        body.insert("robotCode".to_owned(), self.robot_code.as_str().into());
        body.insert(
            "openConversationId".to_owned(),
            self.conversation_id.as_str().into(),
        );
        self.content.write(Self::ENDPOINT.path, &mut body)?;
        Ok(body.into())
    }

    fn read(&self, answer: Map<String, Value>) -> Result<SentToGroup, Error> {
        match answer.get("processQueryKey").and_then(Value::as_str) {
            Some(key) => Ok(SentToGroup {
                process_query_key: key.into(),
            }),
            None => Err(Error::unreadable(
                Self::ENDPOINT.path,
                "the answer has no processQueryKey",
            )),
        }
    }
}
