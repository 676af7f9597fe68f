//! Takes messages back: `POST /v1.0/robot/otoMessages/batchRecall` and `…/groupMessages/recall` (protocol reference
//! §4.11).

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::id::{ConversationId, ProcessQueryKey, RobotCode};

/// Takes back what was sent to people, each alone, within the last 24 hours. People see nothing of it. Needs the
/// permission `qyapi_robot_sendmsg`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct RecallFromPeople {
    /// Who spoke.
    pub robot: RobotCode,
    /// Which messages: 1 to 20. A card is named by its [`super::CreatedCard::carrier`].
    pub messages: Vec<ProcessQueryKey>,
}

/// Takes back what was sent to a group within the last 24 hours. Needs the permission `qyapi_robot_sendmsg`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct RecallFromGroup {
    /// Who spoke.
    pub robot: RobotCode,
    /// Where.
    pub group: ConversationId,
    /// Which messages: 1 to 20. A card is named by its [`super::CreatedCard::carrier`].
    pub messages: Vec<ProcessQueryKey>,
}

/// What became of each message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recalled {
    /// Those that nobody sees any more.
    pub recalled: Vec<ProcessQueryKey>,
    /// Those that are still there, and the platform's reason. A message that was taken back before is one of them.
    pub failed: Vec<(ProcessQueryKey, String)>,
}

const MOST_MESSAGES: usize = 20;

impl Request for RecallFromPeople {
    type Response = Recalled;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<Recalled, Error>> {
        Box::pin(async move {
            check(&self.messages)?;
            let body = json!({"robotCode": self.robot, "processQueryKeys": self.messages});
            // `oto` in small letters here, and `oTo` where messages are sent.
            let path = "v1.0/robot/otoMessages/batchRecall";
            caller
                .authorized(path, body)
                .await
                .map(|value| read(&value))
        })
    }
}

impl Request for RecallFromGroup {
    type Response = Recalled;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<Recalled, Error>> {
        Box::pin(async move {
            check(&self.messages)?;
            let body = json!({
                "robotCode": self.robot, "openConversationId": self.group, "processQueryKeys": self.messages,
            });
            let path = "v1.0/robot/groupMessages/recall";
            caller
                .authorized(path, body)
                .await
                .map(|value| read(&value))
        })
    }
}

fn check(messages: &[ProcessQueryKey]) -> Result<(), Error> {
    if (1..=MOST_MESSAGES).contains(&messages.len()) {
        return Ok(());
    }
    let message = format!(
        "{} messages; 1 to {MOST_MESSAGES} are allowed",
        messages.len()
    );
    Err(Error::invalid(
        "invalidParameter.processQueryKeys.overMax",
        message,
    ))
}

fn read(value: &Value) -> Recalled {
    let recalled = value["successResult"].as_array().into_iter().flatten();
    let failed = value["failedResult"].as_object().into_iter().flatten();
    Recalled {
        recalled: recalled
            .filter_map(answer::optional)
            .map(ProcessQueryKey::new)
            .collect(),
        failed: failed
            .map(|(key, reason)| {
                let reason = answer::optional(reason).unwrap_or_default();
                (ProcessQueryKey::new(key), reason)
            })
            .collect(),
    }
}
