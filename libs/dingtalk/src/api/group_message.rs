//! `POST /v1.0/robot/groupMessages/send`: to a group, without mention (protocol reference §4.4).

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;

use super::{Content, answer};
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::id::{ConversationId, ProcessQueryKey, RobotCode};

/// A message to a group that the robot is a member of. Cannot mention anybody. Answers with the key for recall and read
/// status. Needs the permission `qyapi_robot_sendmsg`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct SendToGroup {
    /// Who speaks.
    pub robot: RobotCode,
    /// Where.
    pub group: ConversationId,
    /// What.
    pub content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    process_query_key: ProcessQueryKey,
}

impl Request for SendToGroup {
    type Response = ProcessQueryKey;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<ProcessQueryKey, Error>> {
        Box::pin(async move {
            let (key, parameters) = self.content.parameters()?;
            let body = json!({
                "robotCode": self.robot, "openConversationId": self.group, "msgKey": key, "msgParam": parameters,
            });
            let value = caller
                .authorized("v1.0/robot/groupMessages/send", body)
                .await?;
            Ok(answer::read::<Sent>(value)?.process_query_key)
        })
    }
}
