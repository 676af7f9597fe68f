//! Taking messages back (protocol reference §4.11, O13).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::clock::millis;
use crate::id::{ConversationId, MessageId, ProcessQueryKey, RobotCode};
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::failure::ApiFailure;
use crate::platform::robot::{json_body, text};
use crate::platform::state::Event;
use crate::world::App;

/// Keys of one request.
const KEYS: usize = 20;

/// What was sent under a key.
#[derive(Debug)]
pub(crate) struct Receipt {
    robot: RobotCode,
    /// The group, or none for private messages.
    group: Option<ConversationId>,
    sent_ms: i64,
    messages: Vec<MessageId>,
    recalled: bool,
}

impl Platform {
    /// Remembers what a key stands for.
    pub(crate) fn keep_receipt(
        &mut self,
        key: ProcessQueryKey,
        app: &App,
        group: Option<ConversationId>,
        messages: Vec<MessageId>,
    ) {
        let receipt = Receipt {
            robot: app.robot_code.clone(),
            group,
            sent_ms: self.now_ms,
            messages,
            recalled: false,
        };
        self.receipts.insert(key, receipt);
    }

    pub(crate) fn recall_direct(
        &mut self,
        call: &Call,
        app: &Arc<App>,
    ) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        self.recall(&body, app, None)
    }

    pub(crate) fn recall_in_group(
        &mut self,
        call: &Call,
        app: &Arc<App>,
    ) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        let group = text(&body, "openConversationId").ok_or_else(|| {
            ApiFailure::bad("miss.openConversationId", "缺少参数openConversationId")
        })?;
        if self.directory.group(group).is_none() {
            return Err(ApiFailure::bad(
                "invalid.openConversationId",
                "无效的openConversationId",
            ));
        }
        self.recall(&body, app, Some(ConversationId::from(group)))
    }

    fn recall(
        &mut self,
        body: &Value,
        app: &App,
        group: Option<ConversationId>,
    ) -> Result<Answer, ApiFailure> {
        let robot = text(body, "robotCode")
            .ok_or_else(|| ApiFailure::bad("invalidParameter.robotCode", "robotCode不合法"))?;
        if app.robot_code != *robot {
            return Err(not_allowed());
        }
        let keys = keys(body)?;
        for key in &keys {
            self.check_receipt(key, app, group.as_ref())?;
        }
        let mut done = Vec::new();
        let mut failed = Map::new();
        for key in keys {
            if self.take_back(&key) {
                done.push(key);
            } else {
                failed.insert(key, "消息已被撤回".into());
            }
        }
        Ok(json!({"successResult": done, "failedResult": failed}).into())
    }

    fn check_receipt(
        &self,
        key: &str,
        app: &App,
        group: Option<&ConversationId>,
    ) -> Result<(), ApiFailure> {
        let receipt = self
            .receipts
            .get(key)
            .filter(|receipt| receipt.group.as_ref() == group)
            .ok_or_else(|| ApiFailure::bad("invalid.processQueryKey", "无效的processQueryKey"))?;
        if receipt.robot != app.robot_code {
            return Err(not_allowed());
        }
        if self.now_ms - receipt.sent_ms > millis(self.settings.recall_window) {
            return Err(ApiFailure::bad(
                "robot.processQueryKey.expired",
                "processQueryKey已过期",
            ));
        }
        Ok(())
    }

    /// False when it was taken back already.
    fn take_back(&mut self, key: &str) -> bool {
        let Some(receipt) = self.receipts.get_mut(key) else {
            return false;
        };
        if std::mem::replace(&mut receipt.recalled, true) {
            return false;
        }
        for message in &receipt.messages {
            if let Some(shown) = self.screen.recall(message)
                && self.watched
            {
                self.events.push(Event::Shown { shown });
            }
        }
        true
    }
}

fn keys(body: &Value) -> Result<Vec<String>, ApiFailure> {
    let keys: Vec<String> = body["processQueryKeys"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|key| key.as_str().map(str::to_owned))
        .collect();
    if keys.is_empty() {
        return Err(ApiFailure::bad(
            "invalidParameter.processQueryKey.missing",
            "processQueryKeys不能为空",
        ));
    }
    if keys.len() > KEYS {
        return Err(ApiFailure::bad(
            "invalidParameter.processQueryKeys.overMax",
            format!("processQueryKeys数量超过{KEYS}"),
        ));
    }
    Ok(keys)
}

fn not_allowed() -> ApiFailure {
    ApiFailure::bad("not.allowed.robotCode", "该机器人无权操作此消息")
}
