//! Sends of the Open API: `oToMessages/batchSend` and `groupMessages/send` (protocol reference §4.3, §4.4, O7–O12).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::id::{ConversationId, PersonId};
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::directory::{Place, direct_conversation};
use crate::platform::failure::ApiFailure;
use crate::platform::outbound::Reply;
use crate::screen::{Author, Via};
use crate::world::{App, Visibility};

/// Scope of both sends.
pub(crate) const SEND_SCOPE: &str = "qyapi_robot_sendmsg";

impl Platform {
    pub(crate) fn batch_send(&mut self, call: &Call, app: &Arc<App>) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        self.check_robot(&body, app, RobotUse::Direct)?;
        let people = receivers(&body, self.settings.receivers_per_batch)?;
        let content = self.message_content(&body)?;

        let (known, unknown): (Vec<PersonId>, Vec<PersonId>) =
            people.into_iter().partition(|person| {
                self.directory.person(person.as_str()).is_some() && app.is_visible_to(person)
            });
        if known.is_empty() {
            return Err(ApiFailure::bad("staffId.notExisted", "员工不存在"));
        }
        let receipt = self.chance.process_query_key();
        let mut flow_controlled = Vec::new();
        let mut messages = Vec::new();
        for person in known {
            if !self.charge_person(&app.client_id, &person) {
                flow_controlled.push(person);
                continue;
            }
            messages.push(self.deliver(Reply {
                author: Author::Bot(app.robot_code.clone()),
                conversation: direct_conversation(&app.client_id, &person),
                via: Via::BatchSend,
                content: content.clone(),
                mentions: Vec::new(),
                mentions_everybody: false,
                answers: None,
                receipt: Some(receipt.clone()),
            }));
        }
        self.keep_receipt(receipt.clone(), app, None, messages);
        Ok(json!({
            "processQueryKey": receipt,
            "invalidStaffIdList": unknown,
            "flowControlledStaffIdList": flow_controlled,
            "filteredStaffIdList": [],
        })
        .into())
    }

    pub(crate) fn group_send(&mut self, call: &Call, app: &Arc<App>) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        let conversation = text(&body, "openConversationId").ok_or_else(|| {
            ApiFailure::bad("miss.openConversationId", "缺少参数openConversationId")
        })?;
        self.check_robot(&body, app, RobotUse::Group)?;
        let content = self.message_content(&body)?;
        let conversation = ConversationId::from(conversation);
        self.check_group_send(&conversation, app)?;

        let receipt = self.chance.process_query_key();
        let message = self.deliver(Reply {
            author: Author::Bot(app.robot_code.clone()),
            conversation: conversation.clone(),
            via: Via::GroupSend,
            content,
            mentions: Vec::new(),
            mentions_everybody: false,
            answers: None,
            receipt: Some(receipt.clone()),
        });
        self.keep_receipt(receipt.clone(), app, Some(conversation), vec![message]);
        Ok(json!({"processQueryKey": receipt}).into())
    }

    /// `POST /v1.0/robot/groups/robots/query` (protocol reference §7.3).
    pub(crate) fn list_group_robots(&self, call: &Call) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        let group = text(&body, "openConversationId")
            .and_then(|id| self.directory.group(id))
            .ok_or_else(|| {
                ApiFailure::bad("invalid.openConversationId", "无效的openConversationId")
            })?;
        let robots: Vec<Value> = group
            .bots
            .iter()
            .map(|code| json!({"robotCode": code, "openRobotType": 1}))
            .collect();
        Ok(json!({"chatbotInstanceVOList": robots}).into())
    }

    /// `GET /v1.0/microApp/apps/{agentId}/scopes`.
    pub(crate) fn app_range(app: &App, agent_id: &str) -> Result<Answer, ApiFailure> {
        if app.agent_id != agent_id {
            return Err(ApiFailure::bad("invalidParameter.agentId", "无效的agentId"));
        }
        let (users, departments): (Vec<&PersonId>, Vec<i64>) = match &app.visible_to {
            Visibility::Everybody => (Vec::new(), vec![1]),
            Visibility::Only(people) => (people.iter().collect(), Vec::new()),
        };
        Ok(json!({"result": {
            "userIds": users, "deptIds": departments, "roleIds": [], "onlyAdminVisible": false,
        }})
        .into())
    }

    /// The bot must belong to the application whose token is used (H13).
    pub(crate) fn check_robot(
        &self,
        body: &Value,
        app: &App,
        purpose: RobotUse,
    ) -> Result<(), ApiFailure> {
        let code = text(body, "robotCode").ok_or_else(|| {
            ApiFailure::bad("invalidParameter.robotCode.empty", "robotCode不能为空")
        })?;
        match self.directory.app_of_robot(code) {
            Some(owner) if owner.client_id == app.client_id => Ok(()),
            Some(_) => Err(foreign_robot()),
            None => Err(match purpose {
                RobotUse::Direct => {
                    ApiFailure::bad("invalidParameter.robotCode.notExsit", "robotCode不存在")
                }
                RobotUse::Group => robot_not_found(),
            }),
        }
    }

    fn check_group_send(&self, conversation: &ConversationId, app: &App) -> Result<(), ApiFailure> {
        let Some(Place::Group(_)) = self.directory.place_of(conversation) else {
            return Err(ApiFailure::bad(
                "invalid.openConversationId",
                "无效的openConversationId",
            ));
        };
        if self.directory.is_disbanded(conversation) {
            return Err(ApiFailure::bad("group.disbanded", "群已被解散"));
        }
        let inside = self
            .directory
            .group(conversation.as_str())
            .is_some_and(|group| group.bots.contains(&app.robot_code));
        if inside {
            Ok(())
        } else {
            Err(robot_not_found())
        }
    }
}

/// What a robot code is wanted for; an unknown one is refused differently.
#[derive(Clone, Copy)]
pub(crate) enum RobotUse {
    Direct,
    Group,
}

pub(crate) fn foreign_robot() -> ApiFailure {
    ApiFailure::bad(
        "invalidParameter.robotCode.auth",
        "此应用appkey和机器人robotCode不匹配，请检查robotCode是否正确",
    )
}

fn robot_not_found() -> ApiFailure {
    ApiFailure::bad("resource.not.found", "robot 不存在")
}

pub(crate) fn json_body(call: &Call) -> Result<Value, ApiFailure> {
    if !call.is_json() || call.body.is_empty() {
        return Err(ApiFailure::missing_body());
    }
    call.object()
        .ok_or_else(|| ApiFailure::bad("invalidParameter.param.invalid", "参数不是合法的JSON"))
}

/// `userIds`, without repetitions.
fn receivers(body: &Value, limit: usize) -> Result<Vec<PersonId>, ApiFailure> {
    let ids = body["userIds"]
        .as_array()
        .filter(|ids| !ids.is_empty())
        .ok_or_else(|| ApiFailure::bad("invalidParameter.userIds.empty", "userIds不能为空"))?;
    if ids.len() > limit {
        return Err(ApiFailure::bad(
            "invalidParameter.userIds.overMax",
            format!("userIds数量超过{limit}"),
        ));
    }
    let mut people: Vec<PersonId> = Vec::with_capacity(ids.len());
    for id in ids {
        let id = id
            .as_str()
            .filter(|id| !id.is_empty())
            .ok_or_else(|| ApiFailure::bad("invalidParameter.userId.empty", "userId不能为空"))?;
        if !people.iter().any(|person| *person == *id) {
            people.push(id.into());
        }
    }
    Ok(people)
}

pub(crate) fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body[name].as_str().filter(|text| !text.is_empty())
}
